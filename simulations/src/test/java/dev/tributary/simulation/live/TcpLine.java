package dev.tributary.simulation.live;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port that leads to others, one after the other, past those that take no connection: a balancer,
 * or a line that can be cut. While it is cut nothing goes through, and nobody is told.
 */
final class TcpLine implements AutoCloseable {
  private static final int CONNECT_MILLIS = 1_000;

  private final ServerSocket listener;
  private final List<Integer> targets;
  private final Set<Integer> out = ConcurrentHashMap.newKeySet();
  private final Map<Socket, Integer> open = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger();
  private boolean cut;

  TcpLine(List<Integer> targets) throws IOException {
    this.targets = targets;
    this.listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  synchronized void cut(boolean now) {
    cut = now;
    notifyAll();
  }

  /** Takes a target out, with its connections, or back in, as a health check would. */
  void out(int target, boolean now) {
    if (now) {
      out.add(target);
      open.forEach(
          (socket, to) -> {
            if (to == target) {
              close(socket);
            }
          });
    } else {
      out.remove(target);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket in = listener.accept();
        daemon(() -> connect(in));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void connect(Socket in) {
    for (int tries = 0; tries < 2 * targets.size(); tries++) {
      int target = targets.get(Math.floorMod(next.getAndIncrement(), targets.size()));
      if (out.contains(target)) {
        continue;
      }
      Socket to = new Socket();
      try {
        to.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), CONNECT_MILLIS);
      } catch (IOException e) {
        close(to);
        continue;
      }
      open.put(in, target);
      open.put(to, target);
      daemon(() -> pump(in, to));
      pump(to, in);
      return;
    }
    close(in);
  }

  private void pump(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream sink = to.getOutputStream();
      byte[] buffer = new byte[16 << 10];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        whole();
        sink.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // One end is gone; so is the other.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(from);
      close(to);
      open.remove(from);
      open.remove(to);
    }
  }

  private synchronized void whole() throws InterruptedException {
    while (cut) {
      wait();
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "tcp line");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(AutoCloseable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    cut(false);
    close(listener);
    open.keySet().forEach(TcpLine::close);
  }
}
