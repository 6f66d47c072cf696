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
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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

  /** Whether clients have filled their windows before anything of them is read. */
  private volatile boolean late;

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
    request.connection().closeHandler(closed -> windows.closed(request.connection()));
    if (request.method() == HttpMethod.HEAD) {
      windows.announced(request.connection());
      request.response().end();
      return;
    }
    request.pause();
    Upload upload =
        Uploads.of(directory.resolve(request.path().substring(1)), Long.parseLong(request.query()));
    uploads.add(upload);
    InputWriting writing =
        new InputWriting(
            vertx.getOrCreateContext(), request, upload, 0, backlog, windows, new Blocking(vertx));
    upload.begin(0, () -> {});
    if (late) {
      var unused = vertx.setTimer(200, now -> writing.run());
    } else {
      writing.run();
    }
  }

  /** A client with one connection, of so many streams at a time. */
  private HttpClient client(int streams) {
    HttpClientOptions options = new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2);
    options.setHttp2ClearTextUpgrade(false).setHttp2MultiplexingLimit(streams);
    held.add(clients.createHttpClient(options, new PoolOptions().setHttp2MaxSize(1)));
    return held.get(held.size() - 1);
  }

  /** An upload that has begun, with its first byte. */
  private HttpClientRequest upload(HttpClient client, String name, long length) {
    return begin(request(client, HttpMethod.PUT, name, length));
  }

  /** One that the client asked about before. */
  private HttpClientRequest announcedUpload(HttpClient client, String name) {
    return begin(announced(client, name));
  }

  private HttpClientRequest announced(HttpClient client, String name) {
    HttpClientRequest head = request(client, HttpMethod.HEAD, name, LENGTH);
    assertThat(result(head.send().compose(answer -> answer.end().map(answer))).statusCode())
        .isEqualTo(200);
    HttpClientRequest put = request(client, HttpMethod.PUT, name, LENGTH);
    assertThat(put.connection()).isSameAs(head.connection());
    return put;
  }

  private HttpClientRequest request(HttpClient client, HttpMethod method, String name, long size) {
    return result(client.request(method, port, "localhost", "/" + name + "?" + size));
  }

  private static HttpClientRequest begin(HttpClientRequest request) {
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

  /** Sends bytes of an upload that goes on. */
  private static void send(HttpClientRequest request, int bytes) {
    result(request.write(Buffer.buffer(new byte[bytes])));
  }

  private static void finish(HttpClientRequest request, int bytes) {
    var unused = request.end(Buffer.buffer(new byte[bytes]));
    assertThat(result(request.response()).statusCode()).isEqualTo(204);
  }

  @Test
  void upload_announced_isAsWideAsItCan_untilItEnds() {
    HttpClientRequest one = announcedUpload(client(1), "one");
    assertThat(window(one)).isEqualTo(Windows.WIDEST);
    finish(one, LENGTH - 1);
    assertThat(window(one)).isEqualTo(Windows.FIRST);

    HttpClientRequest sudden = upload(client(1), "sudden", LENGTH);
    assertThat(window(sudden)).isEqualTo(Windows.FIRST);
    finish(sudden, LENGTH - 1);
    assertThat(window(sudden)).isEqualTo(Windows.FIRST);
    await().atMost(LONG).until(() -> windows.given() == 0);
  }

  /** The bound is for all of them, however many there are. */
  @Test
  void uploads_many_shareWhatThereIs_andHaveAFrameInTheEnd() {
    List<HttpClientRequest> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(announcedUpload(client(1), "one" + i));
    }
    assertThat(all.stream().mapToLong(WindowsTest::window).boxed().toList())
        .isSortedAccordingTo(Comparator.reverseOrder())
        .startsWith(1L << 20, 1L << 19)
        .contains((long) Windows.FIRST)
        .endsWith((long) Windows.NARROWEST);
    assertThat(windows.given()).isBetween(Windows.ALL, Windows.ALL + 200 * Windows.NARROWEST);
    all.forEach(each -> finish(each, LENGTH - 1));
    await().atMost(LONG).until(() -> windows.given() == 0);
    assertThat(window(announcedUpload(client(1), "next"))).isEqualTo(Windows.WIDEST);
  }

  @Test
  void uploads_ofOneConnection_haveOneWindow_andAreForgottenWithIt() {
    HttpClient client = client(100);
    HttpClientRequest one = announcedUpload(client, "one");
    HttpClientRequest other = announcedUpload(client, "other");
    assertThat(other.connection()).isSameAs(one.connection());
    assertThat(windows.given()).isEqualTo(Windows.WIDEST);
    finish(one, LENGTH - 1);
    assertThat(window(other)).isEqualTo(Windows.WIDEST);
    send(other, 1);
    await().atMost(LONG).until(() -> written("other") == 1);
    other.connection().close();
    await().atMost(LONG).until(() -> windows.given() == 0);
  }

  /** Windows of all kinds lose nothing of it. */
  @Test
  void uploads_moreThanTheWindows_areWhole() throws Exception {
    byte[] bytes = new byte[LENGTH];
    new Random(1).nextBytes(bytes);
    List<Future<HttpClientResponse>> answers = new ArrayList<>();
    int many = 24;
    for (int i = 0; i < many; i++) {
      HttpClientRequest request =
          i % 2 == 0
              ? request(client(1), HttpMethod.PUT, Integer.toString(i), LENGTH)
              : announced(client(1), Integer.toString(i));
      answers.add(request.send(Buffer.buffer(bytes)));
    }
    for (Future<HttpClientResponse> answer : answers) {
      assertThat(result(answer).statusCode()).isEqualTo(204);
    }
    for (int i = 0; i < many; i++) {
      assertThat(Files.readAllBytes(directory.resolve(Integer.toString(i)))).isEqualTo(bytes);
    }
  }

  /** What a client may send is not taken back from it: it would wait for ever. */
  @Test
  void uploads_manyThatBeginAfterAnother_doNotStopIt() {
    int before = 400 << 10;
    HttpClientRequest early = announcedUpload(client(1), "early");
    send(early, before - 1);
    await().atMost(LONG).until(() -> written("early") > Backlog.BLOCK);
    int many = 65;
    for (int i = 0; i < many; i++) {
      announcedUpload(client(1), "late" + i);
    }
    for (int i = 0; i < many; i++) {
      String late = "late" + i;
      await().atMost(LONG).until(() -> written(late) == 1);
    }

    finish(early, LENGTH - before);
  }

  /** The SDK's HTTP client, which waits for its window before anything is read. */
  @Test
  void uploads_ofJavasClient_announcedAndNot_areWhole() throws Exception {
    late = true;
    var sdk =
        java.net.http.HttpClient.newBuilder()
            .version(java.net.http.HttpClient.Version.HTTP_2)
            .build();
    var to =
        java.net.http.HttpRequest.newBuilder(
            URI.create("http://localhost:" + port + "/java?" + LENGTH));
    var asked =
        sdk.send(
            to.copy().method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.discarding());
    assertThat(asked.version()).isEqualTo(java.net.http.HttpClient.Version.HTTP_2);
    for (int i = 0; i < 2; i++) {
      // The second finds the window that the first has left.
      var put = to.copy().PUT(BodyPublishers.ofByteArray(new byte[LENGTH])).timeout(LONG);
      assertThat(sdk.send(put.build(), BodyHandlers.discarding()).statusCode()).isEqualTo(204);
    }
  }

  private long written(String name) {
    return directory.resolve(name).toFile().length();
  }
}
