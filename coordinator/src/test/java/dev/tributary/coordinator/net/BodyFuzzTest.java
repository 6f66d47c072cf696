package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.MaskedInput;
import dev.tributary.wire.v1.Unmask;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every body that a coordinator takes, bent at random from one that it would take: answered, or
 * refused by name, and never a failure. {@code -Dfuzz.bodies=N} sends N of each kind.
 */
@Timeout(600)
class BodyFuzzTest {
  private static final int BODIES = Integer.getInteger("fuzz.bodies", 60);
  private static final List<String> YAML =
      List.of(
          "&a [*a, *a, *a]",
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
          "!!javax.script.ScriptEngineManager []",
          "{<<: *b}",
          "1e999999999",
          "-0",
          "9999999999999999999999",
          "0x7fffffff",
          "~",
          "\"\\uD800\"",
          "- - - - -",
          "%YAML 9.9\n---",
          "? : ?",
          "|\n  text",
          "2147483647",
          "NaN",
          "1_000",
          "12:30:45",
          "true");

  @TempDir Path directory;

  /** Changed, cut, doubled, replaced or arbitrary bytes. */
  private static byte[] bent(Random random, byte[] good) {
    byte[] bytes = good.clone();
    for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return switch (random.nextInt(6)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> {
        byte[] twice = Arrays.copyOf(bytes, bytes.length * 2);
        System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
        yield twice;
      }
      case 2 -> {
        byte[] any = new byte[random.nextInt(40_000)];
        random.nextBytes(any);
        yield any;
      }
      case 3 -> {
        byte[] spliced = Arrays.copyOf(bytes, bytes.length + 11);
        int at = random.nextInt(bytes.length + 1);
        System.arraycopy(bytes, at, spliced, at + 11, bytes.length - at);
        for (int i = 0; i < 11; i++) {
          spliced[at + i] = (byte) (i < 10 ? 0xff : 0x7f); // a varint that does not end in time
        }
        yield spliced;
      }
      default -> bytes;
    };
  }

  private static BodyPublisher publisher(Random random, byte[] body) {
    return random.nextBoolean()
        ? BodyPublishers.ofByteArray(body)
        : BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
  }

  private static byte[] exchange(Random random) {
    ExchangeRequest.Builder request = ExchangeRequest.newBuilder().setWaitMillis(0);
    byte[] session = new byte[32];
    for (int i = random.nextInt(4); i > 0; i--) {
      Envelope.Builder message = Envelope.newBuilder().setSession(ByteString.copyFrom(session));
      switch (random.nextInt(4)) {
        case 0 -> message.setDecline(Decline.newBuilder().setCode("x".repeat(random.nextInt(99))));
        case 1 -> message.setMaskedInput(MaskedInput.newBuilder().setLength(random.nextLong()));
        case 2 ->
            message.setUnmask(
                Unmask.newBuilder().setMaskSeedShares(ByteString.copyFrom(new byte[999])));
        default -> {}
      }
      request.addMessages(message);
    }
    return request.setAcknowledged(random.nextLong()).build().toByteArray();
  }

  @Test
  void bodiesOfClients_areAnsweredOrRefusedByName() throws Exception {
    try (Live live =
            new Live(
                directory,
                Jobs.plain("cohort={size: 4, minimum: 3, population: 4}"),
                4,
                TrustAnchors.trustOnFirstUse(),
                Clock.systemUTC(),
                Limits.DEFAULTS);
        Identity identity = live.identity();
        Identity other = live.identity()) {
      String token = live.checkIn(identity);
      for (long seed = 0; seed < BODIES; seed++) {
        Random random = new Random(seed);
        byte[] checkIn = bent(random, live.checkInRequest(other, new byte[99]).toByteArray());
        byte[] withdrawal =
            bent(random, live.withdrawal(other, System.currentTimeMillis()).toByteArray());
        check(seed, live, live.request("/v1/check-in").POST(publisher(random, checkIn)));
        check(seed, live, live.request("/v1/jobs/small/check-in").POST(publisher(random, checkIn)));
        check(seed, live, live.request("/v1/withdraw").POST(publisher(random, withdrawal)));
        byte[] said = bent(random, exchange(random));
        check(seed, live, live.with(token, "/v1/exchange").POST(publisher(random, said)));
        check(
            seed,
            live,
            live.with(token, "/v1/inputs/" + "0".repeat(64))
                .header("Upload-Offset", Integer.toString(random.nextInt(3)))
                .PUT(publisher(random, said)));
      }
      assertThat(live.coordinator.status().get(20, TimeUnit.SECONDS)).hasSize(1);
      assertThat(live.send(live.request("/readyz")).statusCode()).isEqualTo(200);
    }
  }

  private static void check(long seed, Live live, HttpRequest.Builder request) throws Exception {
    HttpResponse<byte[]> response = live.send(request);
    assertThat(response.statusCode())
        .as("seed %d, %s", seed, response.request().uri().getPath())
        .isIn(200, 204, 400, 401, 403, 404, 409, 410, 413);
    if (response.statusCode() >= 400) {
      assertThat(Live.problem(response).getCode()).as("seed %d", seed).matches("[a-z-]+");
    }
  }

  @Test
  void jobFiles_areAnsweredOrRefusedByName() throws Exception {
    try (Live live = new Live(directory, TrustAnchors.trustOnFirstUse())) {
      String operator =
          "Bearer "
              + live.store
                  .tokens()
                  .create("test", "op", Role.OPERATOR, Duration.ofDays(1), new SecureRandom())
                  .secret()
                  .reveal();
      String good = Jobs.plain("cohort={size: 4, minimum: 3, population: 4}").source();
      for (long seed = 0; seed < BODIES; seed++) {
        Random random = new Random(seed);
        byte[] body =
            random.nextInt(3) == 0
                ? bent(random, good.getBytes(StandardCharsets.UTF_8))
                : spliced(random, good);
        HttpResponse<byte[]> response =
            live.send(live.with(operator, "/admin/v1/jobs").POST(publisher(random, body)));
        String text = new String(response.body(), StandardCharsets.UTF_8);
        assertThat(response.statusCode()).as("seed %d: %s", seed, text).isIn(201, 400, 409, 413);
        assertThat(text).as("seed %d", seed).doesNotContain("Exception", "\tat ");
      }
      live.store.auditLog().verify(null);
      assertThat(live.send(live.request("/readyz")).statusCode()).isEqualTo(200);
    }
  }

  /** A value, or a whole line, that a job file has not. */
  private static byte[] spliced(Random random, String good) throws Exception {
    List<String> lines = good.lines().toList();
    int at = random.nextInt(lines.size());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String odd = YAML.get(random.nextInt(YAML.size()));
      if (i == at) {
        line =
            switch (random.nextInt(4)) {
              case 0 -> odd;
              case 1 ->
                  line.replaceFirst(":.*", ": " + java.util.regex.Matcher.quoteReplacement(odd));
              case 2 -> line.replaceFirst("\\d+", java.util.regex.Matcher.quoteReplacement(odd));
              default -> line + "\n" + line;
            };
      }
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }
}
