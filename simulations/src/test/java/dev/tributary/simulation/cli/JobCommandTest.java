package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.net.HttpServer;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.CommandRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tributary job}, and {@code token} and {@code audit-log} with {@code --url}. */
@Timeout(60)
final class JobCommandTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: tiny
      model:
        input: [4]
        layers: [{dense: {units: 2, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 1, batchSize: 4, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
      strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
      rounds: 2
      cohort: {size: 12, minimum: 11, population: 12}
      privacy: {mechanism: none}
      secureAggregation: {suite: sa1, mode: curious}
      deadline: 60s
      """;

  @TempDir private Path folder;
  private Store store;
  private Coordinator coordinator;
  private TlsIdentity tls;
  private HttpServer server;

  @BeforeEach
  void start() {
    store = Store.open(folder.resolve("store"), Durability.MEMORY);
    for (Role role : Role.values()) {
      String secret =
          store
              .tokens()
              .create("test", role.word(), role, Duration.ofDays(1), new SecureRandom())
              .secret()
              .reveal();
      write(role.word(), secret + "\n");
    }
    coordinator =
        Coordinator.open(
            store,
            new Coordinator.Settings(
                JobFile.parse("tiny.yaml", JOB, List.of()),
                12,
                TrustAnchors.trustOnFirstUse(),
                new Sa1(),
                null,
                RoundListener.none(),
                Clock.systemUTC(),
                1));
    tls = TlsIdentity.createOrLoad(folder.resolve("tls"), List.of("127.0.0.1"));
    server = HttpServer.start(coordinator, new CoordinatorMetrics(), tls, "127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    server.close();
    coordinator.close();
    store.close();
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CommandRun as(Role role, String... words) {
    return run(
        Stream.concat(
            Stream.of(words),
            Stream.of(
                "--url",
                "https://127.0.0.1:" + server.port(),
                "--token-file",
                folder.resolve(role.word()).toString(),
                "--fingerprint",
                tls.fingerprint())));
  }

  private static CommandRun run(Stream<String> words) {
    return CommandRun.of(words.toArray(String[]::new));
  }

  @Test
  void job_isShownPausedResumedAndCancelled() {
    assertThat(as(Role.VIEWER, "job", "list").succeeded().out())
        .containsPattern("tiny +waiting-for-clients +0 of 2 rounds, 0 without a model");
    assertThat(as(Role.AUDITOR, "job", "status", "tiny").succeeded().out())
        .contains("clients  0 of 12", "model    none");
    assertThat(as(Role.VIEWER, "job", "status", "tiny", "--json").succeeded().out())
        .startsWith("{\"name\":\"tiny\",\"state\":\"waiting-for-clients\"");
    as(Role.VIEWER, "job", "pause", "tiny").failedWith(ErrorCode.ACCESS_REFUSED);
    assertThat(as(Role.OPERATOR, "job", "pause", "tiny").succeeded().out())
        .contains("state    paused");
    assertThat(as(Role.OPERATOR, "job", "resume", "tiny").succeeded().out())
        .contains("state    waiting-for-clients");
    CommandRun other = as(Role.OWNER, "job", "cancel", "other");
    other.failedWith(ErrorCode.ADMINISTRATION_REFUSED);
    assertThat(other.err()).contains("has no job other", "job-unknown");
    assertThat(as(Role.OWNER, "job", "cancel", "tiny").succeeded().out())
        .contains("state    cancelled: cancelled by token owner");
    CommandRun over = as(Role.OWNER, "job", "resume", "tiny");
    over.failedWith(ErrorCode.ADMINISTRATION_REFUSED);
    assertThat(over.err()).contains("is over", "job-over");
    as(Role.OWNER, "job", "pause", "../tokens").failedWith(ErrorCode.USAGE);
  }

  @Test
  void job_isNotSubmittedToACoordinatorOfOne_norWithoutAFile() {
    String job = write("new.yaml", JOB.replace("tiny", "new")).toString();
    CommandRun closed = as(Role.OPERATOR, "job", "submit", job);
    closed.failedWith(ErrorCode.ADMINISTRATION_REFUSED);
    assertThat(closed.err()).contains("submissions-closed");
    as(Role.VIEWER, "job", "submit", job).failedWith(ErrorCode.ACCESS_REFUSED);
    as(Role.OPERATOR, "job", "submit", folder.resolve("none.yaml").toString())
        .failedWith(ErrorCode.JOB_UNREADABLE);
    as(Role.OPERATOR, "job", "submit", folder.toString()).failedWith(ErrorCode.JOB_UNREADABLE);
  }

  @Test
  void tokens_areMadeListedAndRevoked() {
    CommandRun made =
        as(Role.OWNER, "token", "create", "--role", "viewer", "--name", "carol").succeeded();
    write("viewer", made.out().lines().skip(1).findFirst().orElseThrow());
    as(Role.VIEWER, "job", "list").succeeded();
    assertThat(as(Role.OWNER, "token", "list").succeeded().out())
        .containsPattern("carol +viewer +valid")
        .containsPattern("operator +operator +valid");
    as(Role.OWNER, "token", "create", "--role", "viewer", "--name", "carol")
        .failedWith(ErrorCode.ADMINISTRATION_REFUSED);
    as(Role.OPERATOR, "token", "list").failedWith(ErrorCode.ACCESS_REFUSED);
    assertThat(as(Role.OWNER, "token", "revoke", "carol").succeeded().out()).contains("revoked");
    CommandRun refused = as(Role.VIEWER, "job", "list");
    refused.failedWith(ErrorCode.ACCESS_REFUSED);
    assertThat(refused.err()).contains("admin-token-revoked").doesNotContain("tributary_");
  }

  /** More than one page, checked link by link on this side. */
  @Test
  void auditLog_isShownAndVerified_andADamagedOneIsNamed() throws Exception {
    for (int i = 0; i < 1_001; i++) {
      store.auditLog().trust("test", "number " + i);
    }
    assertThat(as(Role.AUDITOR, "audit-log", "show").succeeded().out().lines()).hasSize(1_006);
    CommandRun whole = as(Role.AUDITOR, "audit-log", "verify").succeeded();
    assertThat(whole.out()).contains("1006 entries, each what was written");
    as(Role.OPERATOR, "audit-log", "verify").failedWith(ErrorCode.ACCESS_REFUSED);
    stop();
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + folder.resolve("store").resolve("tributary.db"));
        Statement sql = connection.createStatement()) {
      sql.executeUpdate("UPDATE audit_entry SET who = 'nobody' WHERE number = 1003");
    }
    store = Store.open(folder.resolve("store"), Durability.MEMORY);
    coordinator =
        Coordinator.open(
            store,
            new Coordinator.Settings(
                JobFile.parse("tiny.yaml", JOB, List.of()),
                12,
                TrustAnchors.trustOnFirstUse(),
                new Sa1(),
                null,
                RoundListener.none(),
                Clock.systemUTC(),
                1));
    server = HttpServer.start(coordinator, new CoordinatorMetrics(), tls, "127.0.0.1", 0);
    CommandRun damaged = as(Role.AUDITOR, "audit-log", "verify");
    damaged.failedWith(ErrorCode.AUDIT_LOG_DAMAGED);
    assertThat(damaged.err()).contains("entry 1003 is not what was written");
  }

  @Test
  void server_thatIsNotTheOneMeant_isNotSpokenTo() throws IOException {
    String url = "https://127.0.0.1:" + server.port();
    String token = folder.resolve("owner").toString();
    CommandRun other =
        run(
            Stream.of(
                "job",
                "list",
                "--url",
                url,
                "--token-file",
                token,
                "--fingerprint",
                "sha256:" + "ab".repeat(32)));
    other.failedWith(ErrorCode.CERTIFICATE_MISMATCH);
    run(Stream.of("job", "list", "--url", url, "--token-file", token))
        .failedWith(ErrorCode.CERTIFICATE_MISMATCH);
    run(Stream.of(
            "job",
            "list",
            "--url",
            url,
            "--token-file",
            token,
            "--ca",
            tls.certificatePem().toString()))
        .succeeded();
    run(Stream.of(
            "job",
            "list",
            "--url",
            url.replace("127.0.0.1", "localhost"),
            "--token-file",
            token,
            "--ca",
            tls.certificatePem().toString()))
        .failedWith(ErrorCode.CERTIFICATE_MISMATCH);
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    run(Stream.of("job", "list", "--url", "https://127.0.0.1:" + free, "--token-file", token))
        .failedWith(ErrorCode.COORDINATOR_UNREACHABLE);
  }

  @Test
  void options_thatCannotWork_areRefused() {
    String url = "https://127.0.0.1:" + server.port();
    String token = folder.resolve("owner").toString();
    run(Stream.of("job", "list")).failedWith(ErrorCode.USAGE);
    run(Stream.of("job", "list", "--url", url)).failedWith(ErrorCode.USAGE);
    run(Stream.of("job", "list", "--url", "http://127.0.0.1", "--token-file", token))
        .failedWith(ErrorCode.USAGE);
    run(Stream.of("job", "list", "--url", url, "--token-file", token, "--fingerprint", "12"))
        .failedWith(ErrorCode.USAGE);
    run(Stream.of("job", "list", "--url", url, "--token-file", folder.resolve("no").toString()))
        .failedWith(ErrorCode.KEY_FILE_UNUSABLE);
    Path secret = write("other", "a password\n");
    CommandRun other =
        run(Stream.of("job", "list", "--url", url, "--token-file", secret.toString()));
    other.failedWith(ErrorCode.KEY_FILE_UNUSABLE);
    assertThat(other.err()).doesNotContain("a password");
    run(Stream.of("job", "list", "--url", url, "--token-file", token, "--ca", secret.toString()))
        .failedWith(ErrorCode.KEY_FILE_UNUSABLE);
  }
}
