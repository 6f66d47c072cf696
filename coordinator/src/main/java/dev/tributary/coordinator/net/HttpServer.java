package dev.tributary.coordinator.net;

import dev.tributary.coordinator.Cluster;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.secagg.TlsIdentity;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.net.BindException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 over TLS 1.3, mapped onto a {@link Coordinator}. Nothing is decided here.
 *
 * <p>Windows: 64 KiB a stream, more or less for uploads that are announced ({@link Windows}), and 8
 * MiB a connection.
 */
public final class HttpServer implements AutoCloseable {
  private static final int CONNECTION_WINDOW = 8 << 20;
  private static final int STREAMS = 4096;
  private static final int HEADER_BYTES = 8 << 10;
  private static final int PATH_BYTES = 4 << 10;
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** How often files of authorities are looked at. */
  private static final Duration LOOK = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final io.vertx.core.http.HttpServer server;
  private final Blocking blocking;

  private HttpServer(Vertx vertx, io.vertx.core.http.HttpServer server, Blocking blocking) {
    this.blocking = blocking;
    this.vertx = vertx;
    this.server = server;
  }

  /**
   * Listens.
   *
   * @param port 0 for any free one
   * @throws ServerException if the port is taken or the address is not this machine's
   */
  public static HttpServer start(
      Coordinator coordinator, CoordinatorMetrics metrics, TlsIdentity tls, String host, int port) {
    return start(coordinator, metrics, tls, host, port, Limits.DEFAULTS);
  }

  /** The same with limits of one's own. */
  public static HttpServer start(
      Coordinator coordinator,
      CoordinatorMetrics metrics,
      TlsIdentity tls,
      String host,
      int port,
      Limits limits) {
    return start(coordinator, metrics, tls, host, port, limits, null);
  }

  /** The same for clients with certificates alone; null for everybody. */
  static HttpServer start(
      Coordinator coordinator,
      CoordinatorMetrics metrics,
      TlsIdentity tls,
      String host,
      int port,
      Limits limits,
      @Nullable ClientCertificates certificates) {
    if (certificates == null) {
      coordinator.clientAuthorities(null);
    } else {
      certificates.noteTo(coordinator::clientAuthorities);
    }
    Vertx vertx = vertx();
    Cluster cluster = coordinator.cluster();
    NodeProxy nodes = cluster == null ? null : new NodeProxy(vertx, cluster);
    SlowClients slow = new SlowClients(vertx, limits.slowBody(), metrics);
    Windows windows = new Windows();
    Blocking blocking = new Blocking(vertx);
    Bodies bodies = new Bodies(vertx, limits.bodies(), metrics, slow);
    Routes routes = new Routes(vertx, coordinator, metrics, nodes, slow, windows, blocking, bodies);
    FrontGate gate =
        new FrontGate(
            vertx,
            limits,
            metrics,
            routes,
            request -> nodes != null && nodes.isNode(request),
            System::nanoTime,
            certificates,
            slow,
            windows);
    HttpServerOptions options = options(tls, host, port);
    if (certificates != null) {
      options
          .setClientAuth(ClientAuth.REQUEST)
          .setTrustOptions(TrustOptions.wrap(new JudgedLater()));
      vertx.setPeriodic(
          LOOK.toMillis(), look -> blocking.run(Executors.callable(certificates::look)));
    }
    io.vertx.core.http.HttpServer server =
        vertx.createHttpServer(options).connectionHandler(gate::opened).requestHandler(gate);
    try {
      server.listen().toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      closed(vertx);
      throw refusal(host, port, e.getCause() == null ? e : e.getCause());
    }
    return new HttpServer(vertx, server, blocking);
  }

  /** The port that it listens on. */
  public int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    ended(server.close().toCompletionStage());
    ended(blocking.end());
    closed(vertx);
  }

  /** What serves, with its threads; for measurements of a bare handler beside a coordinator. */
  public static Vertx vertx() {
    return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setPreferNativeTransport(false));
  }

  /** How a coordinator listens. */
  public static HttpServerOptions options(TlsIdentity tls, String host, int port) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(STREAMS)
                    .setMaxHeaderListSize(HEADER_BYTES)
                    .setInitialWindowSize(Windows.FIRST))
            .setHttp2ConnectionWindowSize(CONNECTION_WINDOW);
    options.setMaxHeaderSize(HEADER_BYTES).setMaxInitialLineLength(PATH_BYTES);
    options.setHost(host).setPort(port);
    options
        .setSsl(true)
        .setUseAlpn(true)
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .addCertPath(tls.certificatePem().toString())
                .addKeyPath(tls.keyPem().toString()));
    options.setIdleTimeout((int) IDLE.toSeconds()).setIdleTimeoutUnit(TimeUnit.SECONDS);
    return options;
  }

  private static ServerException refusal(String host, int port, Throwable cause) {
    if (cause instanceof BindException && String.valueOf(cause.getMessage()).contains("in use")) {
      return new ServerException(
          ServerException.PORT_IN_USE,
          "Port "
              + port
              + " of "
              + host
              + " is in use. Stop what listens there, or choose another with --port.",
          cause);
    }
    return new ServerException(
        ServerException.CANNOT_LISTEN,
        "Cannot listen on "
            + host
            + ":"
            + port
            + ": "
            + cause.getMessage()
            + ". Check --host and --port.",
        cause);
  }

  private static void closed(Vertx vertx) {
    ended(vertx.close().toCompletionStage());
  }

  private static void ended(CompletionStage<?> closing) {
    closing
        .toCompletableFuture()
        .handle((done, late) -> null)
        .completeOnTimeout(null, PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }
}
