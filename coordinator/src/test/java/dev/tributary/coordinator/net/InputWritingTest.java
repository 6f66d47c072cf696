package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.Upload;
import dev.tributary.coordinator.Uploads;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputWritingTest {
  @TempDir Path directory;

  @Test
  void run_lineIsGoneAlready_letsGoOfTheUpload() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Upload upload = Uploads.of(directory.resolve("input"), 20);
      InputWriting writing =
          new InputWriting(
              vertx.getOrCreateContext(),
              closedRequest(),
              upload,
              0,
              new Backlog(1 << 20),
              new Windows(),
              new Blocking(vertx));
      upload.begin(0, () -> {});

      writing.run();

      upload.takeOver().get(10, TimeUnit.SECONDS);
      upload.begin(0, () -> {});
      assertThat(upload.offset()).isZero();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get();
    }
  }

  /** A request whose line broke before anybody listened: no handler of it is ever called. */
  private static HttpServerRequest closedRequest() {
    HttpServerResponse response =
        (HttpServerResponse)
            Proxy.newProxyInstance(
                InputWritingTest.class.getClassLoader(),
                new Class<?>[] {HttpServerResponse.class},
                (proxy, method, arguments) -> method.getName().equals("closed"));
    return (HttpServerRequest)
        Proxy.newProxyInstance(
            InputWritingTest.class.getClassLoader(),
            new Class<?>[] {HttpServerRequest.class},
            (proxy, method, arguments) -> method.getName().equals("response") ? response : proxy);
  }
}
