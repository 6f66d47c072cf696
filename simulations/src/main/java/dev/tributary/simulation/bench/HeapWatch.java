package dev.tributary.simulation.bench;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Looks how much of a server's heap is needed, by a collection each half second. */
final class HeapWatch extends Thread {
  private final MeasuredServer server;
  private volatile boolean over;
  private volatile long most;

  HeapWatch(MeasuredServer server) {
    super("bench-heap");
    this.server = server;
    setDaemon(true);
  }

  @Override
  public void run() {
    try {
      while (!over) {
        most = Math.max(most, server.heap());
        Thread.sleep(500);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      // The measurement has been given up.
    }
  }

  void end() throws InterruptedException {
    over = true;
    join();
  }

  /** Bytes at most so far. */
  long most() {
    return most;
  }
}
