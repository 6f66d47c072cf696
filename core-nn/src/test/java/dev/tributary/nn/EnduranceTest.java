package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.java.PlainKernels;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has to stay as it is however long it goes on, and however many do it at once. */
final class EnduranceTest {
  private static final int ROWS = 64;

  @TempDir private Path folder;

  /**
   * 10,000 steps of a dense model and 30 of each other, with an optimizer. A step leaves a few
   * objects at most, and no array that grows with the batch. Plain loops, since vectors are objects
   * until they are compiled.
   */
  @Test
  void steps_allocateNoArrays() {
    JavaEngine engine = new JavaEngine(PlainKernels::new);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<ModelSpec> models = LayerModels.all();
    for (ModelSpec spec : models) {
      int steps = spec == models.get(0) ? 10_000 : 30;
      Dataset data = Samples.data(spec, ROWS, 3);
      float[] parameters = Samples.values(spec, 2);
      float[] gradient = new float[parameters.length];
      Optimizer optimizer = OptimizerSpec.adam(1e-4).create(parameters.length);
      Batch batch = new Batch(spec, ROWS);
      int[] order = LocalTraining.order(ROWS);
      try (Program program = engine.compile(spec, ROWS, Mode.wholeBatch())) {
        long before = 0;
        for (int step = -3; step < steps; step++) {
          if (step == 0) {
            before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
          }
          batch.fill(data, order, 0, ROWS);
          program.gradient(parameters, batch, gradient);
          optimizer.step(parameters, gradient, 0, gradient.length, 1);
          optimizer.endStep();
        }
        long bytes = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
        assertThat((double) bytes / steps)
            .as("bytes a step of %s", spec.toJson())
            .isLessThan(2 * ROWS * 4);
      }
    }
  }

  /** A model of a megabyte: a hundred that stayed would be a hundred megabytes. */
  @Test
  void models_hundredOpenedAndAsked_leaveNothingBehind() {
    ModelSpec spec = Models.mlp(500, 512, 10);
    Path file = folder.resolve("model.safetensors");
    ModelFile.of(spec, Models.values(spec, 1)).write(file);
    float[] question = new float[500];
    float[] first = Model.read(file).predict(question).outputs();
    long before = 0;
    for (int i = -10; i < 100; i++) {
      if (i == 0) {
        before = used();
      }
      assertThat(Model.read(file).predict(question).outputs()).isEqualTo(first);
    }
    assertThat(used() - before).isLessThan(20L << 20);
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  @Test
  void trainings_sixteenAtOnce_giveTheWeightsOfOneAfterAnother() throws Exception {
    Engine engine = new JavaEngine();
    ModelSpec spec = LayerModels.pictures().get(4);
    Dataset data = Samples.data(spec, 24, 3);
    ModelFile start = ModelFile.of(spec, Samples.values(spec, 2));
    TrainingConfig config =
        new TrainingConfig(4, 8, OptimizerSpec.adam(0.01), LocalMethod.prox(0.1));
    List<float[]> alone = new ArrayList<>();
    for (int seed = 0; seed < 16; seed++) {
      alone.add(LocalTraining.train(engine, start, data, config, seed).update());
    }
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      List<Future<float[]>> together = new ArrayList<>();
      for (int seed = 0; seed < 16; seed++) {
        int own = seed;
        together.add(
            threads.submit(() -> LocalTraining.train(engine, start, data, config, own).update()));
      }
      for (int seed = 0; seed < 16; seed++) {
        assertThat(together.get(seed).get()).as("seed %d", seed).isEqualTo(alone.get(seed));
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
