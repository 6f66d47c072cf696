package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.access.Role;
import dev.tributary.secagg.TrustAnchors;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is sent to the administration is answered, and never by a failure. */
@Timeout(120)
class AdminFuzzTest {
  private static final int REQUESTS = 400;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final List<String> WORDS =
      List.of(
          "{\"name\":\"a\",\"role\":\"viewer\"}",
          "{",
          "}",
          "[",
          "\"days\":",
          "1e9",
          "-1",
          "null",
          "\u0000",
          "\"name\":",
          "\"role\":",
          "\"owner\"",
          "NaN",
          "\\ud800",
          "\uffff",
          " ",
          ",");

  @TempDir Path directory;

  @Test
  void anyRequest_isAnsweredOrRefusedByName() throws Exception {
    try (Live live = new Live(directory, Jobs.plain(), 30, TrustAnchors.trustOnFirstUse())) {
      String owner =
          live.store
              .tokens()
              .create("test", "owner", Role.OWNER, Duration.ofDays(1), new SecureRandom())
              .secret()
              .reveal();
      for (long seed = 0; seed < REQUESTS; seed++) {
        Random random = new Random(seed);
        HttpRequest.Builder request =
            live.request(path(random)).method(method(random), body(random));
        if (random.nextInt(10) > 0) {
          request.header("Authorization", authorization(random, owner));
        }
        HttpResponse<byte[]> response = live.send(request);
        String text = new String(response.body(), StandardCharsets.UTF_8);
        assertThat(response.statusCode())
            .as("seed %d: %s", seed, text)
            .isIn(200, 201, 400, 401, 404, 409, 413);
        if (response.statusCode() >= 400) {
          JsonNode problem = MAPPER.readTree(text);
          assertThat(problem.path("code").asText()).as("seed %d", seed).matches("[a-z-]+");
          assertThat(text).as("seed %d", seed).doesNotContain(owner);
        }
      }
      live.store.auditLog().verify(null);
    }
  }

  private static String method(Random random) {
    return List.of("GET", "POST", "POST", "PUT", "DELETE", "PATCH").get(random.nextInt(6));
  }

  private static String path(Random random) {
    AdminRoute[] routes = AdminRoute.values();
    String name = List.of("small", "owner", "x", "%2e%2e", "a%00", "-").get(random.nextInt(6));
    String path = routes[random.nextInt(routes.length)].path().replace("{name}", name);
    return switch (random.nextInt(5)) {
      case 0 -> path + "/";
      case 1 ->
          path + "?from=" + random.nextLong() + "&limit=" + random.nextInt() + "&limit=%ff&=&&from";
      case 2 -> "/admin/" + path.substring(random.nextInt(path.length()) / 2);
      default -> path;
    };
  }

  private static BodyPublisher body(Random random) {
    byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(20_000) : 0];
    random.nextBytes(bytes);
    if (bytes.length == 0) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        text.append(WORDS.get(random.nextInt(WORDS.size())));
      }
      bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    }
    byte[] whole = bytes;
    // With and without saying how long it is.
    return random.nextBoolean()
        ? BodyPublishers.ofByteArray(whole)
        : BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(whole));
  }

  private static String authorization(Random random, String owner) {
    return switch (random.nextInt(8)) {
      case 0 -> "Bearer " + owner.substring(0, random.nextInt(owner.length()));
      case 1 -> "Basic " + owner;
      case 2 -> "Bearer " + owner + " " + owner;
      case 3 -> "Bearer tributary_" + "f".repeat(random.nextInt(4_000));
      default -> "Bearer " + owner;
    };
  }
}
