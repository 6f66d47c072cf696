package dev.tributary.nn.engine;

import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.data.Dataset;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the next batch on a thread of its own while the caller works with the one before: for
 * data whose rows are costly to read or to augment. The batches are the same as without it. For one
 * caller at a time; close it, else its thread stays.
 */
public final class Prefetch implements AutoCloseable {
  private final Dataset data;
  private final int[] order;
  private final int batchSize;
  private final ExecutorService thread;
  private Batch current;
  private Batch next;
  private int from;
  private @Nullable Future<?> filling;

  /**
   * Starts with the first batch.
   *
   * @param order rows of the data, as they are to come; copied
   * @param batchSize rows of each batch but perhaps the last, at least 1
   */
  public Prefetch(ModelSpec model, Dataset data, int[] order, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be at least 1, is " + batchSize);
    }
    this.data = data;
    this.order = order.clone();
    this.batchSize = batchSize;
    this.current = new Batch(model, batchSize);
    this.next = new Batch(model, batchSize);
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread worker = new Thread(task, "tributary-prefetch");
              worker.setDaemon(true);
              return worker;
            });
    fillNext();
  }

  private void fillNext() {
    int start = from;
    int count = Math.min(batchSize, order.length - start);
    Batch batch = next;
    filling = count <= 0 ? null : thread.submit(() -> batch.fill(data, order, start, count));
    from += Math.max(0, count);
  }

  /**
   * The next batch, which stays as it is until the next call; null behind the last. What the data
   * throws while a batch is gathered is thrown here.
   *
   * @throws CancellationException if the thread is interrupted while it waits; its mark stays set
   */
  public @Nullable Batch next() {
    Future<?> due = filling;
    if (due == null) {
      return null;
    }
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      due.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while a batch was gathered");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException thrown) {
        throw thrown;
      }
      throw new IllegalStateException("a batch could not be gathered", e.getCause());
    }
    Batch filled = next;
    next = current;
    current = filled;
    fillNext();
    return filled;
  }

  /** Ends its thread. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
