package dev.tributary.coordinator.net;

import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.store.Blobs;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every request passes first, with nothing read of it but its head: it gets a number, which
 * the answer and the log carry, and is refused where its address or its token has asked too often.
 * Refused attempts to administer are counted, and logged as far as a log can take it.
 */
final class FrontGate implements Handler<HttpServerRequest> {
  /** In the answer to every request, and in what the log says of it. */
  static final String REQUEST_ID = "X-Request-Id";

  private static final Logger LOG = LoggerFactory.getLogger(FrontGate.class);

  /** Addresses and tokens that are remembered: some 10 MB each. */
  private static final int ROOM = 1 << 16;

  private static final int LONGEST_PATH = 200;

  /** How long somebody without a certificate has to read why that is. */
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  /** What whoever watches over the process asks, who has no certificate. */
  private static final Set<String> OPEN = Set.of("/healthz", "/readyz");

  private static final int IPV6 = 16;
  private static final int NETWORK = 8;

  private final TokenBuckets addresses;
  private final TokenBuckets clients;

  /** One line a second, and ten at once. */
  private final TokenBuckets lines;

  private final Vertx vertx;
  private final Duration firstRequest;
  private final Map<HttpConnection, Long> silent = new ConcurrentHashMap<>();

  /** Connections by address. */
  private final Map<String, Integer> open = new ConcurrentHashMap<>();

  private final int atOnce;

  /** Those whose next answer is their last. */
  private final Set<HttpConnection> ending = ConcurrentHashMap.newKeySet();

  private final CoordinatorMetrics metrics;
  private final SlowClients slow;
  private final Windows windows;
  private final Handler<HttpServerRequest> inside;
  private final Predicate<HttpServerRequest> passed;
  private final @Nullable ClientCertificates certificates;
  private final String boot;
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong unlogged = new AtomicLong();

  /**
   * A gate.
   *
   * @param passed whose number was counted at another coordinator
   */
  FrontGate(
      Vertx vertx,
      Limits limits,
      CoordinatorMetrics metrics,
      Handler<HttpServerRequest> inside,
      Predicate<HttpServerRequest> passed,
      LongSupplier nanos,
      @Nullable ClientCertificates certificates,
      SlowClients slow,
      Windows windows) {
    this.slow = slow;
    this.windows = windows;
    this.passed = passed;
    this.certificates = certificates;
    this.addresses =
        new TokenBuckets(limits.addressPerSecond(), limits.addressBurst(), ROOM, nanos);
    this.clients = new TokenBuckets(limits.clientPerSecond(), limits.clientBurst(), ROOM, nanos);
    this.lines = new TokenBuckets(1, 10, 1, nanos);
    this.atOnce = limits.addressBurst();
    this.vertx = vertx;
    this.firstRequest = limits.firstRequest();
    this.metrics = metrics;
    this.inside = inside;
    this.boot = Long.toHexString(nanos.getAsLong() & 0xffffff);
  }

  /**
   * A connection that asks for nothing is closed, however slowly the head of a request comes; one
   * that its address has too many of, at once.
   */
  void opened(HttpConnection connection) {
    String from = key(connection.remoteAddress());
    if (open.merge(from, 1, Integer::sum) > atOnce) {
      metrics.onLimited();
      connection.closeHandler(closed -> gone(from)).close();
      return;
    }
    silent.put(connection, vertx.setTimer(firstRequest.toMillis(), late -> connection.close()));
    slow.opened(connection);
    connection.closeHandler(
        closed -> {
          gone(from);
          heard(connection);
          ending.remove(connection);
          slow.closed(connection);
          windows.closed(connection);
          if (certificates != null) {
            certificates.closed(connection);
          }
        });
  }

  private void gone(String from) {
    open.computeIfPresent(from, (address, count) -> count == 1 ? null : count - 1);
  }

  private void heard(HttpConnection connection) {
    Long timer = silent.remove(connection);
    if (timer != null) {
      vertx.cancelTimer(timer);
    }
  }

  @Override
  public void handle(HttpServerRequest request) {
    heard(request.connection());
    if (ending.contains(request.connection())) {
      request.connection().close();
      return;
    }
    boolean last = endsItsConnection(request);
    if (last) {
      ending.add(request.connection());
    }
    request.response().putHeader(REQUEST_ID, boot + "-" + requests.incrementAndGet());
    slow.begins(request);
    boolean administers = String.valueOf(request.path()).startsWith(AdminRoute.PREFIX);
    request
        .response()
        .endHandler(
            sent -> {
              slow.answered(request);
              if (administers) {
                administered(request);
              }
              if (last) {
                request.connection().close();
              }
            });
    String shown = request.getHeader("Authorization");
    boolean node = passed.test(request);
    if (!node
        && (!addresses.take(key(request.remoteAddress()))
            || (shown != null
                && shown.length() <= Routes.LONGEST_TOKEN
                && !clients.take(hashed(shown))))) {
      metrics.onLimited();
      Problems.answer(
          request,
          new FrontDoorException(
              Kind.TOO_MANY,
              "too-many-requests",
              "There are too many requests from this address, or under this token.",
              "Ask less often."));
      return;
    }
    if (certificates != null && !node && !OPEN.contains(String.valueOf(request.path()))) {
      try {
        certificates.require(request.connection());
      } catch (FrontDoorException e) {
        metrics.onCertificateRefused(e.code());
        Problems.answer(request, e);
        var unused = vertx.setTimer(FAREWELL.toMillis(), late -> request.connection().close());
        return;
      }
    }
    inside.handle(request);
  }

  /**
   * Where HTTP/1's body is chunked, another reader on the way may see other requests in the same
   * bytes than this one: nothing that follows them is listened to.
   */
  private static boolean endsItsConnection(HttpServerRequest request) {
    return request.version() != HttpVersion.HTTP_2
        && request.getHeader("Transfer-Encoding") != null;
  }

  /** Tokens are not kept for longer than their request. */
  private static String hashed(String shown) {
    return Blobs.digest(shown.getBytes(StandardCharsets.UTF_8));
  }

  private void administered(HttpServerRequest request) {
    int status = request.response().getStatusCode();
    if (status != 401 && status != 403) {
      return;
    }
    metrics.onAdministrationRefused(status);
    if (!lines.take("")) {
      unlogged.incrementAndGet();
      return;
    }
    LOG.warn(
        "event=administration-refused request={} status={} method={} path={} address={} unlogged={}",
        request.response().headers().get(REQUEST_ID),
        status,
        request.method().name(),
        printable(request.path()),
        request.remoteAddress().hostAddress(),
        unlogged.getAndSet(0));
  }

  /** What a stranger wrote must not write lines of its own. */
  private static String printable(String path) {
    String clean = path.replaceAll("[^\\x21-\\x7e]", "?");
    return clean.length() <= LONGEST_PATH ? clean : clean.substring(0, LONGEST_PATH) + "...";
  }

  /** Of IPv6 the network, since whoever has one address has 2^64 of them. */
  static String key(SocketAddress from) {
    String address = from.hostAddress();
    if (address == null) {
      return "";
    }
    try {
      byte[] bytes = InetAddress.getByName(address.replaceAll("%.*", "")).getAddress();
      return bytes.length == IPV6
          ? HexFormat.of().formatHex(Arrays.copyOf(bytes, NETWORK))
          : address;
    } catch (UnknownHostException e) {
      return address;
    }
  }
}
