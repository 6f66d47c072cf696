package dev.tributary.coordinator.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.coordinator.store.ClientTokens;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.Tokens;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in at all: credentials of every route, numbers of requests, and their heads. */
@Timeout(120)
class FrontGateTest {
  private static final String DIGEST = "0".repeat(64);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Instant NOW = Instant.now();
  private static final ByteString OTHER = ByteString.copyFrom(new byte[32]);

  /** Every path of {@link Routes} with what it takes: a client's token or nothing. */
  private static final Map<String, Boolean> CLIENT_ROUTES =
      Map.ofEntries(
          Map.entry("POST /v1/check-in", false),
          Map.entry("POST /v1/withdraw", false),
          Map.entry("POST /v1/exchange", true),
          Map.entry("GET /v1/coordinator", false),
          Map.entry("GET /v1/models/([0-9a-f]{64})", true),
          Map.entry("(HEAD|PUT) /v1/inputs/([0-9a-f]{64})", true),
          Map.entry("POST /v1/jobs/([a-z0-9][a-z0-9-]{0,63})/check-in", false),
          Map.entry("GET /healthz", false),
          Map.entry("GET /readyz", false),
          Map.entry("GET /metrics", false));

  @TempDir Path directory;

  private Live live(Limits limits) {
    Job job = Jobs.plain("cohort={size: 4, minimum: 3, population: 4}");
    return new Live(directory, job, 4, TrustAnchors.trustOnFirstUse(), Clock.systemUTC(), limits);
  }

  private static int status(Live live, String method, String path, String authorization)
      throws Exception {
    HttpRequest.Builder request =
        live.request(path).method(method, BodyPublishers.ofByteArray(new byte[0]));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return live.send(request).statusCode();
  }

  /**
   * Every route with no, malformed, unknown, the other side's, expired, revoked and each role's
   * credentials. The routes of clients are read from the source of the router, so that one that is
   * added must be named here.
   */
  @Test
  void everyRoute_takesItsOwnCredentialsAlone() throws Exception {
    String source =
        Files.readString(Path.of("src/main/java/dev/tributary/coordinator/net/Routes.java"));
    Matcher found =
        Pattern.compile("\"((?:GET|PUT|POST|DELETE|PATCH|HEAD|\\([A-Z|]+\\)) /[^\"]+)\"")
            .matcher(source);
    TreeSet<String> routes = new TreeSet<>();
    while (found.find()) {
      routes.add(found.group(1));
    }
    assertThat(routes).hasSizeGreaterThan(8);
    assertThat(CLIENT_ROUTES.keySet()).containsAll(routes);

    try (Live live = live(Limits.DEFAULTS);
        Identity identity = live.identity()) {
      String client = live.checkIn(identity);
      Map<String, String> wrong = new LinkedHashMap<>();
      wrong.put("none", "");
      wrong.put("malformed", "Bearer x");
      wrong.put("basic", "Basic QTpC");
      wrong.put("unknown", "Bearer " + DIGEST);
      wrong.put("unknown of people", "Bearer tributary_" + DIGEST);
      byte[] good = HexFormat.of().parseHex(client.substring("Bearer ".length()));
      wrong.put("truncated", client.substring(0, client.length() - 2));
      wrong.put("half a byte", client.substring(0, client.length() - 1));
      wrong.put("longer", client + "00");
      for (int at : List.of(0, 1, 9, 17, 25, 60, good.length - 33, good.length - 1)) {
        byte[] flipped = good.clone();
        flipped[at] ^= 1;
        wrong.put("a bit flipped in byte " + at, "Bearer " + HexFormat.of().formatHex(flipped));
      }
      ByteString key = ByteString.copyFrom(identity.publicKey());
      wrong.put("of a job that is not here", client(live.store, "other", key, Instant.now()));
      wrong.put("of an identity that did not check in", client(live.store, "small", OTHER, NOW));
      wrong.put("of another coordinator", ofAnotherCoordinator(key));
      String expired = client(live.store, "small", key, NOW.minus(Duration.ofHours(2)));
      wrong.put("expired client token", expired);
      Tokens tokens = live.store.tokens();
      Map<Role, String> people = new LinkedHashMap<>();
      for (Role role : Role.values()) {
        people.put(role, bearer(tokens.create("t", role.word(), role, Duration.ofDays(1), RANDOM)));
      }
      Tokens.Issued revoked = tokens.create("t", "gone", Role.OWNER, Duration.ofDays(1), RANDOM);
      tokens.revoke("t", "gone");

      for (String route : routes) {
        boolean takesToken = Boolean.TRUE.equals(CLIENT_ROUTES.get(route));
        String path =
            route
                .replaceAll(".* ", "")
                .replace("([0-9a-f]{64})", DIGEST)
                .replaceAll("\\(.*\\)", "small");
        for (String method : route.replaceAll("[ ].*", "").replaceAll("[()]", "").split("\\|")) {
          Map<String, String> shown = new LinkedHashMap<>(wrong);
          shown.put("an owner's", people.get(Role.OWNER));
          if (!takesToken) {
            shown.keySet().removeIf(name -> name.startsWith("a bit flipped"));
          }
          for (Map.Entry<String, String> each : shown.entrySet()) {
            int status = status(live, method, path, each.getValue());
            if (takesToken) {
              assertThat(status).as("%s %s %s", method, path, each.getKey()).isEqualTo(401);
            } else {
              assertThat(status).as("%s %s %s", method, path, each.getKey()).isNotEqualTo(401);
            }
          }
          if (takesToken && !method.equals("PUT")) {
            assertThat(status(live, method, path, client))
                .as("%s %s by a client", method, path)
                .isNotIn(401, 403);
          }
        }
      }
      HttpResponse<byte[]> told =
          live.exchangeRaw(expired, dev.tributary.wire.v1.ExchangeRequest.getDefaultInstance());
      assertThat(Live.problem(told).getCode()).isEqualTo("token-expired");
      wrong.keySet().removeIf(name -> name.startsWith("a bit flipped"));
      wrong.put("a client's", client);
      wrong.put("revoked", bearer(revoked));
      for (AdminRoute route : AdminRoute.values()) {
        if (route.permission() == null) {
          continue;
        }
        String path = route.path().replace("{name}", "nobody");
        for (Map.Entry<String, String> each : wrong.entrySet()) {
          assertThat(status(live, route.method(), path, each.getValue()))
              .as("%s %s %s", route.method(), path, each.getKey())
              .isEqualTo(401);
        }
        for (Map.Entry<Role, String> each : people.entrySet()) {
          int status = status(live, route.method(), path, each.getValue());
          assertThat(status == 403)
              .as("%s %s by %s: %d", route.method(), path, each.getKey(), status)
              .isEqualTo(!each.getKey().may(route.permission()));
          assertThat(status).isNotEqualTo(401);
        }
      }
      assertThat(live.metrics.scrape())
          .containsPattern("tributary_administration_refused_total\\{status=\"401\"} \\d\\d")
          .containsPattern("tributary_administration_refused_total\\{status=\"403\"} \\d");
    }
  }

  private static String client(Store store, String job, ByteString identity, Instant issued) {
    ByteString token = store.clientTokens().issue(job, identity, issued, ClientTokens.LIFETIME);
    return "Bearer " + HexFormat.of().formatHex(token.toByteArray());
  }

  private String ofAnotherCoordinator(ByteString identity) {
    try (Store other = Store.open(directory.resolve("other"), Durability.MEMORY)) {
      return client(other, "small", identity, NOW);
    }
  }

  private static String bearer(Tokens.Issued issued) {
    return "Bearer " + issued.secret().reveal();
  }

  @Test
  void requests_beyondTheRate_areRefusedBeforeAnythingIsRead() throws Exception {
    try (Live live = live(new Limits(1, 3, 1, 3, Duration.ofSeconds(20), Duration.ofMinutes(1)))) {
      HttpResponse<byte[]> reply;
      int served = 0;
      do {
        reply = live.send(live.request("/v1/coordinator"));
        served++;
      } while (reply.statusCode() == 200 && served < 100);
      assertThat(served).isBetween(4, 50);
      assertThat(reply.statusCode()).isEqualTo(429);
      assertThat(reply.headers().firstValue("Retry-After")).contains("1");
      assertThat(reply.headers().firstValue("X-Request-Id")).isPresent();
      assertThat(Live.problem(reply).getCode()).isEqualTo("too-many-requests");
      HttpResponse<byte[]> admin;
      do {
        admin = live.send(live.request("/admin/v1/jobs"));
      } while (admin.statusCode() != 429);
      assertThat(admin.headers().firstValue("Retry-After")).contains("1");
      assertThat(admin.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(new String(admin.body(), UTF_8)).contains("\"too-many-requests\"");
      await().until(() -> live.send(live.request("/healthz")).statusCode() == 200);
      assertThat(live.metrics.scrape()).containsPattern("tributary_requests_limited_total [1-9]");
    }
  }

  @Test
  void requests_ofOneClientBeyondItsRate_leaveOthersAlone() throws Exception {
    try (Live live =
        live(new Limits(1_000, 1_000, 1, 2, Duration.ofSeconds(20), Duration.ofMinutes(1)))) {
      String greedy = "Bearer " + "1".repeat(64);
      for (int i = 0; i < 20; i++) {
        status(live, "GET", "/v1/models/" + DIGEST, greedy);
      }
      assertThat(status(live, "GET", "/v1/models/" + DIGEST, greedy)).isEqualTo(429);
      assertThat(status(live, "GET", "/v1/models/" + DIGEST, "Bearer " + DIGEST)).isEqualTo(401);
      assertThat(status(live, "GET", "/healthz", "")).isEqualTo(200);
    }
  }

  @Test
  void paths_thatClimb_findNothing() throws Exception {
    try (Live live = live(Limits.DEFAULTS)) {
      for (String path :
          List.of(
              "/v1/models/..%2f..%2fcoordinator-key.pem",
              "/v1/models/%2e%2e/%2e%2e/tributary.db",
              "/v1/inputs/../../tributary.db",
              "/admin/v1/../../healthz/../coordinator-key.pem",
              "/admin/v1/jobs/..%2f..%2ftokens",
              "//etc/passwd",
              "/%00")) {
        HttpRequest.Builder request =
            HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + live.port() + path));
        assertThat(live.send(request).statusCode()).as(path).isIn(400, 401, 404);
      }
    }
  }

  /** What a server that reads on and on would wait for, or keep. */
  @Test
  void connections_thatNeverFinishAHead_orSendTooLongOnes_areClosed() throws Exception {
    try (Live live =
        live(new Limits(1_000, 1_000, 100, 100, Duration.ofMillis(500), Duration.ofMinutes(1)))) {
      try (SSLSocket slow = socket(live)) {
        OutputStream out = slow.getOutputStream();
        out.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n".getBytes(UTF_8));
        out.flush();
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> {
                  try {
                    out.write("X: y\r\n".getBytes(UTF_8)); // Drop by drop, as long as it is taken.
                    out.flush();
                    return false;
                  } catch (IOException closed) {
                    return true;
                  }
                });
      }
      for (String head :
          List.of(
              "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(20_000) + "\r\n\r\n",
              "GET /" + "y".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
              "POST /v1/check-in HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n",
              "POST /v1/check-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")) {
        try (SSLSocket socket = socket(live)) {
          socket.setSoTimeout(20_000);
          socket.getOutputStream().write(head.getBytes(UTF_8));
          socket.getOutputStream().flush();
          InputStream in = socket.getInputStream();
          String first = new String(in.readNBytes(12), UTF_8);
          assertThat(first)
              .as(head.substring(0, 40))
              .containsPattern("^(HTTP/1\\.[01] 4(00|13|14|31))?$");
        }
      }
      assertThat(status(live, "GET", "/healthz", "")).isEqualTo(200);
    }
  }

  /** What it says to a request; nothing where it has hung up. */
  private static String healthz(SSLSocket socket) {
    try {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8));
      return new String(socket.getInputStream().readNBytes(8), UTF_8);
    } catch (IOException closed) {
      return "";
    }
  }

  @Test
  void connections_ofOneAddressBeyondItsNumber_areClosed() throws Exception {
    try (Live live =
            live(new Limits(3, 3, 100, 100, Duration.ofSeconds(20), Duration.ofMinutes(1)));
        SSLSocket second = socket(live);
        SSLSocket third = socket(live)) {
      SSLSocket first = socket(live);
      for (SSLSocket each : List.of(first, second, third)) {
        assertThat(healthz(each)).isEqualTo("HTTP/1.1");
      }
      try (SSLSocket fourth = socket(live)) {
        assertThat(healthz(fourth)).isEmpty();
      }
      assertThat(live.metrics.scrape()).containsPattern("tributary_requests_limited_total [1-9]");
      assertThat(healthz(second)).isNotEmpty();
      first.close();
      await()
          .until(
              () -> {
                try (SSLSocket again = socket(live)) {
                  return healthz(again).equals("HTTP/1.1");
                }
              });
    }
  }

  private static SSLSocket socket(Live live) throws IOException {
    SSLSocket socket =
        (SSLSocket) Live.trusting().getSocketFactory().createSocket("127.0.0.1", live.port());
    socket.startHandshake();
    return socket;
  }
}
