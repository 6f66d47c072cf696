package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tributary.coordinator.Upload;
import dev.tributary.coordinator.Uploads;
import io.vertx.core.Future;
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
import io.vertx.core.http.PoolOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Uploads over HTTP/2 without TLS; how far each may go ahead is seen from the client's side. */
@Timeout(60)
class WindowsTest {
  private static final int LENGTH = 3 << 20;
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final Vertx clients = Vertx.vertx();

  /** A client that nobody holds is closed with the next collection. */
  private final List<HttpClient> held = new ArrayList<>();

  private final List<Upload> uploads = new CopyOnWriteArrayList<>();
  private final Windows windows = new Windows();
  private final Backlog backlog = new Backlog(1 << 20);
  private int port;

  @BeforeEach
  void listens() {
    HttpServer server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost("localhost")
                    .setPort(0)
                    .setInitialSettings(new Http2Settings().setInitialWindowSize(Windows.NARROW)))
            .requestHandler(this::take);
    result(server.listen());
    port = server.actualPort();
  }

  @AfterEach
  void ends() throws Exception {
    result(clients.close());
    for (Upload upload : uploads) {
      upload.takeOver().get(20, TimeUnit.SECONDS);
    }
    result(vertx.close());
  }

  /** Each path is an upload of its own; its query is its length. */
  private void take(HttpServerRequest request) {
    request.pause();
    Upload upload =
        Uploads.of(directory.resolve(request.path().substring(1)), Long.parseLong(request.query()));
    uploads.add(upload);
    InputWriting writing =
        new InputWriting(vertx.getOrCreateContext(), request, upload, 0, backlog, windows);
    upload.begin(0, () -> {});
    writing.run();
  }

  private HttpClient client(int streams) {
    HttpClientOptions options = new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2);
    options.setHttp2ClearTextUpgrade(false).setHttp2MultiplexingLimit(streams);
    held.add(clients.createHttpClient(options, new PoolOptions().setHttp2MaxSize(100)));
    return held.get(held.size() - 1);
  }

  /** An upload that has begun, with its first byte. */
  private HttpClientRequest upload(HttpClient client, String name, long length) {
    HttpClientRequest request =
        result(client.request(HttpMethod.PUT, port, "localhost", "/" + name + "?" + length));
    request.setChunked(true).exceptionHandler(gone -> {});
    result(request.write(Buffer.buffer(new byte[1])));
    return request;
  }

  private static long window(HttpClientRequest request) {
    return request.connection().remoteSettings().getInitialWindowSize();
  }

  private static void awaitWindow(HttpClientRequest request, long bytes) {
    await().atMost(LONG).until(() -> window(request) == bytes);
  }

  private static <T> T result(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void uploads_soManyAreWide_andTheNextOnceOneHasEnded() {
    HttpClient client = client(1);
    List<HttpClientRequest> first = new ArrayList<>();
    for (int i = 0; i < Windows.MOST_WIDE; i++) {
      first.add(upload(client, "first" + i, LENGTH));
    }
    first.forEach(each -> awaitWindow(each, Windows.WIDE));

    HttpClientRequest late = upload(client, "late", LENGTH);
    HttpClientRequest broken = first.get(0);
    HttpClientRequest whole = first.get(1);
    broken.reset();
    awaitWindow(broken, Windows.NARROW);
    HttpClientRequest next = upload(client, "next", LENGTH);
    awaitWindow(next, Windows.WIDE);
    assertThat(window(late)).isEqualTo(Windows.NARROW);

    var unused = whole.end(Buffer.buffer(new byte[LENGTH - 1]));
    assertThat(result(whole.response()).statusCode()).isEqualTo(204);
    awaitWindow(whole, Windows.NARROW);
    HttpClientRequest last = upload(client, "last", LENGTH);
    awaitWindow(last, Windows.WIDE);
    assertThat(window(late)).isEqualTo(Windows.NARROW);
  }

  @Test
  void uploads_ofOneConnection_goOnWithNarrowWindows_andCanBeShort() {
    HttpClient client = client(100);
    HttpClientRequest one = upload(client, "one", LENGTH);
    awaitWindow(one, Windows.WIDE);
    HttpClientRequest other = upload(client, "other", LENGTH);
    assertThat(other.connection()).isSameAs(one.connection());
    awaitWindow(one, Windows.NARROW);

    HttpClientRequest brief = upload(client(1), "brief", Windows.NARROW);
    var unused = brief.end(Buffer.buffer(new byte[Windows.NARROW - 1]));
    assertThat(result(brief.response()).statusCode()).isEqualTo(204);
    assertThat(window(brief)).isEqualTo(Windows.NARROW);
  }

  /** Windows that grow and shrink below an upload lose nothing of it. */
  @Test
  void uploads_moreThanTheWindows_areWhole() throws Exception {
    HttpClient client = client(1);
    byte[] bytes = new byte[LENGTH];
    new Random(1).nextBytes(bytes);
    List<Future<HttpClientResponse>> answers = new ArrayList<>();
    int many = Windows.MOST_WIDE + 8;
    for (int i = 0; i < many; i++) {
      HttpClientRequest request =
          result(client.request(HttpMethod.PUT, port, "localhost", "/" + i + "?" + LENGTH));
      answers.add(request.send(Buffer.buffer(bytes)));
    }
    for (Future<HttpClientResponse> answer : answers) {
      assertThat(result(answer).statusCode()).isEqualTo(204);
    }
    for (int i = 0; i < many; i++) {
      assertThat(Files.readAllBytes(directory.resolve(Integer.toString(i)))).isEqualTo(bytes);
    }
  }
}
