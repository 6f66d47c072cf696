package dev.tributary.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** An HTTP proxy of tunnels that may ask for a login, cut idle tunnels, and lose whole networks. */
final class TestProxy implements AutoCloseable {
  /** What {@code Proxy-Authorization} must say; null where nobody asks. */
  volatile @Nullable String credentials;

  volatile long idleNanos = Long.MAX_VALUE;
  final List<String> tunnels = new CopyOnWriteArrayList<>();
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();

  TestProxy() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  HttpProxy address() {
    return HttpProxy.at("localhost", server.getLocalPort());
  }

  /** What goes through today's tunnels goes nowhere any more, and nobody is told. */
  void loseNetwork() {
    open.forEach(tunnel -> tunnel.lost = true);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        threads.execute(() -> serve(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket client) {
    try {
      String head = head(client.getInputStream());
      while (credentials != null
          && !head.contains("Proxy-Authorization: " + credentials + "\r\n")) {
        tunnels.add("refused");
        say(
            client,
            "HTTP/1.1 407 Proxy Authentication Required\r\n"
                + "Proxy-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\n\r\n");
        head = head(client.getInputStream());
      }
      String[] target = head.split(" ")[1].split(":");
      Socket far = new Socket(target[0], Integer.parseInt(target[1]));
      tunnels.add("open");
      say(client, "HTTP/1.1 200 Connection established\r\n\r\n");
      new Tunnel(client, far).run();
    } catch (IOException | RuntimeException e) {
      close(client);
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static void say(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // gone already
    }
  }

  /** Two sockets, and two threads that carry bytes between them. */
  private final class Tunnel {
    private final Socket near;
    private final Socket far;
    private volatile long last = System.nanoTime();
    volatile boolean lost;

    Tunnel(Socket near, Socket far) throws IOException {
      this.near = near;
      this.far = far;
      near.setSoTimeout(50);
      far.setSoTimeout(50);
    }

    void run() {
      open.add(this);
      threads.execute(() -> carry(near, far));
      carry(far, near);
    }

    private void carry(Socket from, Socket to) {
      byte[] buffer = new byte[16 << 10];
      try {
        while (System.nanoTime() - last < idleNanos) {
          try {
            int count = from.getInputStream().read(buffer);
            if (count < 0) {
              break;
            }
            last = System.nanoTime();
            if (!lost) {
              to.getOutputStream().write(buffer, 0, count);
            }
          } catch (SocketTimeoutException e) {
            // looks whether the tunnel has been idle for too long
          }
        }
      } catch (IOException e) {
        // the other end is closed
      }
      close(near);
      close(far);
      open.remove(this);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    open.forEach(
        tunnel -> {
          close(tunnel.near);
          close(tunnel.far);
        });
    threads.shutdownNow();
  }
}
