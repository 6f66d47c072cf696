package dev.tributary.coordinator.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.Envelope;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that send a byte now and then, so that nothing is ever idle. */
@Timeout(120)
class SlowClientsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  /** Bytes that a client lets come before it reads any. */
  private static final int WINDOW = 16;

  private static final Duration NOW_AND_THEN = Duration.ofMillis(50);
  private static final Limits IMPATIENT =
      new Limits(10_000, 10_000, 10_000, 10_000, Duration.ofSeconds(20), Duration.ofMillis(500));

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();

  /** A client that nobody holds is closed with the next collection. */
  private final List<HttpClient> clients = new ArrayList<>();

  @AfterEach
  void ends() {
    result(vertx.close());
  }

  private Live live() {
    return new Live(
        directory,
        Jobs.plain("cohort={size: 4, minimum: 3, population: 4}", "deadline=300s"),
        4,
        TrustAnchors.trustOnFirstUse(),
        Clock.systemUTC(),
        IMPATIENT);
  }

  private static <T> T result(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  /** What a server says to somebody who goes on with a byte now and then, until it hangs up. */
  private static String trickled(Live live, String begin, byte each) throws IOException {
    try (SSLSocket socket =
        (SSLSocket) Live.trusting().getSocketFactory().createSocket("127.0.0.1", live.port())) {
      socket.startHandshake();
      socket.setSoTimeout((int) NOW_AND_THEN.toMillis());
      OutputStream out = socket.getOutputStream();
      out.write(begin.getBytes(UTF_8));
      out.flush();
      ByteArrayOutputStream came = new ByteArrayOutputStream();
      long end = System.nanoTime() + LONG.toNanos();
      while (System.nanoTime() < end) {
        try {
          int read = socket.getInputStream().read();
          if (read < 0) {
            return came.toString(UTF_8);
          }
          came.write(read);
        } catch (SocketTimeoutException e) {
          try {
            out.write(each);
            out.flush();
          } catch (IOException gone) {
            return came.toString(UTF_8);
          }
        } catch (IOException gone) {
          return came.toString(UTF_8);
        }
      }
      throw new AssertionError("still open; it said: " + came.toString(UTF_8));
    }
  }

  @Test
  void http1_bodyTrickles_isToldSoAndHungUpOn() throws Exception {
    try (Live live = live()) {
      String head = "POST /v1/check-in HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n";
      assertThat(trickled(live, head, (byte) 0))
          .startsWith("HTTP/1.1 503")
          .containsIgnoringCase("Retry-After: ")
          .contains("body-too-slow");
      assertThat(live.metrics.scrape()).contains("tributary_requests_slow_total 1.0");
    }
  }

  /** An answer that came early is no licence to go on for ever. */
  @Test
  void http1_bodyThatNobodyWants_trickles_isHungUpOn() throws Exception {
    try (Live live = live()) {
      String head = "PUT /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n";
      assertThat(trickled(live, head, (byte) 0)).startsWith("HTTP/1.1 404");
    }
  }

  @Test
  void http1_secondHeadTrickles_isHungUpOn() throws Exception {
    try (Live live = live()) {
      String first = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\nX: ";
      assertThat(trickled(live, first, (byte) 'y')).startsWith("HTTP/1.1 200");
    }
  }

  private HttpClient http2() {
    HttpClientOptions options = new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2);
    options.setSsl(true).setUseAlpn(true).setTrustAll(true).setVerifyHost(false);
    HttpClient client = vertx.createHttpClient(options);
    clients.add(client);
    return client;
  }

  private static RequestOptions to(Live live, HttpMethod method, String path) {
    return new RequestOptions()
        .setMethod(method)
        .setHost("127.0.0.1")
        .setPort(live.port())
        .setURI(path);
  }

  /** Goes on with a byte now and then until its stream is reset. */
  private static StreamResetException trickled(HttpClientRequest request) {
    CompletableFuture<Throwable> reset = new CompletableFuture<>();
    request.exceptionHandler(reset::complete);
    await()
        .atMost(LONG)
        .pollInterval(NOW_AND_THEN)
        .until(
            () -> {
              var unused = request.write(Buffer.buffer(new byte[1]));
              return reset.isDone();
            });
    assertThat(reset.join()).isInstanceOf(StreamResetException.class);
    return (StreamResetException) reset.join();
  }

  @Test
  void http2_bodyTrickles_isToldSo_andItsStreamAloneEnds() throws Exception {
    try (Live live = live()) {
      HttpClient client = http2();
      HttpClientRequest request = result(client.request(to(live, HttpMethod.POST, "/v1/check-in")));
      request.setChunked(true);
      Future<Buffer> answer =
          request
              .response()
              .compose(
                  response -> {
                    assertThat(response.statusCode()).isEqualTo(503);
                    return response.body();
                  });
      assertThat(trickled(request).getCode()).isZero();
      assertThat(result(answer).toString(UTF_8)).contains("body-too-slow");
      assertThat(live.metrics.scrape()).contains("tributary_requests_slow_total 1.0");

      HttpClientRequest other = result(client.request(to(live, HttpMethod.GET, "/healthz")));
      assertThat(other.connection()).isSameAs(request.connection());
      assertThat(result(other.send()).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void http2_uploadTrickles_goesOnWhereItStood() throws Exception {
    try (Live live = live()) {
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        members.add(new Member(live, live.identity()));
      }
      Member member = members.get(0);
      Envelope offer = member.offer();
      ByteString session = offer.getSession();
      Plan plan = Plan.parse(offer.getOffer().getPlan().toByteArray());
      byte[] bytes = Member.bytes(member.input(offer, plan).body());
      String path = "/v1/inputs/" + HexFormat.of().formatHex(session.toByteArray());
      HttpClientRequest request =
          result(
              http2()
                  .request(
                      to(live, HttpMethod.PUT, path)
                          .addHeader("Authorization", member.token())
                          .addHeader(InputRoute.OFFSET, "0")));
      request.setChunked(true);
      result(request.write(Buffer.buffer(Arrays.copyOf(bytes, 10))));
      CompletableFuture<Throwable> reset = new CompletableFuture<>();
      request.exceptionHandler(reset::complete);
      HttpClientResponse told = result(request.response());
      assertThat(told.statusCode()).isEqualTo(503);
      assertThat(told.getHeader(InputRoute.OFFSET)).isEqualTo("10");
      assertThat(reset.get(30, TimeUnit.SECONDS)).isInstanceOf(StreamResetException.class);

      long stood =
          live.head(member.token(), session)
              .headers()
              .firstValueAsLong(InputRoute.OFFSET)
              .orElse(-1);
      assertThat(stood).isEqualTo(10);
      byte[] rest = Arrays.copyOfRange(bytes, 10, bytes.length);
      assertThat(live.put(member.token(), session, 10, rest).statusCode()).isEqualTo(204);
    }
  }

  /** The head of an answer whose body nobody reads: what comes before it is paused is lost. */
  private HttpClientResponse unread(Live live, HttpMethod method, String path, Member member) {
    if (clients.isEmpty()) {
      HttpClientOptions narrow =
          new HttpClientOptions()
              .setProtocolVersion(HttpVersion.HTTP_2)
              .setInitialSettings(new Http2Settings().setInitialWindowSize(WINDOW));
      narrow.setSsl(true).setUseAlpn(true).setTrustAll(true).setVerifyHost(false);
      clients.add(vertx.createHttpClient(narrow));
    }
    return result(
        clients
            .get(0)
            .request(to(live, method, path).addHeader("Authorization", member.token()))
            .compose(HttpClientRequest::send)
            .map(
                response -> {
                  response.pause().exceptionHandler(gone -> {});
                  return response;
                }));
  }

  /** So many answers go out to a client that reads none; each that is read or reset makes room. */
  private static void few(
      int most, Live live, List<Member> members, Function<Member, HttpClientResponse> asks) {
    List<HttpClientResponse> unread = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      unread.add(asks.apply(members.get(0)));
    }
    assertThat(unread).allMatch(response -> response.statusCode() == 200);
    assertThat(live.metrics.scrape()).contains("tributary_requests_limited_total 0.0");
    assertThat(asks.apply(members.get(0)).statusCode()).isEqualTo(429);
    assertThat(live.metrics.scrape()).contains("tributary_requests_limited_total 1.0");
    assertThat(asks.apply(members.get(1)).statusCode()).isEqualTo(200);

    var unused = unread.get(0).request().reset();
    assertThat(result(unread.get(1).resume().body()).length()).isPositive();
    for (int i = 0; i < 2; i++) {
      await().atMost(LONG).until(() -> asks.apply(members.get(0)).statusCode() == 200);
    }
    assertThat(asks.apply(members.get(0)).statusCode()).isEqualTo(429);
  }

  /** Who asks for models and reads none of them holds a few files open, and no more. */
  @Test
  void http2_modelsThatNobodyReads_areFewForEachClient() throws Exception {
    try (Live live = live()) {
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        members.add(new Member(live, live.identity()));
      }
      Plan plan = Plan.parse(members.get(0).offer().getOffer().getPlan().toByteArray());
      Function<Member, HttpClientResponse> asks =
          member -> unread(live, HttpMethod.GET, "/v1/models/" + plan.modelDigest(), member);
      few(8, live, members, asks);
    }
  }

  /** Who reads no replies has a few of them in memory, and no more; each read makes room. */
  @Test
  void http2_repliesThatNobodyReads_areFewForEachClient() throws Exception {
    try (Live live = live()) {
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        members.add(new Member(live, live.identity()));
      }
      Function<Member, HttpClientResponse> asks =
          member -> unread(live, HttpMethod.POST, "/v1/exchange", member);
      assertThat(members.get(0).offer().getSerializedSize()).isGreaterThan(2 * WINDOW);
      few(16, live, members, asks);
    }
  }

  /** Looks are the test's own here: who brings enough, is held, or has just begun, stays. */
  @Test
  void look_steadyHeldAndNewBodies_goOn() {
    CoordinatorMetrics metrics = new CoordinatorMetrics();
    SlowClients slow = new SlowClients(vertx, Duration.ofDays(1), metrics);
    AtomicReference<Context> loop = new AtomicReference<>();
    AtomicBoolean held = new AtomicBoolean();
    List<HttpServerRequest> requests = new CopyOnWriteArrayList<>();
    HttpServer server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("localhost").setPort(0))
            .connectionHandler(slow::opened)
            .requestHandler(
                request -> {
                  loop.set(vertx.getOrCreateContext());
                  slow.begins(request);
                  slow.reads(request, held::get, reason -> Problems.answer(request, reason));
                  request.handler(chunk -> {});
                  requests.add(request);
                });
    result(server.listen());
    clients.add(vertx.createHttpClient());
    HttpClientRequest request =
        result(clients.get(0).request(HttpMethod.PUT, server.actualPort(), "localhost", "/"));
    request.setChunked(true).exceptionHandler(gone -> {});
    result(request.write(Buffer.buffer(new byte[1])));
    await().until(() -> !requests.isEmpty() && requests.get(0).bytesRead() == 1);
    looked(slow, loop.get());
    for (int turn = 1; turn <= 3; turn++) {
      long so = 1 + (long) turn * SlowClients.LEAST;
      result(request.write(Buffer.buffer(new byte[SlowClients.LEAST])));
      await().until(() -> requests.get(0).bytesRead() == so);
      looked(slow, loop.get());
    }
    held.set(true);
    looked(slow, loop.get());
    looked(slow, loop.get());
    assertThat(metrics.scrape()).doesNotContain("tributary_requests_slow_total 1.0");

    held.set(false);
    looked(slow, loop.get());
    assertThat(metrics.scrape()).contains("tributary_requests_slow_total 1.0");
    assertThat(result(request.response()).statusCode()).isEqualTo(503);
  }

  /** One look at everything, done. */
  private static void looked(SlowClients slow, Context loop) {
    slow.look();
    Promise<Void> after = Promise.promise();
    loop.runOnContext(now -> after.complete());
    result(after.future());
  }
}
