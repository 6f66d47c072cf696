package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.privacy.SimulatedLedgerDisk.Lie;
import dev.tributary.privacy.SimulatedLedgerDisk.PowerLoss;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A scripted run of a ledger loses power at every single operation of its disk, comes up again, may
 * lose power on the way, and goes on to the end. What was acknowledged stands, whole and alone but
 * for the one step that was under way; the budget holds throughout.
 */
final class LedgerCrashTest {
  private static final Path NAME = Path.of("ledger");
  private static final PrivacyEvent WIDE = new PrivacyEvent.Gaussian(6);
  private static final PrivacyEvent NARROW = new PrivacyEvent.Gaussian(2.5);
  private static final int STEPS = 10;

  private static Budget budget;
  private static PrivateKey operator;

  /** What a ledger amounts to. */
  private record Standing(
      int entries, Guarantee released, Guarantee seen, Guarantee worst, double budget) {
    static Standing of(Ledger ledger) {
      return new Standing(
          (int) ledger.head().index() + 1,
          ledger.released(),
          ledger.coordinatorView(),
          ledger.reservedWorstCase(),
          ledger.budget().epsilon());
    }

    void isNoOverdraw(String when) {
      assertThat(worst.epsilon()).as("%s: never an overdraw", when).isLessThanOrEqualTo(budget);
    }
  }

  @BeforeAll
  static void key() throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    String hex = HexFormat.of().formatHex(encoded, encoded.length - 32, encoded.length);
    operator = pair.getPrivate();
    budget = new Budget("phones", Unit.USER, Relation.ZERO_OUT, 3, 1e-5, hex);
  }

  private static byte[] signed(byte[] message) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(operator);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Steps that are in order, whoever takes them up: reservations (some of which no budget covers),
   * answers, commits, cancellations, spendings and rises. The first begins the ledger.
   */
  private static List<Consumer<Ledger>> script(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Consumer<Ledger>> script = new ArrayList<>();
    int round = 0;
    double epsilon = 3;
    while (script.size() < STEPS) {
      int number = ++round;
      PrivacyEvent event = random.nextInt(3) == 0 ? NARROW : WIDE;
      script.add(ledger -> ledger.reserve("task", number, event, number));
      if (random.nextInt(4) == 0) {
        double higher = epsilon += 0.5;
        script.add(ledger -> ledger.raise(higher, "agreed", LedgerCrashTest::signed));
      }
      if (random.nextInt(3) == 0) {
        script.add(ledger -> ledger.cancel("task", number, "too few"));
      } else {
        script.add(ledger -> ledger.coordinatorSaw("task", number));
        script.add(ledger -> ledger.commit("task", number));
      }
      if (random.nextInt(3) == 0) {
        script.add(ledger -> ledger.spend("own", number, WIDE));
      }
    }
    script.add(ledger -> ledger.reserve("task", 999, NARROW, 999));
    return script;
  }

  /** A step of a round that was refused is out of turn, and records nothing. */
  private static void take(Consumer<Ledger> step, Ledger ledger) {
    try {
      step.accept(ledger);
    } catch (BudgetExceededException e) {
      assertThat(e).hasMessageContaining("epsilon");
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("was never reserved");
    }
  }

  private static Ledger opened(SimulatedLedgerDisk disk) {
    return Ledger.open(FileLedgerStorage.open(NAME, disk.mounted()), budget);
  }

  private static Ledger created(SimulatedLedgerDisk disk) {
    return Ledger.create(FileLedgerStorage.open(NAME, disk.mounted()), budget);
  }

  /** How the ledger stands after each step of a run without a failure; first as it was created. */
  private static List<Standing> reference(List<Consumer<Ledger>> script) {
    Ledger ledger = Ledger.create(new InMemoryLedgerStorage(), budget);
    List<Standing> reference = new ArrayList<>(List.of(Standing.of(ledger)));
    for (Consumer<Ledger> step : script) {
      take(step, ledger);
      reference.add(Standing.of(ledger));
    }
    return reference;
  }

  private static int operations(List<Consumer<Ledger>> script) {
    SimulatedLedgerDisk disk = new SimulatedLedgerDisk(Lie.NONE);
    Ledger ledger = created(disk);
    script.forEach(step -> take(step, ledger));
    return disk.operations();
  }

  /** Every operation of the run is one at which the power goes. */
  private static void everyPowerLoss(long seed, Lie lie) {
    List<Consumer<Ledger>> script = script(seed);
    List<Standing> reference = reference(script);
    int operations = operations(script);
    assertThat(operations).as("operations of the disk").isGreaterThan(7 * STEPS / 2);
    SplittableRandom random = new SplittableRandom(seed);
    for (int at = 0; at < operations; at++) {
      String when = "seed " + seed + ", power lost at operation " + at;
      SimulatedLedgerDisk disk = new SimulatedLedgerDisk(lie);
      disk.failAt(at);
      int done = 0;
      while (done <= script.size()) {
        try {
          done = run(disk, script, reference, done, when);
        } catch (Interrupted lost) {
          done = lost.done;
          disk.restart(random);
          if (random.nextInt(3) == 0) {
            disk.failAt(disk.operations() + random.nextInt(8));
          }
        }
      }
      assertThat(Standing.of(opened(disk))).as(when).isEqualTo(reference.get(script.size()));
    }
  }

  private static final class Interrupted extends Exception {
    private static final long serialVersionUID = 1;
    private final int done;

    Interrupted(int done, PowerLoss cause) {
      super(cause);
      this.done = done;
    }
  }

  /**
   * Takes up the run where it was acknowledged: {@code done} steps, the creation among them.
   *
   * @return steps after the last one
   */
  private static int run(
      SimulatedLedgerDisk disk,
      List<Consumer<Ledger>> script,
      List<Standing> reference,
      int acknowledged,
      String when)
      throws Interrupted {
    int done = acknowledged;
    try {
      boolean there = !FileLedgerStorage.open(NAME, disk.mounted()).load().isEmpty();
      Ledger ledger = done > 0 || there ? opened(disk) : created(disk);
      byte[] file = disk.content(SimulatedLedgerDisk.LEDGER);
      assertThat(file[file.length - 1]).as("%s: a torn tail is cut off", when).isEqualTo((byte) 10);
      Standing found = Standing.of(ledger);
      found.isNoOverdraw(when);
      if (done == 0) {
        assertThat(found).as(when).isEqualTo(reference.get(0));
        done = 1;
      } else if (!found.equals(reference.get(done - 1))) {
        assertThat(found)
            .as("%s: what was acknowledged, and at most the step that was under way", when)
            .isEqualTo(reference.get(Math.min(done, script.size())));
        done++;
      }
      while (done <= script.size()) {
        take(script.get(done - 1), ledger);
        done++;
        Standing standing = Standing.of(ledger);
        standing.isNoOverdraw(when);
        assertThat(standing).as(when).isEqualTo(reference.get(done - 1));
      }
      return script.size() + 1;
    } catch (PowerLoss loss) {
      throw new Interrupted(done, loss);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void powerLostAtEveryOperation_losesNothingThatWasAcknowledged(long seed) {
    everyPowerLoss(seed, Lie.NONE);
  }

  /** The same test over a disk that says it is done before it is. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void diskThatAcknowledgesBeforeItIsSafe_isFoundOut(Lie lie) {
    assertThatThrownBy(
            () -> {
              for (long seed = 1; seed <= 4; seed++) {
                everyPowerLoss(seed, lie);
              }
            })
        .as("%s", lie)
        .isInstanceOfAny(AssertionError.class, LedgerDamagedException.class);
  }

  /** The power goes twice while a ledger begins: after its first entry, and after its second. */
  @Test
  void powerLostTwiceAtTheBeginning_locksNobodyOut() {
    for (int later = 0; later < 16; later++) {
      SimulatedLedgerDisk disk = new SimulatedLedgerDisk(Lie.NONE);
      disk.failAt(2);
      assertThatThrownBy(() -> created(disk)).isInstanceOf(PowerLoss.class);
      disk.restart(new SplittableRandom(later)); // names may be safe or not
      if (disk.content(SimulatedLedgerDisk.LEDGER).length > 0) {
        disk.failAt(disk.operations() + later);
        try {
          opened(disk).reserve("task", 1, WIDE, 1);
        } catch (PowerLoss loss) {
          disk.restart(new SplittableRandom(later));
        }
        assertThat(opened(disk).budget()).as("after %s more", later).isEqualTo(budget);
      }
    }
  }

  /** The script reaches what it is to try: every kind of entry, and refusals. */
  @Test
  void script_hasEveryKindOfStep() {
    InMemoryLedgerStorage storage = new InMemoryLedgerStorage();
    Ledger ledger = Ledger.create(storage, budget);
    int refused = 0;
    List<String> kinds = new ArrayList<>();
    for (long seed = 1; seed <= 4; seed++) {
      for (Consumer<Ledger> step : script(seed)) {
        long before = ledger.head().index();
        take(step, ledger);
        refused += before == ledger.head().index() ? 1 : 0;
      }
      storage.load().forEach(entry -> kinds.add(entry.content().split("[ (]", 2)[0]));
      storage = new InMemoryLedgerStorage();
      ledger = Ledger.create(storage, budget);
    }
    assertThat(refused).isGreaterThan(4);
    assertThat(kinds.stream().distinct().count()).as("%s", kinds).isEqualTo(7);
  }
}
