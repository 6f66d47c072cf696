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
                    .setInitialSettings(new Http2Settings().setInitialWindowSize(Windows.FIRST)))
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
  void uploads_asManyAsThereIsRoomFor_areWide_andNarrowerWithEachThatIsMore() {
    HttpClient client = client(1);
    int room = (int) (Windows.ALL / Windows.WIDEST);
    List<HttpClientRequest> all = new ArrayList<>();
    for (int i = 0; i < room; i++) {
      all.add(upload(client, "first" + i, LENGTH));
    }
    all.forEach(each -> awaitWindow(each, Windows.WIDEST));

    all.add(upload(client, "late", LENGTH));
    all.forEach(each -> awaitWindow(each, Windows.WIDEST / 2));
    HttpClientRequest broken = all.remove(0);
    broken.reset();
    awaitWindow(broken, Windows.FIRST);
    all.add(upload(client, "next", LENGTH));
    awaitWindow(all.get(room), Windows.WIDEST / 2);

    while (all.size() > room / 2) {
      HttpClientRequest whole = all.remove(0);
      assertThat(window(whole)).isEqualTo(Windows.WIDEST / 2);
      var unused = whole.end(Buffer.buffer(new byte[LENGTH - 1]));
      assertThat(result(whole.response()).statusCode()).isEqualTo(204);
      awaitWindow(whole, Windows.FIRST);
    }
    all.forEach(each -> awaitWindow(each, Windows.WIDEST));
  }

  /** The bound is for all of them, however many there are. */
  @Test
  void uploads_many_haveNarrowWindowsButAFrame() {
    HttpClient client = client(1);
    List<HttpClientRequest> all = new ArrayList<>();
    for (int i = 0; i < 65; i++) {
      all.add(upload(client, "one" + i, LENGTH));
    }
    all.forEach(each -> awaitWindow(each, Windows.ALL / 128));
    assertThat(Windows.NARROWEST).isEqualTo(16_384);
  }

  @Test
  void uploads_ofOneConnection_countEach_andCanBeShort() {
    HttpClient client = client(100);
    List<HttpClientRequest> all = new ArrayList<>();
    for (int i = 0; i < Windows.ALL / Windows.WIDEST; i++) {
      all.add(upload(client, "one" + i, LENGTH));
    }
    HttpClientRequest one = all.get(0);
    awaitWindow(one, Windows.WIDEST);
    HttpClientRequest other = upload(client, "other", LENGTH);
    assertThat(other.connection()).isSameAs(one.connection());
    awaitWindow(one, Windows.WIDEST / 2);
    all.forEach(HttpClientRequest::reset);
    other.reset();
    awaitWindow(other, Windows.FIRST);

    HttpClientRequest brief = upload(client(1), "brief", Windows.FIRST);
    var unused = brief.end(Buffer.buffer(new byte[Windows.FIRST - 1]));
    assertThat(result(brief.response()).statusCode()).isEqualTo(204);
    assertThat(window(brief)).isEqualTo(Windows.FIRST);
  }

  /** Windows that grow and shrink below an upload lose nothing of it. */
  @Test
  void uploads_moreThanTheWindows_areWhole() throws Exception {
    HttpClient client = client(1);
    byte[] bytes = new byte[LENGTH];
    new Random(1).nextBytes(bytes);
    List<Future<HttpClientResponse>> answers = new ArrayList<>();
    int many = 24;
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
