package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.ModelFile;
import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.Engines;
import dev.tributary.plan.TrainingTask;
import dev.tributary.privacy.NoiseSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostPaceTest {
  private static final long MILLI = 1_000_000;

  @TempDir Path directory;
  private final AtomicLong now = new AtomicLong();
  private final AtomicLong slept = new AtomicLong();
  private final List<Double> told = new ArrayList<>();

  private HostPace pace(double share) {
    return new HostPace(
        share,
        now::get,
        pause -> {
          slept.addAndGet(pause.toNanos());
          now.addAndGet(pause.toNanos() + MILLI / 10); // sleeps are never exact
        },
        told::add);
  }

  @Test
  void share_isKept_overManyStepsOfAnyLength() throws InterruptedException {
    for (double share : new double[] {0.1, 0.25, 0.5, 0.9}) {
      HostPace pace = pace(share);
      long begin = now.get();
      long worked = 0;
      for (int step = 1; step <= 1_000; step++) {
        long work = MILLI / 3 * (1 + step % 7);
        worked += work;
        now.addAndGet(work);
        pace.step(step / 1_000.0);
      }
      assertThat((double) worked / (now.get() - begin))
          .as("share %s", share)
          .isBetween(share * 0.99, share * 1.01);
    }
  }

  @Test
  void wholeShare_neverSleeps_andProgressIsToldByThePercent() throws InterruptedException {
    HostPace pace = pace(1);
    for (int step = 1; step <= 1_000; step++) {
      now.addAndGet(MILLI);
      pace.step(step / 1_000.0);
    }
    assertThat(slept.get()).isZero();
    assertThat(told).hasSizeBetween(95, 101).isSorted().endsWith(1.0);
  }

  private Dataset data() throws Exception {
    Path file = directory.resolve("rows.csv");
    Files.writeString(file, "a,b,kind\n1,2,0\n2,1,1\n0,1,0\n3,1,1\n");
    return Csv.read(file).label("kind").dataset();
  }

  private static TrainingRequest request(Pace pace) {
    ModelFile model = Cohort.model(2, 2);
    TrainingTask task =
        new TrainingTask(
            5, 2, "sgd", new TreeMap<>(), "sgd", new TreeMap<>(Map.of("learningRate", 0.2)));
    return new TrainingRequest("task", 0, model, task, 42, NoiseSource.secure(), pace);
  }

  @Test
  void defaultTrainer_callsItAfterEachStep_andEndsWhereItIsInterrupted() throws Exception {
    NnTrainer trainer = NnTrainer.over(data(), Engines.byName("java"));
    List<Double> steps = new ArrayList<>();
    trainer.train(request(steps::add));
    assertThat(steps).hasSize(10).endsWith(1.0);

    steps.clear();
    Pace impatient =
        done -> {
          steps.add(done);
          throw new InterruptedException();
        };
    assertThatThrownBy(() -> trainer.train(request(impatient)))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(steps).hasSize(1);
  }

  @Test
  void defaultTrainer_beyondItsMemory_doesNotBegin() throws Exception {
    List<Double> steps = new ArrayList<>();
    NnTrainer small = NnTrainer.over(data(), Engines.byName("java")).memoryLimit(100);
    assertThatThrownBy(() -> small.train(request(steps::add))).isInstanceOf(EngineException.class);
    assertThat(steps).isEmpty();
  }
}
