package dev.tributary.coordinator.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.JobResult.Outcome;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFileException;
import dev.tributary.coordinator.job.ServerFile;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.PostgresSettings;
import dev.tributary.coordinator.store.SmallDisk;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.coordinator.store.TestPostgres;
import dev.tributary.privacy.Guarantee;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.CheckInRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What an operator sees when a coordinator cannot start. */
class CoordinatorCommandTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: small
      model: {input: [4], layers: [{dense: {units: 3, activation: softmax}}], loss: sparse_categorical_crossentropy}
      training: {batchSize: 5, optimizer: {sgd: {learningRate: 0.1}}}
      strategy: fedavg
      rounds: 6
      cohort: {size: 10, minimum: 8}
      privacy: {mechanism: none}
      secureAggregation: {mode: curious}
      """;

  @TempDir Path directory;
  private Path job;

  @BeforeEach
  void writeJob() throws IOException {
    job = Files.writeString(directory.resolve("job.yaml"), JOB);
  }

  private Exception serve(String... more) {
    List<String> arguments = new ArrayList<>(List.of("--job", job.toString()));
    arguments.addAll(List.of("--store", directory.resolve("store").toString()));
    arguments.addAll(List.of(more));
    Exception[] failure = new Exception[1];
    new CommandLine(new CoordinatorCommand())
        .setOut(new PrintWriter(new StringWriter()))
        .setExecutionExceptionHandler(
            (exception, line, result) -> {
              failure[0] = exception;
              return 1;
            })
        .execute(arguments.toArray(String[]::new));
    return failure[0];
  }

  @Test
  void serve_withoutAPopulation_saysHowToNameIt() {
    assertThat(serve())
        .isInstanceOfSatisfying(
            ServerException.class, e -> assertThat(e.code()).isEqualTo("population-missing"))
        .hasMessageContaining("cohort.population: N")
        .hasMessageContaining("--clients N");
  }

  @Test
  void serve_tooFewClientsForTheSchedule_saysWhich() {
    assertThat(serve("--clients", "9"))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("With 9 clients the schedule");
  }

  /** A sample of 30 is charged as one of 30: no other number of clients may be waited for. */
  @Test
  void serve_otherClientsThanTheSampleIsOf_isRefused() {
    String[] sampled = {
      "--set",
      "privacy={mechanism: central-gaussian, relation: zero-out, epsilon: 8, delta: 1e-5, clipNorm:"
          + " 1}",
      "--set",
      "cohort={size: 10, minimum: 8, population: 30, sampling: fixed-size}",
      "--clients",
      "40"
    };
    assertThat(serve(sampled))
        .isInstanceOfSatisfying(
            ServerException.class, e -> assertThat(e.code()).isEqualTo("population-missing"))
        .hasMessageContaining("samples of 30 clients")
        .hasMessageContaining("cohort.population: 40");
  }

  @Test
  void serve_maliciousWithoutAnAuthority_isRefused() {
    assertThat(serve("--clients", "30", "--set", "secureAggregation.mode=malicious"))
        .isInstanceOfSatisfying(
            ServerException.class, e -> assertThat(e.code()).isEqualTo("mode-needs-authority"))
        .hasMessageContaining("--authority FILE");
  }

  @Test
  void serve_wrongJob_isRefusedBeforeAnythingIsWritten() {
    assertThat(serve("--set", "rounds=0")).isInstanceOf(JobFileException.class);
    assertThat(directory.resolve("store")).doesNotExist();
  }

  @Test
  void serve_portInUse_isRefused() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(
              serve("--clients", "30", "--host", "127.0.0.1", "--port", "" + taken.getLocalPort()))
          .isInstanceOfSatisfying(
              ServerException.class, e -> assertThat(e.code()).isEqualTo("port-in-use"));
    }
  }

  @Test
  void serve_storeInUse_isRefused() {
    try (Store taken = Store.open(directory.resolve("store"), Durability.MEMORY)) {
      assertThat(taken.directory()).exists();
      assertThat(serve("--clients", "30"))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("store-locked"));
    }
  }

  @Test
  void serve_configFile_isReadAndItsMistakesAreNamed() throws IOException {
    Path config = Files.writeString(directory.resolve("coordinator.yaml"), "prot: 8443\n");

    assertThat(serve("--clients", "30", "--config", config.toString()))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("coordinator.yaml:1: prot: 8443 is not known here")
        .hasMessageContaining("Did you mean port?");
  }

  @Test
  void serve_databaseOfTheConfigFile_isTheStore() throws IOException {
    PostgresSettings settings =
        TestPostgres.settings(TestPostgres.schema(), PostgresSettings.LEASE);
    Files.writeString(directory.resolve("secret"), "any password does\n");
    Path config =
        Files.writeString(
            directory.resolve("coordinator.yaml"),
            """
            database:
              url: %s
              user: postgres
              passwordFile: secret
              lease: 20s
            """
                .formatted(settings.url()));
    try (Store taken = Store.open(directory.resolve("elsewhere"), settings)) {
      assertThat(taken.directory()).exists();
      assertThat(serve("--clients", "30", "--config", config.toString()))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("store-locked"))
          .hasMessageContaining("Another coordinator works with this database");
    }
  }

  @Test
  void serve_databaseThatCannotBe_isNamed() throws IOException {
    Path config =
        Files.writeString(
            directory.resolve("coordinator.yaml"),
            "database:\n  url: jdbc:postgresql://h/d\n  passwordFile: none\n");

    assertThat(serve("--clients", "30", "--config", config.toString()))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("database.passwordFile: none cannot be read");
    Files.writeString(config, "database:\n  url: jdbc:postgresql://h/d?password=hunter2\n");
    assertThat(serve("--clients", "30", "--config", config.toString()))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("is where the password belongs")
        .hasMessageNotContaining("hunter2");
    Files.writeString(config, "clientTokenLifetime: 25h\n");
    assertThat(serve("--clients", "30", "--config", config.toString()))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("clientTokenLifetime: 25h must be 1m to 24h");
    Files.writeString(config, "clientTokenLifetime: 20m\n");
    assertThat(ServerFile.read(config).clientTokenLifetime()).isEqualTo(Duration.ofMinutes(20));
    assertThat(ServerFile.read(config).signingKey()).isNull();
    Files.writeString(config, "signingKey: keys/coordinator-key.pem\n");
    assertThat(ServerFile.read(config).signingKey())
        .isEqualTo(directory.toAbsolutePath().resolve("keys/coordinator-key.pem"));
    Files.writeString(config, "advertise: http://10.0.0.7\n");
    assertThat(serve("--clients", "30", "--config", config.toString()))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("advertise: http://10.0.0.7 must be https://HOST:PORT");
    Files.writeString(config, "advertise: https://10.0.0.7:8443\n");
    assertThat(ServerFile.read(config).advertise()).isEqualTo("https://10.0.0.7:8443");
    Files.writeString(config, "database:\n  url: jdbc:sqlite:x\n");
    assertThat(serve("--clients", "30", "--config", config.toString()))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("database.url: jdbc:sqlite:x cannot be used");
  }

  @Test
  void serve_evaluationDataOfAnotherShape_isRefusedBeforeAnythingIsWritten() throws IOException {
    Path table = Files.writeString(directory.resolve("test.csv"), "a,b,y\n1,2,0\n3,5,1\n4,1,2\n");

    assertThat(serve("--clients", "30", "--evaluate-on", table.toString(), "--label", "y"))
        .isInstanceOfSatisfying(
            ServerException.class, e -> assertThat(e.code()).isEqualTo("model-does-not-fit"))
        .hasMessageContaining("examples of shape [4], the data has [2]")
        .hasMessageContaining("model.input");
    assertThat(directory.resolve("store")).doesNotExist();
  }

  @Test
  void serve_evaluationDataOfTooManyClasses_isRefused() throws IOException {
    Path table =
        Files.writeString(directory.resolve("test.csv"), "a,b,c,d,y\n1,2,3,5,0\n3,5,1,0,7\n");

    assertThat(serve("--clients", "30", "--evaluate-on", table.toString(), "--label", "y"))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("tells 3 classes apart, the data has 8");
  }

  @Test
  void refuseNothing_everyRoundAborted_isNoSuccess() {
    assertThatThrownBy(() -> CoordinatorCommand.refuseNothing(result(Outcome.COMPLETED, 0, 6)))
        .isInstanceOfSatisfying(
            ServerException.class, e -> assertThat(e.code()).isEqualTo("no-round-completed"))
        .hasMessageContaining("none of 6 rounds came to a sum");
    assertThatThrownBy(() -> CoordinatorCommand.refuseNothing(result(Outcome.BUDGET_SPENT, 0, 0)))
        .isInstanceOf(ServerException.class)
        .hasMessage("no round could begin: why");
    CoordinatorCommand.refuseNothing(result(Outcome.COMPLETED, 1, 5));
    CoordinatorCommand.refuseNothing(result(Outcome.STOPPED, 0, 1));
  }

  private static JobResult result(Outcome outcome, int completed, int aborted) {
    Guarantee spent = new Guarantee(0, 1e-5, Unit.USER, Relation.ZERO_OUT, "rdp", 2);
    return new JobResult(
        outcome, "why", 6, completed, aborted, "0".repeat(64), spent, spent, null, null);
  }

  @Test
  void run_diskFillsUp_standsStillUntilThereIsRoom_andKeepsWhatItAcknowledged() throws Exception {
    Job small = Jobs.plain();
    List<CheckInRequest> acknowledged = new ArrayList<>();
    try (Live live = new Live(directory, small, 3_000, TrustAnchors.trustOnFirstUse());
        Identity identity = live.identity()) {
      assertThat(live.send(live.request("/readyz")).statusCode()).isEqualTo(200);
      SmallDisk.leave(live.store, 1);
      HttpResponse<byte[]> reply;
      do {
        CheckInRequest request = live.checkInRequest(identity, new byte[0]);
        reply = live.post("/v1/check-in", request);
        if (reply.statusCode() == 200) {
          acknowledged.add(request);
        }
      } while (reply.statusCode() == 200);

      for (String path : List.of("/v1/check-in", "/readyz")) {
        HttpResponse<byte[]> refused =
            path.equals("/readyz")
                ? live.send(live.request(path))
                : live.post(path, live.checkInRequest(identity, new byte[0]));
        assertThat(refused.statusCode()).as(path).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(Live.problem(refused).getCode()).isEqualTo("disk-full");
      }
      HttpResponse<byte[]> health = live.send(live.request("/healthz"));
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(new String(health.body(), UTF_8))
          .startsWith("paused")
          .contains("stands still until its disk takes writes: disk-full, since ");
      assertThat(new String(live.send(live.request("/metrics")).body(), UTF_8))
          .contains("tributary_paused 1.0");
      assertThat(live.coordinator.done()).isNotDone();

      SmallDisk.makeRoom(live.store);
      await().until(() -> live.coordinator.pause() == null);
      CheckInRequest after = live.checkInRequest(identity, new byte[0]);
      assertThat(live.post("/v1/check-in", after).statusCode()).isEqualTo(200);
      acknowledged.add(after);
      assertThat(live.send(live.request("/readyz")).statusCode()).isEqualTo(200);
    }
    try (Store store = Store.open(directory, Durability.DISK)) {
      assertThat(store.nonces().all().keySet())
          .containsAll(acknowledged.stream().map(CheckInRequest::getNonce).toList());
    }
  }

  @Test
  void run_stoppedBeforeTheJobBegan_endsCleanly() throws InterruptedException {
    Job small = Jobs.plain();
    StringWriter out = new StringWriter();
    try (Live live = new Live(directory, small, 30, TrustAnchors.trustOnFirstUse())) {
      live.coordinator.stop("stopped by its operator");

      RoundLines lines = new RoundLines(new PrintWriter(out), small);
      assertThat(new CoordinatorCommand().run(live.coordinator, lines)).isZero();
    }
    assertThat(out.toString()).contains("stopped by its operator before the job began");
  }
}
