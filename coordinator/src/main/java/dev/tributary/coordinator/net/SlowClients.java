package dev.tributary.coordinator.net;

import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Ends what stands still, looking once a period. A body brings 60 KiB from one look to the next, or
 * its end, also where it is read no more because the answer came early; else its request is
 * answered with the reason, and ended a second later: over HTTP/2 its stream, else its connection.
 * Time in which this end lets bytes wait counts for the client. A connection with no request, not
 * counting one whose head has not come whole, is closed at the sixth look.
 */
final class SlowClients {
  /** Bytes in a period: 8 kbit/s, with one of a minute. */
  static final int LEAST = 60 << 10;

  private static final int QUIET_LOOKS = 5;
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  /** That the rest of a body is not wanted (RFC 9113, section 8.1). */
  private static final long NO_ERROR = 0;

  /** A connection, confined to its loop. */
  private static final class Line {
    final Context loop;
    final Map<HttpServerRequest, Body> requests = new HashMap<>();
    int quiet;

    Line(Context loop) {
      this.loop = loop;
    }
  }

  private static final class Body {
    BooleanSupplier held = () -> false;
    Consumer<FrontDoorException> tell;
    boolean seen;
    long bytes;

    Body(Consumer<FrontDoorException> tell) {
      this.tell = tell;
    }
  }

  private final Vertx vertx;
  private final CoordinatorMetrics metrics;
  private final Map<HttpConnection, Line> lines = new ConcurrentHashMap<>();

  SlowClients(Vertx vertx, Duration period, CoordinatorMetrics metrics) {
    this.vertx = vertx;
    this.metrics = metrics;
    vertx.setPeriodic(period.toMillis(), now -> look());
  }

  /** Looks at all connections, each on its loop. */
  void look() {
    lines.forEach((connection, line) -> line.loop.runOnContext(soon -> look(connection, line)));
  }

  /** A connection is there; on its loop, as all that follows. */
  void opened(HttpConnection connection) {
    lines.put(connection, new Line(vertx.getOrCreateContext()));
  }

  void closed(HttpConnection connection) {
    lines.remove(connection);
  }

  /** The head of a request has come. */
  void begins(HttpServerRequest request) {
    Line line = lines.get(request.connection());
    if (line != null) {
      line.requests.put(request, new Body(reason -> Problems.answer(request, reason)));
      line.quiet = 0;
    }
  }

  /**
   * Somebody reads a body with its own way to end it.
   *
   * @param held whether it is this end that lets bytes wait
   * @param tell answers the request with the reason
   */
  void reads(HttpServerRequest request, BooleanSupplier held, Consumer<FrontDoorException> tell) {
    Line line = lines.get(request.connection());
    Body body = line == null ? null : line.requests.get(request);
    if (body != null) {
      body.held = held;
      body.tell = tell;
    }
  }

  /** A request is answered. */
  void answered(HttpServerRequest request) {
    Line line = lines.get(request.connection());
    if (line != null && request.isEnded()) {
      line.requests.remove(request);
    }
  }

  private void look(HttpConnection connection, Line line) {
    line.requests.keySet().removeIf(SlowClients::isOver);
    if (line.requests.isEmpty() && ++line.quiet > QUIET_LOOKS) {
      connection.close();
      return;
    }
    Map<HttpServerRequest, Body> slow = new HashMap<>();
    line.requests.forEach(
        (request, body) -> {
          long came = request.bytesRead() - body.bytes;
          body.bytes += came;
          if (body.seen && !request.isEnded() && came < LEAST && !body.held.getAsBoolean()) {
            slow.put(request, body);
          }
          body.seen = true;
        });
    line.requests.keySet().removeAll(slow.keySet());
    slow.forEach(this::end);
  }

  private static boolean isOver(HttpServerRequest request) {
    return request.response().closed() || (request.response().ended() && request.isEnded());
  }

  private void end(HttpServerRequest request, Body body) {
    metrics.onSlowBody();
    body.tell.accept(
        new FrontDoorException(
            Kind.BUSY,
            "body-too-slow",
            "The body of this request stood still.",
            "Send it again, an upload from where it stands."));
    var unused =
        vertx.setTimer(
            FAREWELL.toMillis(),
            late -> {
              if (request.version() == HttpVersion.HTTP_2) {
                request.response().reset(NO_ERROR);
              } else {
                request.connection().close();
              }
            });
  }
}
