package dev.tributary.simulation.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The line between clients and a coordinator: it carries bytes, and does to them what lines do. It
 * sees TLS, not requests. Which byte is changed is drawn from the seed and the connection's number.
 */
final class ChaosProxy implements AutoCloseable {
  private static final int CHUNK = 16 << 10;
  private static final int SLICE_MILLIS = 10;

  private final ServerSocket server;
  private final long seed;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private volatile int target;

  /** What the line is like now. */
  volatile boolean away;

  volatile boolean silent;
  volatile boolean corrupt;
  volatile int delayMillis;
  volatile int pieceBytes;
  volatile int bytesPerSecond;

  ChaosProxy(long seed) throws IOException {
    this.seed = seed;
    server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Where new connections lead to. */
  void leadTo(int port) {
    target = port;
  }

  /** Resets every connection, or each with a number of that remainder. */
  void cut(int of, int remainder) {
    pick(of, remainder).forEach(Link::reset);
  }

  /** Ends one direction of connections, and leaves the other open. */
  void halfClose(int of, int remainder, boolean towardsCoordinator) {
    for (Link link : pick(of, remainder)) {
      try {
        (towardsCoordinator ? link.far : link.near).shutdownOutput();
      } catch (IOException e) {
        // It is gone already.
      }
    }
  }

  /** The line is as it should be from now on. */
  void clear() {
    away = false;
    silent = false;
    corrupt = false;
    delayMillis = 0;
    pieceBytes = 0;
    bytesPerSecond = 0;
  }

  private List<Link> pick(int of, int remainder) {
    List<Link> picked = new ArrayList<>();
    for (Link link : links) {
      if (link.number % of == remainder) {
        picked.add(link);
      }
    }
    return picked;
  }

  private void accept() {
    try {
      for (int number = 0; ; number++) {
        Socket near = server.accept();
        if (away) {
          near.setSoLinger(true, 0);
          near.close();
          continue;
        }
        int mine = number;
        threads.execute(() -> open(near, mine));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private void open(Socket near, int number) {
    try {
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      Link link = new Link(near, far, number);
      links.add(link);
      threads.execute(() -> link.carry(near, far, 0));
      link.carry(far, near, 1);
    } catch (IOException e) {
      quietly(near);
    }
  }

  private static void quietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone already.
    }
  }

  private final class Link {
    private final Socket near;
    private final Socket far;
    private final int number;

    Link(Socket near, Socket far, int number) {
      this.near = near;
      this.far = far;
      this.number = number;
    }

    void reset() {
      for (Socket socket : new Socket[] {near, far}) {
        try {
          socket.setSoLinger(true, 0);
        } catch (IOException e) {
          // It is gone already.
        }
        quietly(socket);
      }
      links.remove(this);
    }

    void carry(Socket from, Socket to, int direction) {
      SplittableRandom random = new SplittableRandom(seed + 2L * number + direction);
      byte[] buffer = new byte[CHUNK];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          weather(count);
          if (corrupt) {
            buffer[random.nextInt(count)] ^= (byte) (1 << random.nextInt(8));
          }
          int piece = pieceBytes > 0 ? pieceBytes : count;
          for (int at = 0; at < count; at += piece) {
            out.write(buffer, at, Math.min(piece, count - at));
            out.flush();
          }
        }
        to.shutdownOutput();
      } catch (IOException e) {
        reset();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        reset();
      }
    }

    private void weather(int count) throws InterruptedException {
      long wait = delayMillis;
      int rate = bytesPerSecond;
      if (rate > 0) {
        wait += 1000L * count / rate;
      }
      Thread.sleep(wait);
      while (silent && !near.isClosed()) {
        Thread.sleep(SLICE_MILLIS);
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut(1, 0);
    threads.shutdownNow();
  }
}
