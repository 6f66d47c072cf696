package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies of requests that fill their room, and what gives it back. */
@Timeout(60)
class BodiesTest {
  private static final int MOST = 100_000;
  private static final int LIMIT = 60_000;

  private final Vertx vertx = Vertx.vertx();
  private final CoordinatorMetrics metrics = new CoordinatorMetrics();
  private final SlowClients slow = new SlowClients(vertx, Duration.ofDays(1), metrics);
  private final Bodies bodies = new Bodies(vertx, MOST, metrics, slow);

  /** When what is done with a whole body ends. */
  private final Promise<Void> used = Promise.promise();

  private final AtomicInteger inUse = new AtomicInteger();

  private final HttpServer server =
      result(
          vertx
              .createHttpServer(new HttpServerOptions().setHost("localhost").setPort(0))
              .connectionHandler(slow::opened)
              .requestHandler(
                  request -> {
                    slow.begins(request);
                    bodies
                        .read(
                            request,
                            LIMIT,
                            body -> {
                              inUse.incrementAndGet();
                              return used.future().map(body.length());
                            })
                        .onSuccess(length -> request.response().end(length.toString()))
                        .onFailure(failure -> Problems.answer(request, failure));
                  })
              .listen());
  private final List<HttpClient> clients = new ArrayList<>();

  @AfterEach
  void ends() {
    result(vertx.close());
  }

  private static <T> T result(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  /** A request that has begun, and its answer. */
  private record Sent(HttpClientRequest request, Future<Answer> answer) {
    void more(int bytes) {
      result(request.write(Buffer.buffer(new byte[bytes])));
    }

    Answer ended() {
      result(request.end());
      return result(answer);
    }
  }

  private record Answer(int status, String retryAfter, String text) {}

  /** The beginning of a body, over a connection of its own. */
  private Sent begun(HttpVersion version, int bytes) {
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false));
    clients.add(client);
    HttpClientRequest request =
        result(client.request(HttpMethod.POST, server.actualPort(), "localhost", "/"));
    request.setChunked(true).exceptionHandler(gone -> {});
    Future<Answer> answer =
        request
            .response()
            .compose(
                response ->
                    response
                        .body()
                        .map(
                            body ->
                                new Answer(
                                    response.statusCode(),
                                    String.valueOf(response.getHeader("Retry-After")),
                                    body.toString())));
    long before = bodies.bytes();
    Sent sent = new Sent(request, answer);
    sent.more(bytes);
    await().until(() -> bodies.bytes() != before);
    return sent;
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void fullRoom_isGivenBackByTheBodyThatBeganFirst(HttpVersion version) {
    Sent first = begun(version, 40_000);
    Sent second = begun(version, 50_000);
    Sent third = begun(version, 45_000);
    assertThat(result(first.answer()).status()).isEqualTo(429);
    assertThat(result(first.answer()).retryAfter()).isEqualTo("1");
    assertThat(result(first.answer()).text()).contains("too-many-bytes");
    await().untilAsserted(() -> assertThat(bodies.bytes()).isEqualTo(95_000));
    assertThat(metrics.scrape()).contains("tributary_requests_limited_total 1.0");

    used.complete();
    assertThat(second.ended().text()).isEqualTo("50000");
    assertThat(third.ended().text()).isEqualTo("45000");
    await().untilAsserted(() -> assertThat(bodies.bytes()).isZero());
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void wholeBodies_keepTheirRoomUntilTheyAreUsed_andAreNotRefused(HttpVersion version) {
    Sent first = begun(version, 60_000);
    var unused = first.request().end();
    await().until(() -> inUse.get() == 1);
    Sent second = begun(version, 30_000);
    second.more(20_000);
    assertThat(result(second.answer()).status()).isEqualTo(429);
    assertThat(bodies.bytes()).isEqualTo(60_000);

    used.complete();
    assertThat(result(first.answer()).text()).isEqualTo("60000");
    await().untilAsserted(() -> assertThat(bodies.bytes()).isZero());
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void bodyThatBreaks_isTooLong_orStandsStill_givesItsRoomBack(HttpVersion version) {
    var unused = begun(version, 10_000).request().reset();
    await().untilAsserted(() -> assertThat(bodies.bytes()).isZero());

    Sent tooLong = begun(version, 30_000);
    tooLong.more(31_000);
    assertThat(result(tooLong.answer()).status()).isEqualTo(413);
    await().untilAsserted(() -> assertThat(bodies.bytes()).isZero());

    Sent still = begun(version, 10_000);
    slow.look();
    slow.look();
    assertThat(result(still.answer()).status()).isEqualTo(503);
    await().untilAsserted(() -> assertThat(bodies.bytes()).isZero());
  }
}
