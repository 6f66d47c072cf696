package dev.tributary.coordinator.net;

import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Bodies of requests in memory: of each, and of all together, at most so many bytes, from their
 * first until the request is done with. Where a body finds no room the one that has been on its way
 * for the longest is refused: whoever begins many and ends none makes room by that, and a body that
 * comes at once hardly meets it. Inputs do not count, which go to disk. Safe for many threads.
 */
final class Bodies {
  private final Vertx vertx;
  private final CoordinatorMetrics metrics;
  private final SlowClients slow;
  private final long most;
  private final Set<Body> coming = new LinkedHashSet<>();
  private long bytes;

  /** A body; its bytes are guarded by the others' lock. */
  private static final class Body {
    final Context loop;
    final Promise<Buffer> whole = Promise.promise();
    long bytes;
    boolean gone;

    Body(Context loop) {
      this.loop = loop;
    }

    void refuse(FrontDoorException why) {
      loop.runOnContext(now -> whole.tryFail(why));
    }
  }

  /**
   * No bodies yet.
   *
   * @param most bytes of all together
   */
  Bodies(Vertx vertx, long most, CoordinatorMetrics metrics, SlowClients slow) {
    this.vertx = vertx;
    this.most = most;
    this.metrics = metrics;
    this.slow = slow;
  }

  /**
   * Reads a body, on the request's loop, and does something with it; refuses one that is too long
   * before it is read.
   *
   * @param use what is done with it; its bytes count until that has ended
   */
  <T> Future<T> read(HttpServerRequest request, int limit, Function<Buffer, Future<T>> use) {
    FrontDoorException tooLarge =
        new FrontDoorException(
            Kind.TOO_LARGE,
            "body-too-large",
            "A body of " + request.path() + " has at most " + limit + " bytes.",
            "Send less.");
    if (Routes.length(request) > limit) {
      return Future.failedFuture(tooLarge);
    }
    Body body = new Body(vertx.getOrCreateContext());
    begins(body);
    slow.reads(request, () -> false, body.whole::tryFail);
    Buffer came = Buffer.buffer();
    request.handler(
        chunk -> {
          if (came.length() + chunk.length() > limit) {
            body.whole.tryFail(tooLarge);
          } else if (grows(body, chunk.length())) {
            came.appendBuffer(chunk);
          }
        });
    request.endHandler(
        end -> {
          came(body);
          body.whole.tryComplete(came);
        });
    request.exceptionHandler(
        broken ->
            body.whole.tryFail(
                new FrontDoorException(
                    Kind.MALFORMED,
                    "body-broken",
                    "The body did not come as its head says: " + broken.getMessage(),
                    "Send it again.")));
    request.resume();
    return body.whole.future().compose(use).onComplete(done -> ends(body));
  }

  /** Bytes of all now. */
  synchronized long bytes() {
    return bytes;
  }

  private synchronized void begins(Body body) {
    coming.add(body);
  }

  /** Whether there is room for more of it, after what was refused for that. */
  private boolean grows(Body body, int more) {
    List<Body> refused = new ArrayList<>();
    boolean room;
    synchronized (this) {
      while (!body.gone && bytes + more > most) {
        // Whole bodies wait for the coordinator; of the rest this one is the last to be refused.
        Body first = coming.iterator().next();
        remove(first);
        refused.add(first);
      }
      room = !body.gone;
      if (room) {
        body.bytes += more;
        bytes += more;
      }
    }
    for (Body each : refused) {
      metrics.onLimited();
      each.refuse(
          new FrontDoorException(
              Kind.TOO_MANY,
              "too-many-bytes",
              "This coordinator has no room for the bodies of more requests now.",
              "Send it again, as quickly as the line allows."));
    }
    return room;
  }

  /** It is whole, and refused no more for want of room. */
  private synchronized void came(Body body) {
    coming.remove(body);
  }

  private synchronized void ends(Body body) {
    if (!body.gone) {
      remove(body);
    }
  }

  private void remove(Body body) {
    body.gone = true;
    coming.remove(body);
    bytes -= body.bytes;
    body.bytes = 0;
  }
}
