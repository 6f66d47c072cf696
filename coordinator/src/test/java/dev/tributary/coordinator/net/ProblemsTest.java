package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

class ProblemsTest {
  @Test
  void answer_busy_saysWhenToComeBack() throws Exception {
    FrontDoorException busy = new FrontDoorException(Kind.BUSY, "busy", "Not now.", "Wait.");
    Vertx vertx = Vertx.vertx();
    try {
      HttpServer server =
          vertx
              .createHttpServer()
              .requestHandler(request -> Problems.answer(request, busy))
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get();
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort())).build();
      HttpResponse<byte[]> response =
          HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray());

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValueAsLong("Retry-After")).hasValue(30);
      assertThat(Live.problem(response).getCode()).isEqualTo("busy");
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get();
    }
  }
}
