package dev.tributary.coordinator.net;

import dev.tributary.coordinator.FrontDoorException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a server does on threads that may wait. A server that closes waits for it, since its results
 * go to event loops that must be there still. Safe for many threads.
 */
final class Blocking {
  private final Vertx vertx;
  private final AtomicLong underWay = new AtomicLong();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile boolean closing;

  Blocking(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * Does something, beside whatever else is under way; once this has ended, nothing, and refuses as
   * a coordinator that stops.
   *
   * @param context where the result is heard
   */
  <T> Future<T> run(Context context, Callable<T> work) {
    underWay.incrementAndGet();
    if (closing) {
      done();
      return Future.failedFuture(FrontDoorException.stopped());
    }
    return context.executeBlocking(work, false).onComplete(result -> done());
  }

  /** The same, heard where it is asked for. */
  <T> Future<T> run(Callable<T> work) {
    return run(vertx.getOrCreateContext(), work);
  }

  /** Does nothing more from now on; completes once all that is under way is done. */
  CompletableFuture<Void> end() {
    closing = true;
    underWay.incrementAndGet();
    done();
    return ended;
  }

  private void done() {
    if (underWay.decrementAndGet() == 0 && closing) {
      ended.complete(null);
    }
  }
}
