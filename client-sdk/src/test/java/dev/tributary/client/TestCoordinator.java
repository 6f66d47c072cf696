package dev.tributary.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * The routes of a coordinator over HTTPS, and faults on demand. What happens in rounds is {@link
 * TestRounds}.
 */
final class TestCoordinator implements AutoCloseable {
  /** What may go wrong, for as often as it is asked for. */
  static final class Faults {
    volatile int unavailable; // requests answered 503, with a window of 7 s
    volatile int notYet; // check-ins answered without a token, with a window of 9 s
    volatile boolean oldTls;
    volatile int forgetTokens; // exchanges answered 401
    volatile int breakUploads; // uploads cut after half of their bytes
    volatile boolean tamperModel; // for the first member
    volatile int breakDownloads; // models cut after half of their bytes
    volatile int stall; // models that stand still after half of their bytes, inputs after all
    volatile boolean ignoreRanges;
    volatile int modelBytes; // if not 0, the length of a model that is too long
    volatile boolean over; // inputs answered 410
    volatile boolean refuseCheckIn;
    volatile int longestPoll = 30_000; // milliseconds
    volatile int loseWithdrawals; // heard, and not answered
    volatile boolean strangeClock; // no time is right
    volatile boolean garbage;
    volatile boolean otherKeyAfterCheckIn;
  }

  final Faults faults = new Faults();
  final TestRounds rounds;
  final List<String> requests = new CopyOnWriteArrayList<>();
  final List<String> proxyLogins = new CopyOnWriteArrayList<>();
  final List<String> ranges = new CopyOnWriteArrayList<>();
  final List<ByteString> withdrawn = new CopyOnWriteArrayList<>();
  private final Cohort cohort;
  private final TlsIdentity tls;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Integer> members = new ConcurrentHashMap<>();
  private final Map<String, byte[]> uploads = new ConcurrentHashMap<>();
  private HttpsServer server;

  TestCoordinator(Cohort cohort, Path directory, TestRounds rounds) throws Exception {
    this.cohort = cohort;
    this.rounds = rounds;
    tls = TlsIdentity.createOrLoad(Files.createDirectories(directory), List.of("localhost"));
    server = listen(0);
  }

  URI address() {
    return URI.create("https://localhost:" + server.getAddress().getPort());
  }

  URI address(int port) {
    return URI.create("https://localhost:" + port);
  }

  String fingerprint() {
    return tls.fingerprint();
  }

  private HttpsServer listen(int port) throws Exception {
    HttpsServer fresh =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
    fresh.setHttpsConfigurator(
        new HttpsConfigurator(context()) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters tls = getSSLContext().getDefaultSSLParameters();
            tls.setProtocols(new String[] {faults.oldTls ? "TLSv1.2" : "TLSv1.3"});
            parameters.setSSLParameters(tls);
          }
        });
    fresh.setExecutor(threads);
    fresh.createContext("/", this::handle);
    fresh.start();
    return fresh;
  }

  /** Stops listening, as a killed process does. */
  int goAway() {
    int port = server.getAddress().getPort();
    server.stop(0);
    return port;
  }

  /** Listens again, and knows no token any more. */
  void comeBack(int port) throws Exception {
    members.clear();
    server = listen(port);
  }

  private SSLContext context() throws Exception {
    byte[] key =
        Base64.getMimeDecoder()
            .decode(Files.readString(tls.keyPem()).replaceAll("-----[A-Z ]+-----", ""));
    Certificate certificate =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(Files.readAllBytes(tls.certificatePem())));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server",
        KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)),
        new char[0],
        new Certificate[] {certificate});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private void handle(HttpExchange http) throws IOException {
    String path = http.getRequestURI().getPath();
    requests.add(http.getRequestMethod() + " " + path);
    if (http.getRequestHeaders().containsKey("Proxy-Authorization")) {
      proxyLogins.add(path);
    }
    try (http) {
      if (faults.unavailable > 0) {
        faults.unavailable--;
        http.getResponseHeaders().set("Retry-After", "7");
        problem(http, 503, "unavailable");
      } else if (faults.garbage) {
        bytes(http, 200, "<html>hello</html>".getBytes());
      } else if (path.equals("/v1/coordinator")) {
        message(http, CheckInReply.newBuilder().setCoordinatorKey(key()).build());
      } else if (path.equals("/v1/check-in")
          || path.equals("/v1/jobs/" + Cohort.TASK + "/check-in")
          || path.equals("/v1/jobs/another/check-in")) {
        checkIn(http);
      } else if (path.equals("/v1/withdraw")) {
        withdraw(http);
      } else {
        authorised(http, path);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ByteString key() {
    return ByteString.copyFrom(cohort.coordinator.publicKey());
  }

  private void withdraw(HttpExchange http) throws IOException {
    CheckInRequest request = CheckInRequest.parseFrom(http.getRequestBody());
    if (!Handshake.verifyWithdrawal(
        request.getIdentity().toByteArray(),
        request.getSignature().toByteArray(),
        cohort.coordinator.publicKey(),
        request.getNonce().toByteArray(),
        request.getTimeMillis())) {
      problem(http, 403, "withdrawal-signature");
      return;
    }
    withdrawn.add(request.getIdentity());
    if (faults.loseWithdrawals > 0) {
      faults.loseWithdrawals--;
      return;
    }
    message(http, CheckInReply.newBuilder().setCoordinatorKey(key()).build());
  }

  private void checkIn(HttpExchange http) throws IOException {
    CheckInRequest request = CheckInRequest.parseFrom(http.getRequestBody());
    Instant signedAt = Instant.ofEpochMilli(request.getTimeMillis());
    if (faults.strangeClock || Duration.between(signedAt, Instant.now()).abs().toMinutes() >= 15) {
      problem(http, 403, "check-in-clock"); // the server adds its Date
      return;
    }
    boolean signed =
        Handshake.verifyCheckIn(
            request.getIdentity().toByteArray(),
            request.getSignature().toByteArray(),
            cohort.coordinator.publicKey(),
            request.getNonce().toByteArray(),
            request.getTimeMillis());
    if (!signed || faults.refuseCheckIn) {
      problem(http, 403, "not-wanted");
      return;
    }
    if (faults.notYet > 0) {
      faults.notYet--;
      message(
          http,
          CheckInReply.newBuilder().setCoordinatorKey(key()).setRetryAfterMillis(9_000).build());
      return;
    }
    int member = rounds.enrol(request.getIdentity().toByteArray());
    byte[] token = cohort.seed.derive("token", member, requests.size()).bytes();
    members.put(HexFormat.of().formatHex(token), member);
    ByteString shown = faults.otherKeyAfterCheckIn ? ByteString.copyFrom(new byte[32]) : key();
    message(
        http,
        CheckInReply.newBuilder()
            .setToken(ByteString.copyFrom(token))
            .setCoordinatorKey(shown)
            .setTask(Cohort.TASK)
            .build());
  }

  private void authorised(HttpExchange http, String path) throws IOException, InterruptedException {
    String bearer = String.valueOf(http.getRequestHeaders().getFirst("Authorization"));
    Integer member = members.get(bearer.replace("Bearer ", ""));
    if (member == null || faults.forgetTokens > 0) {
      faults.forgetTokens = Math.max(0, faults.forgetTokens - 1);
      problem(http, 401, "token-unknown");
    } else if (path.equals("/v1/exchange")) {
      ExchangeRequest asked = ExchangeRequest.parseFrom(http.getRequestBody());
      int wait = Math.min(asked.getWaitMillis(), faults.longestPoll);
      ExchangeRequest request = asked.toBuilder().setWaitMillis(wait).build();
      ExchangeReply reply = rounds.exchange(member, request, sid -> body(sid, member));
      message(http, reply);
    } else if (path.startsWith("/v1/models/")) {
      byte[] model = faults.modelBytes > 0 ? new byte[faults.modelBytes] : cohort.model.toBytes();
      if (faults.tamperModel && member == 0) {
        model[model.length - 1] ^= 1;
      }
      model(http, model);
    } else if (faults.over) {
      http.sendResponseHeaders(410, -1);
    } else if (path.startsWith("/v1/inputs/")) {
      input(http, path.substring("/v1/inputs/".length()) + "/" + member);
    } else {
      problem(http, 404, "no-such-route");
    }
  }

  private void model(HttpExchange http, byte[] model) throws IOException {
    String range = http.getRequestHeaders().getFirst("Range");
    ranges.add(range == null ? "" : range);
    if (faults.breakDownloads > 0) {
      faults.breakDownloads--;
      http.sendResponseHeaders(200, model.length);
      http.getResponseBody().write(model, 0, model.length / 2);
      http.getResponseBody().flush();
    } else if (faults.stall > 0) {
      faults.stall--;
      http.sendResponseHeaders(200, model.length);
      http.getResponseBody().write(model, 0, model.length / 2);
      http.getResponseBody().flush();
      standStill();
    } else if (range == null || faults.ignoreRanges) {
      bytes(http, 200, model);
    } else {
      int from = Integer.parseInt(range.replaceAll("\\D", ""));
      bytes(http, 206, java.util.Arrays.copyOfRange(model, from, model.length));
    }
  }

  /** Until the server closes. */
  private static void standStill() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private byte[] body(String session, int member) {
    return uploads.getOrDefault(session + "/" + member, new byte[0]);
  }

  private void input(HttpExchange http, String key) throws IOException {
    byte[] before = uploads.getOrDefault(key, new byte[0]);
    if (http.getRequestMethod().equals("HEAD")) {
      offset(http, 200, before.length);
      return;
    }
    long offset = Long.parseLong(http.getRequestHeaders().getFirst("Upload-Offset"));
    if (offset != before.length) {
      offset(http, 409, before.length);
      return;
    }
    byte[] more = http.getRequestBody().readAllBytes();
    boolean broken = faults.breakUploads > 0;
    int kept = broken ? more.length / 2 : more.length;
    byte[] after = java.util.Arrays.copyOf(before, before.length + kept);
    System.arraycopy(more, 0, after, before.length, kept);
    uploads.put(key, after);
    if (faults.stall > 0) {
      faults.stall--;
      standStill();
    } else if (broken) {
      faults.breakUploads--;
      problem(http, 503, "cut");
    } else {
      offset(http, 204, after.length);
    }
  }

  private static void offset(HttpExchange http, int status, long offset) throws IOException {
    http.getResponseHeaders().set("Upload-Offset", Long.toString(offset));
    http.sendResponseHeaders(status, -1);
  }

  private static void problem(HttpExchange http, int status, String code) throws IOException {
    Problem problem =
        Problem.newBuilder().setCode(code).setMessage("A test said " + code + ".").build();
    http.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    bytes(http, status, problem.toByteArray());
  }

  private static void message(HttpExchange http, MessageLite message) throws IOException {
    http.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    bytes(http, 200, message.toByteArray());
  }

  private static void bytes(HttpExchange http, int status, byte[] body) throws IOException {
    http.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    http.getResponseBody().write(body);
  }

  long count(String request) {
    return requests.stream().filter(request::equals).count();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    rounds.close();
  }
}
