package dev.tributary.coordinator.net;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.JobHost;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.PostgresSettings;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** A coordinator over HTTPS on a free port, and a client that is nothing but requests. */
final class Live implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();

  final Store store;
  final Coordinator coordinator;

  /** What an operator reads of submitted jobs. */
  final StringWriter said = new StringWriter();

  final CoordinatorMetrics metrics = new CoordinatorMetrics();
  private final HttpServer server;
  private final HttpClient http;

  Live(Path directory, Job job, int population, TrustAnchors trust) {
    this(directory, job, population, trust, Clock.systemUTC());
  }

  Live(Path directory, Job job, int population, TrustAnchors trust, Clock clock) {
    this(directory, job, population, trust, clock, Limits.DEFAULTS);
  }

  Live(Path directory, Job job, int population, TrustAnchors trust, Clock clock, Limits limits) {
    this(directory, job, population, trust, clock, limits, null);
  }

  /** The same for clients with certificates. */
  Live(
      Path directory,
      Job job,
      int population,
      TrustAnchors trust,
      Clock clock,
      Limits limits,
      @Nullable ClientCertificates certificates) {
    store = Store.open(directory, Durability.MEMORY);
    coordinator =
        Coordinator.open(
            store,
            new Coordinator.Settings(
                job,
                population,
                trust,
                new InsecurePlainSum(),
                null,
                metrics.of(job.name()),
                clock,
                2));
    TlsIdentity tls = TlsIdentity.createOrLoad(directory, List.of("localhost", "127.0.0.1"));
    server = HttpServer.start(coordinator, metrics, tls, "127.0.0.1", 0, limits, certificates);
    http = client();
  }

  /** A coordinator of the jobs that are submitted to it. */
  Live(Path directory, TrustAnchors trust) {
    this(directory, trust, 2, host -> host);
  }

  /** One of the coordinators of submitted jobs that share a database. */
  Live(Path directory, PostgresSettings database, TrustAnchors trust) {
    store = Store.share(directory, database);
    SubmittedJobs jobs =
        new SubmittedJobs(new PrintWriter(said), metrics, trust, suite -> new InsecurePlainSum());
    coordinator =
        Coordinator.open(store, new Coordinator.Submitted(trust, Clock.systemUTC(), 2, jobs));
    TlsIdentity tls = TlsIdentity.createOrLoad(directory, List.of("localhost", "127.0.0.1"));
    server = HttpServer.start(coordinator, metrics, tls, "127.0.0.1", 0);
    coordinator.join("https://127.0.0.1:" + server.port(), tls.fingerprint());
    http = client();
  }

  /** The same with so many threads for each job, and something around its host. */
  Live(Path directory, TrustAnchors trust, int workers, UnaryOperator<JobHost> around) {
    store = Store.open(directory, Durability.MEMORY);
    SubmittedJobs jobs =
        new SubmittedJobs(new PrintWriter(said), metrics, trust, suite -> new InsecurePlainSum());
    coordinator =
        Coordinator.open(
            store,
            new Coordinator.Submitted(trust, Clock.systemUTC(), workers, around.apply(jobs)));
    TlsIdentity tls = TlsIdentity.createOrLoad(directory, List.of("localhost", "127.0.0.1"));
    server = HttpServer.start(coordinator, metrics, tls, "127.0.0.1", 0);
    http = client();
  }

  /** Whether what meets a coordinator that stands still is sent again, as a client would. */
  volatile boolean again;

  int port() {
    return server.port();
  }

  Identity identity() {
    return Identity.generate(RANDOM);
  }

  /**
   * The coordinators that requests go to, one after the other; this one alone if there is none. An
   * upload stays where it has begun.
   */
  volatile List<Live> spread = List.of();

  private final AtomicInteger next = new AtomicInteger();

  HttpRequest.Builder request(String path) {
    List<Live> to = spread;
    Live live =
        to.isEmpty() || path.startsWith("/v1/inputs/")
            ? this
            : to.get(next.getAndIncrement() % to.size());
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + live.port() + path));
  }

  HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response;
    do {
      response = http.send(request.build(), BodyHandlers.ofByteArray());
      if (again && response.statusCode() == 503) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    } while (again && response.statusCode() == 503);
    return response;
  }

  HttpResponse<byte[]> post(String path, MessageLite body) throws Exception {
    return send(request(path).POST(BodyPublishers.ofByteArray(body.toByteArray())));
  }

  static Problem problem(HttpResponse<byte[]> response) throws IOException {
    return Problem.parseFrom(response.body());
  }

  CheckInRequest checkInRequest(Identity identity, byte[] certificate) {
    byte[] nonce = new byte[32];
    RANDOM.nextBytes(nonce);
    return checkInRequest(identity, certificate, nonce, System.currentTimeMillis());
  }

  CheckInRequest checkInRequest(Identity identity, byte[] certificate, byte[] nonce, long time) {
    return CheckInRequest.newBuilder()
        .setIdentity(ByteString.copyFrom(identity.publicKey()))
        .setCertificate(ByteString.copyFrom(certificate))
        .setNonce(ByteString.copyFrom(nonce))
        .setTimeMillis(time)
        .setSignature(
            ByteString.copyFrom(
                Handshake.signCheckIn(identity, coordinator.publicKey(), nonce, time)))
        .setVersion("test")
        .build();
  }

  CheckInRequest withdrawal(Identity identity, long time) {
    byte[] nonce = new byte[32];
    RANDOM.nextBytes(nonce);
    byte[] signature = Handshake.signWithdrawal(identity, coordinator.publicKey(), nonce, time);
    return checkInRequest(identity, new byte[0], nonce, time).toBuilder()
        .setSignature(ByteString.copyFrom(signature))
        .build();
  }

  /** Checks in and returns the token as it stands in headers. */
  String checkIn(Identity identity) throws Exception {
    return checkIn("/v1/check-in", identity);
  }

  /** The same for a job of that name. */
  String checkInTo(String job, Identity identity) throws Exception {
    return checkIn("/v1/jobs/" + job + "/check-in", identity);
  }

  private String checkIn(String path, Identity identity) throws Exception {
    HttpResponse<byte[]> response = post(path, checkInRequest(identity, new byte[0]));
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + " " + problem(response));
    }
    return "Bearer "
        + HexFormat.of()
            .formatHex(CheckInReply.parseFrom(response.body()).getToken().toByteArray());
  }

  HttpResponse<byte[]> exchangeRaw(String token, ExchangeRequest request) throws Exception {
    return send(
        request("/v1/exchange")
            .header("Authorization", token)
            .POST(BodyPublishers.ofByteArray(request.toByteArray())));
  }

  ExchangeReply exchange(String token, ExchangeRequest.Builder request) throws Exception {
    HttpResponse<byte[]> response = exchangeRaw(token, request.build());
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + " " + problem(response));
    }
    return ExchangeReply.parseFrom(response.body());
  }

  HttpRequest.Builder with(String token, String path) {
    return request(path).header("Authorization", token);
  }

  HttpResponse<byte[]> put(String token, ByteString session, long offset, byte[] bytes)
      throws Exception {
    return put(token, session, offset, BodyPublishers.ofByteArray(bytes));
  }

  HttpResponse<byte[]> put(
      String token, ByteString session, long offset, HttpRequest.BodyPublisher body)
      throws Exception {
    return send(
        with(token, "/v1/inputs/" + HexFormat.of().formatHex(session.toByteArray()))
            .header("Upload-Offset", Long.toString(offset))
            .PUT(body));
  }

  HttpResponse<byte[]> head(String token, ByteString session) throws Exception {
    return send(
        with(token, "/v1/inputs/" + HexFormat.of().formatHex(session.toByteArray()))
            .method("HEAD", BodyPublishers.noBody()));
  }

  @Override
  public void close() {
    server.close();
    coordinator.close();
    store.close();
  }

  private static HttpClient client() {
    return HttpClient.newBuilder()
        .sslContext(trusting())
        .version(HttpClient.Version.HTTP_2)
        .build();
  }

  static SSLContext trusting() {
    return trusting(null);
  }

  /** The same, with something to show. */
  static SSLContext trusting(KeyManager @Nullable [] shown) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(shown, new TrustManager[] {new Anyone()}, RANDOM);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Trusts any server: what is tested here is the server's side. */
  private static final class Anyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
