package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tributary.privacy.Charge;
import dev.tributary.privacy.NoisySum;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client tells of single examples over several jobs, kept over restarts and refused. */
final class ExampleLedgerTest {
  private static final String KEY = "ab".repeat(32);
  private static final PrivacyEvent USER = new PrivacyEvent.NonPrivate();
  private static final Policy POLICY = Policy.atLeast().maximumEpsilon(Double.POSITIVE_INFINITY);

  @TempDir private Path directory;

  private static Charge steps(double rate, int count) {
    return new Charge(
        new PrivacyEvent.PoissonSampled(rate, new NoisySum(10, 1, 1.1).event()), count);
  }

  private static Participation next(String task, int round, Charge examples) {
    return new Participation(KEY, task, round, USER, examples);
  }

  private static double epsilon(List<Charge> charges) {
    return new RdpAccountant().epsilon(charges, 1e-5, Unit.EXAMPLE, Relation.ZERO_OUT).epsilon();
  }

  private Stream<ClientJournal> journals() {
    return Stream.of(ClientJournal.inMemory(), FileClientJournal.open(directory));
  }

  @Test
  void participation_withExamples_isReadBack() {
    Participation with = next("a", 3, steps(0.01, 60));
    assertThat(Participation.parse(with.toBytes())).isEqualTo(with);
    Participation without = new Participation(KEY, "a", 3, USER);
    assertThat(Participation.parse(without.toBytes())).isEqualTo(without);
  }

  @Test
  void rounds_ofSeveralJobs_addUpAsTheAccountantComposesThem() {
    journals()
        .forEach(
            journal -> {
              assertThat(journal.exampleCharges(KEY)).isEmpty();
              journal.contributed(next("a", 1, steps(0.01, 60)));
              journal.contributed(next("a", 2, steps(0.01, 60)));
              journal.contributed(next("b", 1, steps(0.01, 60)));
              journal.contributed(next("b", 2, steps(0.02, 30)));
              journal.contributed(new Participation(KEY, "c", 1, USER));
              assertThat(epsilon(journal.exampleCharges(KEY)))
                  .isEqualTo(epsilon(List.of(steps(0.01, 180), steps(0.02, 30))));
              assertThat(journal.exampleCharges("cd".repeat(32))).isEmpty();
              assertThat(journal.participations(KEY)).hasSize(5);
            });
  }

  @Test
  void contribution_thatIsStale_isRefused_byBothJournals() {
    journals()
        .forEach(
            journal -> {
              journal.contributed(next("a", 2, steps(0.01, 60)));
              journal.contributed(next("b", 1, steps(0.01, 60)));
              for (int round : new int[] {1, 2}) {
                assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> journal.contributed(new Participation(KEY, "a", round, USER)))
                    .withMessageContaining("round " + round + " of a");
              }
              assertThat(journal.participations(KEY))
                  .extracting(Participation::task)
                  .containsExactly("a", "b");
              journal.contributed(new Participation("cd".repeat(32), "a", 1, USER));
              assertThat(journal.participations(KEY)).hasSize(2);
            });
  }

  /** Two jobs that each keep their promise pass, together, what the client allows. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void secondJob_beyondTheClientsLimit_isDeclined(boolean restarted) {
    double one = epsilon(List.of(steps(0.1, 100)));
    double two = epsilon(List.of(steps(0.1, 200)));
    Policy policy = POLICY.maximumExampleEpsilon((one + two) / 2, 1e-5);
    FileClientJournal journal = FileClientJournal.open(directory);
    assertThat(journal.mayContribute(next("a", 1, steps(0.1, 100)), policy)).isEmpty();
    journal.contributed(next("a", 1, steps(0.1, 100)));
    if (restarted) {
      journal.close();
      journal = FileClientJournal.open(directory);
    }
    assertThat(journal.mayContribute(next("b", 1, steps(0.1, 100)), policy))
        .map(Refusal::code)
        .contains("example-budget-exhausted");
    assertThat(journal.mayContribute(new Participation(KEY, "b", 1, USER), policy)).isEmpty();
    assertThat(
            journal.mayContribute(
                next("b", 1, steps(0.1, 100)), policy.maximumExampleEpsilon(1.01 * two, 1e-5)))
        .isEmpty();
    assertThat(
            journal.mayContribute(
                next("b", 1, steps(1e-9, Integer.MAX_VALUE)),
                POLICY.maximumExampleEpsilon(1e6, 1e-5)))
        .map(Refusal::code)
        .contains("example-budget-exhausted");
    journal.close();
  }

  /** After a crash between the two ledgers the round comes again, and is charged once. */
  @Test
  void roundThatIsChargedAlready_isNotChargedAgain() {
    ExampleLedger ledger =
        ExampleLedger.open(KEY, new dev.tributary.privacy.InMemoryLedgerStorage());
    ledger.add("a", 1, steps(0.01, 60));
    ledger.add("a", 1, steps(0.01, 60));
    assertThat(ledger.charges()).containsExactly(steps(0.01, 60));
    ledger.add("a", 2, steps(0.01, 60));
    assertThat(ledger.charges()).containsExactly(steps(0.01, 120));
  }

  @Test
  void ledgerOfExamples_gone_isMissed() throws IOException {
    FileClientJournal journal = FileClientJournal.open(directory);
    journal.contributed(next("a", 1, steps(0.1, 100)));
    journal.close();
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(file -> file.getFileName().toString().contains("-examples")).toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      Files.delete(file);
    }
    FileClientJournal opened = FileClientJournal.open(directory);
    assertThatExceptionOfType(ClientException.class)
        .isThrownBy(() -> opened.mayContribute(next("a", 2, steps(0.1, 100)), POLICY))
        .withMessageContaining("there was a ledger");
    opened.close();
  }
}
