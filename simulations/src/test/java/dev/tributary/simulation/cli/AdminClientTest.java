package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.client.TlsSettings;
import dev.tributary.coordinator.access.TokenSecret;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.simulation.CommandRun;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator whose job is on its way to another for so many requests. */
@Timeout(60)
class AdminClientTest {
  private static final String TOKEN = "tributary_" + "ab".repeat(32);

  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger moves = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final List<String> told = new ArrayList<>();
  private TlsIdentity tls;
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    tls = TlsIdentity.createOrLoad(folder.resolve("tls"), List.of("127.0.0.1"));
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .setCertPath(tls.certificatePem().toString())
                    .setKeyPath(tls.keyPem().toString()));
    server =
        vertx
            .createHttpServer(options)
            .requestHandler(this::answer)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
  }

  private void answer(HttpServerRequest request) {
    boolean moving = requests.getAndIncrement() < moves.get();
    // A proxy may say when in the other form that HTTP has for it.
    String when = moving ? "0" : "Wed, 21 Oct 2026 07:28:00 GMT";
    request.response().setStatusCode(moving ? 503 : 200).putHeader("Retry-After", when);
    request
        .response()
        .end(
            moving
                ? "{\"code\":\"job-moving\",\"message\":\"It moves.\"}"
                : "{\"name\":\"tiny\",\"clients\":{\"enrolled\":7,\"awaited\":8,\"joined\":2,\"left\":1}}");
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private URI url() {
    return URI.create("https://127.0.0.1:" + server.actualPort());
  }

  @Test
  void status_whileTheJobMoves_saysSoOnce_andComes() throws Exception {
    moves.set(3);
    Path token = Files.writeString(folder.resolve("token"), TOKEN);
    CommandRun status =
        CommandRun.of(
                "job",
                "status",
                "tiny",
                "--url",
                url().toString(),
                "--token-file",
                token.toString(),
                "--fingerprint",
                tls.fingerprint())
            .succeeded();
    assertThat(status.out()).contains("clients  7 of 8, 2 joined later, 1 left");
    assertThat(status.err()).containsOnlyOnce("on its way to another coordinator");
    assertThat(requests).hasValue(4);
  }

  @Test
  void jobThatMovesForTooLong_isRefused() {
    moves.set(Integer.MAX_VALUE);
    AdminClient client =
        new AdminClient(
            url(),
            TlsSettings.machine().pin(tls.fingerprint()).context(),
            TokenSecret.parse(TOKEN).orElseThrow(),
            Duration.ofMillis(300),
            told::add);
    assertThatThrownBy(() -> client.post("jobs/tiny/pause", null))
        .isInstanceOfSatisfying(
            CommandException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.COORDINATOR_BUSY))
        .hasMessageContaining("job-moving");
    assertThat(told).hasSize(1);
    assertThat(requests.get()).isBetween(2, 5);
  }
}
