package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.FileLedgerStorage;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Identity;
import dev.tributary.simulation.CommandRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tributary privacy report, key, raise, export, verify}. */
final class PrivacyLedgerCommandsTest {
  private static final PrivacyEvent SHARES =
      new PrivacyEvent.DistributedDiscreteGaussian(8192, 2930, 84, 8192);
  private static final PrivacyEvent CENTRAL = new PrivacyEvent.DiscreteGaussian(8192, 26_826);

  @TempDir private Path folder;

  private static Budget budget(String population, String operator) {
    return new Budget(population, Unit.USER, Relation.ZERO_OUT, 4, 1e-5, operator);
  }

  /** A store in which {@code rounds} rounds were released, each client in one in ten of them. */
  private Path store(Budget budget, PrivacyEvent event, int rounds) {
    Path path = folder.resolve("store");
    try (Store store = Store.open(path, Durability.MEMORY)) {
      TaskStore task = store.task("task of " + budget.population(), budget);
      task.begin("job", new byte[] {1});
      for (int round = 1; round <= rounds; round++) {
        task.reserve(round, new byte[0], List.of(0), event, (round + 9) / 10);
        task.commit(round, new byte[] {(byte) round}, new byte[] {2}, spent -> "{}");
      }
    }
    return path;
  }

  /** The same in a file, as clients keep theirs. */
  private Path file(Budget budget, PrivacyEvent event, int rounds) {
    Path path = folder.resolve("ledger");
    try (FileLedgerStorage storage = FileLedgerStorage.open(path)) {
      Ledger ledger = Ledger.create(storage, budget);
      for (int round = 1; round <= rounds; round++) {
        ledger.reserve("task", round, event, (round + 9) / 10);
        ledger.commit("task", round);
      }
    }
    return path;
  }

  private String key(String name) {
    String out =
        CommandRun.of("privacy", "key", "--out", folder.resolve(name).toString()).succeeded().out();
    return out.substring("operator ".length(), "operator ".length() + 64);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void report_ofAStore_hasARowForEachObserver_aCurve_andWhatWouldBe() throws IOException {
    Path store = store(budget("phones", ""), SHARES, 20);
    CommandRun run =
        CommandRun.of(
                "privacy", "report", store.toString(), "--rounds", "80", "--png", path("e.png"))
            .succeeded();
    assertThat(run.out())
        .contains("population \"phones\", unit user, neighbours by zero-out, delta 1.00e-05")
        .contains("20 released, 0 given up, 0 open")
        .containsPattern("outsider +1\\.8\\d* +3\\.99")
        .containsPattern("cohort member +1\\.8\\d* +3\\.99")
        .containsPattern("coordinator +1\\.8\\d* +3\\.99")
        .containsPattern("epsilon\n +1 +1 +1\\.2")
        .containsPattern("\n +20 +20 +1\\.8");
    BufferedImage curve = ImageIO.read(folder.resolve("e.png").toFile());
    assertThat(curve.getWidth()).isEqualTo(900);
    assertThat(colours(curve, 0x2a6fbb)).as("the curve").isGreaterThan(500);
    assertThat(colours(curve, 0xb02a37)).as("the budget").isGreaterThan(500);
  }

  private static long colours(BufferedImage image, int colour) {
    long count = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        count += (image.getRGB(x, y) & 0xffffff) == colour ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void report_ofCentralNoise_claimsNothingAgainstTheCoordinator() {
    Path store = file(budget("phones", ""), CENTRAL, 10);
    CommandRun run = CommandRun.of("privacy", "report", store.toString()).succeeded();
    assertThat(run.out()).containsPattern("coordinator +none").contains("sums before their noise");
  }

  /** A plain sum shows the coordinator single updates, which no ledger can know. */
  @Test
  void report_ofARun_readsWhatItLeft() throws IOException {
    Path out = folder.resolve("run");
    CommandRun.of(
            "simulate",
            "../examples/fashion-private.yaml",
            "--fast",
            "--set",
            "rounds=2",
            "--set",
            "cohort.size=20",
            "--set",
            "cohort.minimum=16",
            "--set",
            "simulation.data.partition.iid.clients=100",
            "--set",
            "training.engine=java",
            "--out",
            out.toString())
        .succeeded();
    CommandRun run = CommandRun.of("privacy", "report", out.toString()).succeeded();
    assertThat(run.out())
        .contains("2 released")
        .containsPattern("coordinator +none")
        .contains("it sees single updates");
    assertThat(out.resolve("epsilon.png")).exists();
  }

  @Test
  void report_ofAClientsLedger_countsItsParticipations() {
    Path file = folder.resolve("ledger");
    Budget recording =
        new Budget("client", Unit.USER, Relation.ZERO_OUT, Double.POSITIVE_INFINITY, 1e-5);
    try (FileLedgerStorage storage = FileLedgerStorage.open(file)) {
      Ledger ledger = Ledger.create(storage, recording);
      ledger.spend("task", 3, SHARES);
      ledger.spend("task", 9, SHARES);
    }
    CommandRun run = CommandRun.of("privacy", "report", file.toString()).succeeded();
    assertThat(run.out()).contains("any one unit in 2 of them").containsPattern("budget +no bound");
  }

  @Test
  void report_ofNothing_orOfNumbersThatAreNone_isRefused() {
    CommandRun.of("privacy", "report", path("nothing")).failedWith(ErrorCode.DATA_MISSING);
    Path ledger = file(budget("phones", ""), SHARES, 1);
    CommandRun.of("privacy", "report", ledger.toString(), "--noise", "0")
        .failedWith(ErrorCode.USAGE);
  }

  @Test
  void raise_needsTheOperatorsKey_andStaysInTheLedger() {
    String operator = key("operator.pem");
    key("other.pem");
    CommandRun.of("privacy", "key", "--out", path("operator.pem"))
        .failedWith(ErrorCode.KEY_FILE_UNUSABLE);
    Path store = store(budget("phones", operator), SHARES, 10);
    String[] words = {
      "privacy", "raise", store.toString(), "--epsilon", "6", "--reason", "agreed", "--key", ""
    };
    words[8] = path("other.pem");
    CommandRun.of(words).failedWith(ErrorCode.OPERATOR_REFUSED);
    words[8] = path("operator.pem");
    assertThat(CommandRun.of(words).succeeded().out()).contains("\"phones\" has epsilon 6.0");
    CommandRun.of(words).failedWith(ErrorCode.OPERATOR_REFUSED);
    assertThat(CommandRun.of("privacy", "report", store.toString()).succeeded().out())
        .contains("raised     to 6.0, signed: agreed")
        .containsPattern("budget +6");
    try (Store opened = Store.open(store, Durability.MEMORY)) {
      Budget more = budget("phones", operator).withEpsilon(6);
      opened.task("next", more).begin("job", new byte[] {1});
      opened.task("next", more).reserve(1, new byte[0], List.of(0), SHARES, 14);
    }
  }

  @Test
  void raise_ofALedgerThatNamesNobody_orOfNone_isRefused() {
    key("operator.pem");
    Path store = store(budget("phones", ""), SHARES, 1);
    store(budget("tablets", ""), SHARES, 1);
    CommandRun.of("privacy", "report", store.toString()).failedWith(ErrorCode.DATA_UNKNOWN);
    String[] words = {
      "privacy",
      "raise",
      store.toString(),
      "--population",
      "tablets",
      "--epsilon",
      "6",
      "--reason",
      "why",
      "--key",
      path("operator.pem")
    };
    CommandRun.of(words).failedWith(ErrorCode.OPERATOR_REFUSED);
    words[2] = path("nothing");
    CommandRun.of(words).failedWith(ErrorCode.DATA_MISSING);
  }

  @Test
  void export_isVerifiedWithoutItsStore_andEveryChangeIsFound() throws IOException {
    String operator = key("operator.pem");
    key("other.pem");
    Path store = file(budget("phones", operator), SHARES, 20);
    try (FileLedgerStorage storage = FileLedgerStorage.open(store);
        Identity signer = Identity.load(folder.resolve("operator.pem"))) {
      Ledger.open(storage).raise(6, "agreed", signer::signLabelled);
    }
    String[] export = {
      "privacy", "export", store.toString(), "--key", path("other.pem"), "--out", path("l.json")
    };
    CommandRun.of(export).failedWith(ErrorCode.OPERATOR_REFUSED);
    export[4] = path("operator.pem");
    CommandRun.of(export).succeeded();
    CommandRun good = CommandRun.of("privacy", "verify", path("l.json")).succeeded();
    assertThat(good.out())
        .contains("signature  of " + operator)
        .contains("raised     to 6.0, signed: agreed")
        .contains("of 6.00000 at delta 1.00e-05: computed anew");
    CommandRun.of("privacy", "verify", path("l.json"), "--operator", operator).succeeded();
    CommandRun.of("privacy", "verify", path("l.json"), "--operator", "ab".repeat(32))
        .failedWith(ErrorCode.OPERATOR_REFUSED);

    String text = Files.readString(folder.resolve("l.json"));
    verify(text.replaceAll("\"released\" : 1\\.8", "\"released\" : 1.7"))
        .failedWith(ErrorCode.LEDGER_DAMAGED);
    verify(text.replace("\"budget\" : 6.0", "\"budget\" : 4.0"))
        .failedWith(ErrorCode.LEDGER_DAMAGED);
    verify(text.replaceFirst("participations=1\"", "participations=2\""))
        .failedWith(ErrorCode.LEDGER_DAMAGED);
    verify(text.replaceAll("\"signature\" : \"..", "\"signature\" : \"zz"))
        .failedWith(ErrorCode.OPERATOR_REFUSED);
    verify(text.replaceAll("\"signature\" : \"[0-9a-f]*\",", ""))
        .failedWith(ErrorCode.OPERATOR_REFUSED);
    verify(text.replace("tributary/ledger/1", "other")).failedWith(ErrorCode.DATA_DAMAGED);
    verify("{").failedWith(ErrorCode.DATA_DAMAGED);
    verify(text.substring(0, text.length() / 2)).failedWith(ErrorCode.DATA_DAMAGED);
  }

  private CommandRun verify(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("changed.json"), text);
    return CommandRun.of("privacy", "verify", file.toString());
  }

  /** Whoever signs a ledger that names no operator must be known to the reader. */
  @Test
  void verify_ofALedgerThatNamesNobody_asksWhomToTrust() {
    String operator = key("operator.pem");
    Path store = file(budget("phones", ""), SHARES, 1);
    CommandRun.of(
            "privacy",
            "export",
            store.toString(),
            "--key",
            path("operator.pem"),
            "--out",
            path("l.json"))
        .succeeded();
    CommandRun.of("privacy", "verify", path("l.json")).failedWith(ErrorCode.OPERATOR_REFUSED);
    CommandRun.of("privacy", "verify", path("l.json"), "--operator", operator).succeeded();
  }
}
