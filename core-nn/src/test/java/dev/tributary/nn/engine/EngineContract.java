package dev.tributary.nn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.ReferenceNet;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.data.Dataset;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every engine must do. */
public abstract class EngineContract {
  private final Engine engine = engine();

  protected abstract Engine engine();

  static List<ModelSpec> variety() {
    return Models.variety();
  }

  @ParameterizedTest
  @MethodSource("variety")
  void gradient_atRandomPoint_isThatOfFiniteDifferences(ModelSpec spec) {
    for (int rows : new int[] {1, 3, 4, 6, 11}) {
      Dataset data = Models.noise(spec, rows, 7);
      float[] parameters = Models.values(spec, rows);
      float[] gradient = new float[parameters.length];
      double lossSum;
      try (Program program = engine.compile(spec, rows, Mode.wholeBatch())) {
        lossSum = program.gradient(parameters, batch(spec, rows, data, rows), gradient);
      }
      double[] expected = new ReferenceNet(spec).gradient(parameters, data, Models.order(rows));
      for (int i = 0; i < gradient.length; i++) {
        assertThat((double) gradient[i])
            .as("%s, %d rows, parameter %d", spec, rows, i)
            .isCloseTo(expected[i], within(1e-6 + 1e-5 * Math.abs(expected[i])));
      }
      double[] wide = new double[parameters.length];
      Arrays.setAll(wide, i -> parameters[i]);
      assertThat(lossSum / rows)
          .isCloseTo(new ReferenceNet(spec).loss(wide, data, Models.order(rows)), within(1e-5));
    }
  }

  /** A batch of 3 in a program for 8, after a full one has left its numbers everywhere. */
  @ParameterizedTest
  @MethodSource("variety")
  void gradient_ofPartialBatch_countsItsRowsAlone(ModelSpec spec) {
    Dataset data = Models.noise(spec, 8, 3);
    float[] parameters = Models.values(spec, 1);
    float[] exact = new float[parameters.length];
    float[] partial = new float[parameters.length];
    double exactLoss;
    double partialLoss;
    try (Program small = engine.compile(spec, 3, Mode.wholeBatch());
        Program large = engine.compile(spec, 8, Mode.wholeBatch())) {
      exactLoss = small.gradient(parameters, batch(spec, 3, data, 3), exact);
      Batch batch = batch(spec, 8, data, 8);
      large.gradient(parameters, batch, partial);
      batch.fill(data, Models.order(8), 0, 3);
      partialLoss = large.gradient(parameters, batch, partial);
    }
    assertThat(partialLoss).isCloseTo(exactLoss, within(1e-5));
    for (int i = 0; i < exact.length; i++) {
      assertThat(partial[i]).isCloseTo(exact[i], within(1e-6f + 1e-5f * Math.abs(exact[i])));
    }
  }

  @Test
  void forward_ofSoftmax_givesProbabilities() {
    ModelSpec spec = Models.mlp(5, 6, 4);
    Dataset data = Models.noise(spec, 9, 5);
    float[] outputs = new float[9 * 4];
    try (Program program = engine.compile(spec, 9, Mode.wholeBatch())) {
      program.forward(Models.values(spec, 2), batch(spec, 9, data, 9), outputs);
    }
    for (int row = 0; row < 9; row++) {
      float sum = 0;
      for (int j = 0; j < 4; j++) {
        assertThat(outputs[row * 4 + j]).isBetween(0f, 1f);
        sum += outputs[row * 4 + j];
      }
      assertThat(sum).isCloseTo(1f, within(1e-5f));
    }
  }

  @Test
  void train_twiceWithOneSeed_givesTheSameBits() {
    ModelSpec spec = Models.mlp(12, 20, 5);
    Dataset data = Models.noise(spec, 37, 1);
    assertThat(train(spec, data, 4)).isEqualTo(train(spec, data, 4));
    assertThat(train(spec, data, 4)).isNotEqualTo(train(spec, data, 5));
  }

  @Test
  void train_onManyThreads_givesTheSameBits() throws Exception {
    ModelSpec spec = Models.mlp(12, 20, 5);
    Dataset data = Models.noise(spec, 37, 1);
    float[] expected = train(spec, data, 4);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<float[]>> calls = Collections.nCopies(24, () -> train(spec, data, 4));
      for (Future<float[]> update : threads.invokeAll(calls)) {
        assertThat(update.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void gradient_ofNotANumber_isNotANumberAndLeavesNoTrace() {
    ModelSpec spec = Models.mlp(6, 8, 3);
    Dataset good = Models.noise(spec, 4, 1);
    float[] features = new float[4 * 6];
    features[7] = Float.NaN;
    features[13] = Float.POSITIVE_INFINITY;
    Dataset bad = Dataset.of(new int[] {6}, 3, features, new int[4]);
    float[] parameters = Models.values(spec, 3);
    float[] before = new float[parameters.length];
    float[] after = new float[parameters.length];
    try (Program program = engine.compile(spec, 4, Mode.wholeBatch())) {
      Batch batch = batch(spec, 4, good, 4);
      program.gradient(parameters, batch, before);
      batch.fill(bad, Models.order(4), 0, 4);
      assertThat(program.gradient(parameters, batch, after)).isNaN();
      batch.fill(good, Models.order(4), 0, 2);
      assertThat(program.gradient(parameters, batch, after)).isFinite();
      for (float value : after) {
        assertThat(value).isFinite();
      }
      batch.fill(good, Models.order(4), 0, 4);
      program.gradient(parameters, batch, after);
    }
    assertThat(after).isEqualTo(before);
  }

  @Test
  void compile_tooLargeABatch_isRefusedBeforeAllocation() {
    ModelSpec spec = Models.mlp(1000, 100, 5);
    assertThatThrownBy(() -> engine.compile(spec, Integer.MAX_VALUE / 2, Mode.wholeBatch()))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("batch");
    assertThatThrownBy(() -> engine.compile(spec, 0, Mode.wholeBatch()))
        .isInstanceOf(EngineException.class);
  }

  @Test
  void closedProgram_refuses() {
    ModelSpec spec = Models.mlp(3, 4, 2);
    Dataset data = Models.noise(spec, 2, 1);
    for (Program program :
        List.of(
            engine.compile(spec, 2, Mode.wholeBatch()),
            engine.acquire(spec, 2, Mode.wholeBatch()))) {
      program.close();
      program.close();
      assertThatThrownBy(
              () -> program.forward(Models.values(spec, 1), batch(spec, 2, data, 2), new float[4]))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private float[] train(ModelSpec spec, Dataset data, long seed) {
    TrainingConfig config =
        new TrainingConfig(3, 8, OptimizerSpec.sgd(0.1, 0.5, 0.01), LocalMethod.sgd());
    ModelFile start = ModelFile.of(spec, spec.initialise(1));
    return LocalTraining.train(engine, start, data, config, seed).update();
  }

  private static Batch batch(ModelSpec spec, int capacity, Dataset data, int rows) {
    Batch batch = new Batch(spec, capacity);
    batch.fill(data, Models.order(data.size()), 0, rows);
    return batch;
  }
}
