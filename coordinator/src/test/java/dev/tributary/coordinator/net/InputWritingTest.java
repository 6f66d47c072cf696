package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.Upload;
import dev.tributary.coordinator.Uploads;
import io.vertx.core.Vertx;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
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
  void run_lineIsGoneAlready_letsGoOfTheUploadAndTheFile() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Upload upload = Uploads.of(directory.resolve("input"), 20);
      InputWriting writing =
          new InputWriting(vertx.getOrCreateContext(), closedRequest(), upload, 0);
      upload.begin(0, () -> {});
      AsyncFile file =
          vertx
              .fileSystem()
              .open(upload.file().toString(), new OpenOptions().setCreate(true))
              .toCompletionStage()
              .toCompletableFuture()
              .get();

      writing.run(file);

      upload.takeOver().get(10, TimeUnit.SECONDS);
      upload.begin(0, () -> {});
      assertThat(upload.offset()).isZero();
      assertThatThrownBy(file::writeQueueFull).hasMessageContaining("closed");
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
