package dev.tributary.client;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * Appends a body to what came before, as it comes: what is there when the line breaks need not be
 * fetched again. Hangs up as soon as there is more than agreed.
 */
final class ModelBody implements BodySubscriber<byte[]> {
  private final ByteArrayOutputStream into;
  private final long limit;
  private final CompletableFuture<byte[]> end = new CompletableFuture<>();
  private long skip;
  private long received;
  private boolean stopped;
  private @Nullable Subscription subscription;

  /**
   * A body.
   *
   * @param skip bytes at its beginning that are there already
   * @param limit bytes of the whole at most
   */
  ModelBody(ByteArrayOutputStream into, long skip, long limit) {
    this.into = into;
    this.skip = skip;
    this.limit = limit;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return end;
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public synchronized void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      received += buffer.remaining();
      int known = (int) Math.min(skip, buffer.remaining());
      skip -= known;
      byte[] bytes = new byte[buffer.remaining() - known];
      buffer.position(buffer.position() + known);
      buffer.get(bytes);
      if (!stopped && into.size() + (long) bytes.length > limit) {
        stop();
        end.completeExceptionally(new BoundedBody.TooLong(limit));
      }
      if (!stopped) {
        into.writeBytes(bytes);
      }
    }
  }

  /** Bytes that have come, those that were there already too. */
  synchronized long received() {
    return received;
  }

  /** Takes nothing any more. */
  synchronized void stop() {
    stopped = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    end.complete(new byte[0]);
  }
}
