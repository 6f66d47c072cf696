package dev.tributary.simulation.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rounds under scripted adversity, and the invariants of every run. A failure shows its seed and
 * script; {@code -Dchaos.seeds=FROM..TO} plays those instead.
 */
class ChaosTest {
  private static final int ROUNDS = 3;
  private static final int AT_ONCE = Integer.getInteger("chaos.at.once", 4);

  @TempDir private Path folder;

  @Test
  @Timeout(900)
  void scriptedAdversity_keepsTheInvariants() throws Exception {
    play(0, 24);
  }

  @Test
  @Tag("nightly")
  void scriptedAdversity_ofManySeeds_keepsTheInvariants() throws Exception {
    play(1_000, 3_000);
  }

  private void play(int from, int to) throws InterruptedException {
    String[] asked = System.getProperty("chaos.seeds", from + ".." + to).split("\\.\\.");
    int first = Integer.parseInt(asked[0]);
    int end = Integer.parseInt(asked[1]);
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger models = new AtomicInteger();
    AtomicInteger joined = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    ExecutorService runs = Executors.newFixedThreadPool(AT_ONCE);
    for (int seed = first; seed < end; seed++) {
      Script script = Script.of(seed, ChaosJob.CLIENTS);
      runs.execute(
          () -> {
            Path own = folder.resolve("seed-" + script.seed());
            try (InProcessRun run = new InProcessRun(script, own, ROUNDS)) {
              models.addAndGet(run.run());
              joined.addAndGet(run.joined());
            } catch (Throwable e) {
              failures.add(new AssertionError(script.toString(), e));
              System.out.println(script);
              e.printStackTrace(System.out);
            }
            forget(own);
            if (done.incrementAndGet() % 100 == 0) {
              System.out.printf(
                  "%d runs, %d models, %d failures%n", done.get(), models.get(), failures.size());
            }
          });
    }
    runs.shutdown();
    assertThat(runs.awaitTermination(12, TimeUnit.HOURS)).isTrue();
    System.out.printf(
        "%d runs, %d models, %d joined late%n", end - first, models.get(), joined.get());
    assertThat(failures).isEmpty();
    // Adversity may cost rounds, on a loaded machine many, but not nearly all.
    assertThat(models.get()).isPositive();
    if (end - first >= 12) {
      assertThat(joined.get()).isPositive();
    }
  }

  private static void forget(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      // The temporary folder goes at the end.
    }
  }
}
