package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Identity;
import dev.tributary.simulation.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tributary audit-log}. */
final class AuditLogCommandTest {
  @TempDir private Path folder;

  /** A store with two entries: a job begun, and a budget raised by its operator. */
  private Path store() {
    Path path = folder.resolve("store");
    try (Store store = Store.open(path, Durability.MEMORY);
        Identity operator = Identity.generate(new SecureRandom())) {
      String key = HexFormat.of().formatHex(operator.publicKey());
      Budget budget = new Budget("phones", Unit.USER, Relation.ZERO_OUT, 4, 1e-5, key);
      store.task("job", budget).begin("source", new byte[] {1});
      store.raise("phones", 6, "agreed with\nthe board", operator::signLabelled);
    }
    return path;
  }

  @Test
  void show_printsWhoDidWhat() {
    String store = store().toString();
    CommandRun run = CommandRun.of("audit-log", "show", "--store", store).succeeded();
    assertThat(run.out().lines()).hasSize(2);
    assertThat(run.out())
        .containsPattern(
            " 1  20.*Z  coordinator +job-begun +job job of population phones, file sha")
        .containsPattern(
            " 2  20.*Z  operator [0-9a-f]{64} budget-raised +population phones to epsilon 6.0:"
                + " agreed with the board");
    assertThat(
            CommandRun.of("audit-log", "show", "--store", store, "--from", "2")
                .succeeded()
                .out()
                .lines())
        .hasSize(1);
  }

  @Test
  void verify_ofAWholeLog_saysWhatToNote_andFindsItAgain() throws IOException {
    Path store = store();
    CommandRun run = CommandRun.of("audit-log", "verify", "--store", store.toString()).succeeded();
    assertThat(run.out()).contains("2 entries").containsPattern("note elsewhere: 2:[0-9a-f]{64}");
    String noted = run.out().replaceAll("(?s).*elsewhere: (\\S+)\\s*", "$1");
    Path config =
        Files.writeString(folder.resolve("coordinator.yaml"), "store: " + store.getFileName());
    assertThat(
            CommandRun.of("audit-log", "verify", "--config", config.toString(), "--noted", noted)
                .succeeded()
                .out())
        .contains("entry 2 is as noted");
    CommandRun.of(
            "audit-log", "verify", "--store", store.toString(), "--noted", "2:" + "ab".repeat(32))
        .failedWith(ErrorCode.AUDIT_LOG_DAMAGED);
    CommandRun.of("audit-log", "verify", "--store", store.toString(), "--noted", "2")
        .failedWith(ErrorCode.USAGE);
  }

  @Test
  void verify_ofADamagedLog_namesTheEntry() throws Exception {
    Path store = store();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + store.resolve("tributary.db"));
        Statement sql = connection.createStatement()) {
      sql.executeUpdate("UPDATE audit_entry SET detail = 'to epsilon 5.0' WHERE number = 2");
    }
    CommandRun run = CommandRun.of("audit-log", "verify", "--store", store.toString());
    run.failedWith(ErrorCode.AUDIT_LOG_DAMAGED);
    assertThat(run.err()).contains("entry 2 is not what was written");
  }

  @Test
  void store_thatIsNone_orIsNotNamed_isRefused() {
    CommandRun.of("audit-log", "verify", "--store", folder.resolve("no").toString())
        .failedWith(ErrorCode.DATA_MISSING);
    assertThat(folder.resolve("no")).doesNotExist();
    CommandRun.of("audit-log", "show").failedWith(ErrorCode.USAGE);
  }

  @Test
  void line_ofAnEntryThatSomebodyElseWrote_doesNotSpeakToTheTerminal() {
    assertThat(AuditLogCommand.printable("a\u001b[2Jb\u2028")).isEqualTo("a?[2Jb?");
  }
}
