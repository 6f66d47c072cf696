package dev.tributary.nn.engine;

import dev.tributary.nn.ModelSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Closed programs kept for the next who needs the same. At most {@code capacity} lie idle, and no
 * more than so many bytes; the one that has waited longest is freed first. Any thread may take and
 * give back.
 */
public final class ProgramPool {
  private final int capacity;
  private final long maxBytes;
  private final Deque<Idle> idle = new ArrayDeque<>();
  private long bytes;

  /**
   * An empty pool, for at most a quarter of the heap.
   *
   * @param capacity the most idle programs
   */
  public ProgramPool(int capacity) {
    this(capacity, Runtime.getRuntime().maxMemory() / 4);
  }

  /** An empty pool of other bounds. */
  ProgramPool(int capacity, long maxBytes) {
    this.capacity = capacity;
    this.maxBytes = maxBytes;
  }

  /** An idle program for the same model, batch size and mode, else a new one of the engine. */
  public Program acquire(Engine engine, ModelSpec model, int batchSize, Mode mode) {
    Key key = new Key(model, batchSize, mode);
    synchronized (idle) {
      for (Iterator<Idle> each = idle.descendingIterator(); each.hasNext(); ) {
        Idle candidate = each.next();
        if (candidate.key.equals(key)) {
          each.remove();
          bytes -= candidate.bytes;
          return new Lent(this, candidate);
        }
      }
    }
    long needed = engine.bytes(model, batchSize, mode);
    return new Lent(this, new Idle(key, engine.compile(model, batchSize, mode), needed));
  }

  private void giveBack(Idle returned) {
    List<Idle> surplus = new ArrayList<>();
    synchronized (idle) {
      idle.addLast(returned);
      bytes += returned.bytes;
      while (idle.size() > capacity || bytes > maxBytes) {
        Idle oldest = idle.removeFirst();
        bytes -= oldest.bytes;
        surplus.add(oldest);
      }
    }
    for (Idle each : surplus) {
      each.program.close();
    }
  }

  private record Key(ModelSpec model, int batchSize, Mode mode) {}

  private record Idle(Key key, Program program, long bytes) {}

  /** A program on loan: close gives it back. */
  private static final class Lent implements Program {
    private final ProgramPool pool;
    private final Idle entry;
    private boolean closed;

    Lent(ProgramPool pool, Idle entry) {
      this.pool = pool;
      this.entry = entry;
    }

    @Override
    public ModelSpec model() {
      return entry.key.model;
    }

    @Override
    public int batchSize() {
      return entry.key.batchSize;
    }

    @Override
    public double gradient(float[] parameters, Batch batch, float[] gradient) {
      return open().gradient(parameters, batch, gradient);
    }

    @Override
    public double forward(float[] parameters, Batch batch, float[] outputs) {
      return open().forward(parameters, batch, outputs);
    }

    private Program open() {
      if (closed) {
        throw new IllegalStateException("the program is closed");
      }
      return entry.program;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        pool.giveBack(entry);
      }
    }
  }
}
