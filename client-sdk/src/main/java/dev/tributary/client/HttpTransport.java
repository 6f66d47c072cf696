package dev.tributary.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.tributary.client.ClientException.Code;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator over HTTPS: HTTP/2 where the server speaks it, TLS 1.3 always. Every reply is
 * bounded before it is read. One instance may serve many clients of a process: they share its
 * connections, and a limit on requests under way keeps the longest polls of all of them within what
 * one HTTP/2 connection carries.
 */
public final class HttpTransport implements Transport {
  static final int REPLY_LIMIT_BYTES = 64 << 20;
  private static final int PROBLEM_LIMIT_BYTES = 64 << 10;
  static final int REQUESTS_UNDER_WAY = 900;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BULK_PATIENCE = Duration.ofMinutes(10);

  /** A body of which nothing moves for so many patiences is given up; what came of it stays. */
  private static final int STALL = 3;

  private final URI coordinator;
  private final PinnedHttp http;
  private final Duration patience;
  private final Semaphore underWay = new Semaphore(REQUESTS_UNDER_WAY, true);
  private final AtomicBoolean closed = new AtomicBoolean();

  private HttpTransport(URI coordinator, PinnedHttp http, Duration patience) {
    this.coordinator = coordinator;
    this.http = http;
    this.patience = patience;
  }

  /**
   * Trusts what the machine trusts: the JVM's authorities, and the host name in the certificate.
   */
  public static HttpTransport systemTrust(URI coordinator) {
    return systemTrust(coordinator, null);
  }

  /** The same through a proxy; null for the JVM's settings. */
  public static HttpTransport systemTrust(URI coordinator, @Nullable HttpProxy proxy) {
    return new HttpTransport(checked(coordinator), PinnedHttp.systemTrust(proxy), PATIENCE);
  }

  /**
   * Trusts exactly one certificate.
   *
   * @param fingerprint {@code sha256:} and the hash of the certificate's DER in hex, as the
   *     coordinator prints it at its start
   */
  public static HttpTransport pinned(URI coordinator, String fingerprint) {
    return pinned(coordinator, fingerprint, null);
  }

  /** The same through a proxy; null for the JVM's settings. */
  public static HttpTransport pinned(
      URI coordinator, String fingerprint, @Nullable HttpProxy proxy) {
    return pinned(coordinator, fingerprint, proxy, PATIENCE);
  }

  static HttpTransport pinned(
      URI coordinator, String fingerprint, @Nullable HttpProxy proxy, Duration patience) {
    return over(coordinator, TlsSettings.machine().pin(fingerprint), proxy, patience);
  }

  /**
   * Trusts and shows what the settings say.
   *
   * @param proxy null for the JVM's settings
   * @throws ClientException with {@code CONFIGURATION_INVALID} if a file of theirs cannot be used
   */
  public static HttpTransport over(URI coordinator, TlsSettings tls, @Nullable HttpProxy proxy) {
    return over(coordinator, tls, proxy, PATIENCE);
  }

  private static HttpTransport over(
      URI coordinator, TlsSettings tls, @Nullable HttpProxy proxy, Duration patience) {
    PinnedHttp http = PinnedHttp.of(tls.context(), proxy);
    return new HttpTransport(checked(coordinator), http, patience);
  }

  private static URI checked(URI coordinator) {
    if (!"https".equals(coordinator.getScheme()) || coordinator.getHost() == null) {
      throw new ClientException(
          Code.CONFIGURATION_INVALID,
          "The coordinator's address must be https://host[:port], not " + coordinator + ".");
    }
    return coordinator;
  }

  @Override
  public CheckInReply coordinator() throws InterruptedException {
    return parse(send(request("/v1/coordinator", null).GET(), patience), CheckInReply.parser());
  }

  @Override
  public CheckInReply checkIn(CheckInRequest request) throws InterruptedException {
    return parse(send(post("/v1/check-in", null, request), patience), CheckInReply.parser());
  }

  @Override
  public CheckInReply checkIn(String job, CheckInRequest request) throws InterruptedException {
    String path = "/v1/jobs/" + job + "/check-in";
    return parse(send(post(path, null, request), patience), CheckInReply.parser());
  }

  @Override
  public CheckInReply withdraw(CheckInRequest request) throws InterruptedException {
    return parse(send(post("/v1/withdraw", null, request), patience), CheckInReply.parser());
  }

  @Override
  public ExchangeReply exchange(byte[] token, ExchangeRequest request) throws InterruptedException {
    Duration held = patience.plusMillis(request.getWaitMillis());
    return parse(send(post("/v1/exchange", token, request), held), ExchangeReply.parser());
  }

  @Override
  public void get(byte[] token, String digest, long length, ByteArrayOutputStream into)
      throws InterruptedException {
    HttpRequest.Builder get = request("/v1/models/" + digest, token).GET();
    int there = into.size();
    if (there > 0) {
      get.header("Range", "bytes=" + there + "-");
    }
    ModelBody rest = new ModelBody(into, 0, length);
    ModelBody whole = new ModelBody(into, there, length);
    try {
      send(
          get,
          head ->
              switch (head.statusCode()) {
                case 200 -> whole;
                case 206 -> rest;
                default -> new BoundedBody(PROBLEM_LIMIT_BYTES);
              },
          () -> rest.received() + whole.received());
    } finally {
      rest.stop();
      whole.stop();
    }
  }

  @Override
  public long uploaded(byte[] token, byte[] session) throws InterruptedException {
    HttpRequest.Builder head =
        request(inputPath(session), token).method("HEAD", BodyPublishers.noBody());
    return offset(send(head, patience));
  }

  @Override
  public long put(byte[] token, byte[] session, Body body, long offset)
      throws InterruptedException {
    AtomicLong read = new AtomicLong();
    HttpRequest.Builder put =
        request(inputPath(session), token)
            .header("Content-Type", "application/octet-stream")
            .header("Upload-Offset", Long.toString(offset))
            .PUT(rest(body, offset, read));
    return offset(send(put, head -> new BoundedBody(REPLY_LIMIT_BYTES), read::get));
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      http.close();
    }
  }

  private static String inputPath(byte[] session) {
    return "/v1/inputs/" + HexFormat.of().formatHex(session);
  }

  private static BodyPublisher rest(Body body, long offset, AtomicLong read) {
    long length = body.length() - offset;
    if (length <= 0) {
      return BodyPublishers.noBody();
    }
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(
            () -> {
              try {
                InputStream in = body.open();
                in.skipNBytes(offset);
                return new Counted(in, read);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }),
        length);
  }

  private HttpRequest.Builder post(String path, byte @Nullable [] token, MessageLite body) {
    return request(path, token)
        .header("Content-Type", "application/x-protobuf")
        .POST(BodyPublishers.ofByteArray(body.toByteArray()));
  }

  private HttpRequest.Builder request(String path, byte @Nullable [] token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(coordinator.resolve(path));
    String proxy = http.proxyAuthorization();
    if (proxy != null) {
      request.header("Proxy-Authorization", proxy);
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + HexFormat.of().formatHex(token));
    }
    return request;
  }

  private Reply send(HttpRequest.Builder request, Duration patience) throws InterruptedException {
    BodyHandler<byte[]> body = head -> new BoundedBody(REPLY_LIMIT_BYTES);
    return send(() -> http.send(request.build(), patience, body));
  }

  /** Models and inputs, which take as long as their lines. */
  private Reply send(HttpRequest.Builder request, BodyHandler<byte[]> body, LongSupplier moved)
      throws InterruptedException {
    Duration stall = patience.multipliedBy(STALL);
    return send(() -> http.send(request.build(), BULK_PATIENCE, body, stall, moved));
  }

  private interface Sending {
    Reply send() throws IOException, InterruptedException;
  }

  private Reply send(Sending request) throws InterruptedException {
    underWay.acquire();
    try {
      Reply reply = request.send();
      if (reply.status() / 100 != 2 && reply.status() != 409) {
        throw TransportFailure.of(reply);
      }
      return reply;
    } catch (IOException e) {
      throw TransportFailure.of(coordinator, e);
    } finally {
      underWay.release();
    }
  }

  /** Counts what is read of it. */
  private static final class Counted extends FilterInputStream {
    private final AtomicLong read;

    Counted(InputStream in, AtomicLong read) {
      super(in);
      this.read = read;
    }

    @Override
    public int read() throws IOException {
      int next = super.read();
      read.addAndGet(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
      int count = super.read(into, at, length);
      read.addAndGet(Math.max(0, count));
      return count;
    }
  }

  private static long offset(Reply reply) {
    long offset = reply.headers().firstValueAsLong("Upload-Offset").orElse(-1);
    if (offset < 0) {
      throw new ClientException(
          Code.REPLY_INVALID, "The coordinator's reply to an upload names no Upload-Offset.");
    }
    return offset;
  }

  private static <T> T parse(Reply reply, Parser<T> parser) {
    try {
      return parser.parseFrom(reply.body());
    } catch (InvalidProtocolBufferException e) {
      throw new ClientException(
          Code.REPLY_INVALID,
          "What answers at " + reply.uri() + " is not a coordinator: " + e.getMessage(),
          e);
    }
  }
}
