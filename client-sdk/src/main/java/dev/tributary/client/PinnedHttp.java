package dev.tributary.client;

import dev.tributary.client.tls.Fingerprint;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's HTTP client as this SDK uses it: TLS 1.3, no redirects, bounded replies, threads that
 * end at close.
 */
final class PinnedHttp implements AutoCloseable {
  private static final AtomicInteger THREADS = new AtomicInteger();

  private final ExecutorService threads;
  private final SSLContext tls;
  private final @Nullable HttpProxy proxy;
  private volatile @Nullable HttpClient http;

  private PinnedHttp(SSLContext tls, @Nullable HttpProxy proxy) {
    this.tls = tls;
    this.proxy = proxy;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            4, 4, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), PinnedHttp::thread);
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
    this.http = client();
  }

  private HttpClient client() {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3"});
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(Version.HTTP_2)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            .sslContext(tls)
            .sslParameters(parameters)
            .executor(threads);
    if (proxy != null) {
      client.proxy(proxy.selector());
    }
    return client.build();
  }

  /** What to tell the proxy with each request; null where there is none, or no login. */
  @Nullable String proxyAuthorization() {
    return proxy == null ? null : proxy.authorization();
  }

  /**
   * Puts a fresh client in the place of one that got no answer in time: it would go on over the
   * same connection, which may be dead since the network has changed.
   */
  private synchronized void replace(HttpClient silent) {
    if (http == silent) {
      http = client();
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "tributary-http-" + THREADS.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  static PinnedHttp systemTrust(@Nullable HttpProxy proxy) {
    return of(Fingerprint.tls(null, null), proxy);
  }

  static PinnedHttp of(SSLContext tls, @Nullable HttpProxy proxy) {
    return new PinnedHttp(tls, proxy);
  }

  /**
   * Sends and waits for the whole reply.
   *
   * @param patience for the reply to its last byte, not only to its head
   * @param body what to do with the body
   */
  Reply send(HttpRequest request, Duration patience, BodyHandler<byte[]> body)
      throws IOException, InterruptedException {
    return send(request, patience, body, patience, () -> 0);
  }

  /**
   * The same for a body that takes its time: also given up once nothing of it moves any more.
   *
   * @param stall time in which something moves, else it is given up, at the latest after twice that
   * @param moved bytes of the body so far, either way
   */
  Reply send(
      HttpRequest request,
      Duration patience,
      BodyHandler<byte[]> body,
      Duration stall,
      LongSupplier moved)
      throws IOException, InterruptedException {
    HttpClient client = http;
    if (client == null) {
      throw new IOException("the connection was closed");
    }
    CompletableFuture<HttpResponse<byte[]>> reply;
    try {
      reply = client.sendAsync(request, body);
    } catch (RejectedExecutionException e) {
      throw new IOException("the connection was closed", e);
    }
    try {
      HttpResponse<byte[]> whole = await(reply, patience, stall, moved);
      return new Reply(
          request.method(), request.uri(), whole.statusCode(), whole.headers(), whole.body());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (TimeoutException e) {
      replace(client);
      throw new HttpTimeoutException(
          "no whole reply in "
              + patience.toSeconds()
              + " s, or nothing of it in "
              + stall.toSeconds()
              + " s");
    } finally {
      reply.cancel(true);
    }
  }

  private static <T> T await(
      CompletableFuture<T> reply, Duration patience, Duration stall, LongSupplier moved)
      throws InterruptedException, ExecutionException, TimeoutException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      long before = moved.getAsLong();
      long left = end - System.nanoTime();
      try {
        return reply.get(Math.min(left, stall.toNanos()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (left <= stall.toNanos() || moved.getAsLong() == before) {
          throw e;
        }
      }
    }
  }

  @Override
  public synchronized void close() {
    Object client = http;
    http = null;
    if (client instanceof AutoCloseable closeable) { // from JDK 21 on
      closeQuietly(closeable);
    }
    threads.shutdown();
  }

  private static void closeQuietly(AutoCloseable client) {
    try {
      client.close();
    } catch (Exception e) {
      throw new IllegalStateException("HttpClient.close throws nothing checked", e);
    }
  }
}
