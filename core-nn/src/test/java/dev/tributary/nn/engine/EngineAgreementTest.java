package dev.tributary.nn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.LayerModels;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Samples;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.java.PlainKernels;
import dev.tributary.nn.engine.nd4j.Nd4jEngine;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The engines against each other, layer by layer, in full and in partial batches. */
final class EngineAgreementTest {
  private static final int CAPACITY = 8;

  static List<ModelSpec> models() {
    return LayerModels.all();
  }

  @ParameterizedTest
  @MethodSource("models")
  void vectors_giveTheBitsOfPlainLoops(ModelSpec spec) {
    for (int rows : new int[] {CAPACITY, 3}) {
      assertThat(run(new JavaEngine(), spec, rows))
          .as("%s, %d rows", spec, rows)
          .isEqualTo(run(new JavaEngine(PlainKernels::new), spec, rows));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void nd4j_agreesWithJava(ModelSpec spec) {
    for (int rows : new int[] {CAPACITY, 3}) {
      float[] expected = run(new JavaEngine(), spec, rows);
      float[] actual = run(new Nd4jEngine(), spec, rows);
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i])
            .as("%s, %d rows, number %d", spec, rows, i)
            .isCloseTo(expected[i], within(2e-6f + 1e-4f * Math.abs(expected[i])));
      }
    }
  }

  /** Outputs, then gradient, then both sums of losses. */
  private static float[] run(Engine engine, ModelSpec spec, int rows) {
    int size = spec.layout().size();
    float[] outputs = new float[rows * spec.outputs()];
    float[] gradient = new float[size];
    float[] parameters = Samples.values(spec, 3);
    double loss;
    double trainingLoss;
    try (Program program = engine.compile(spec, CAPACITY, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, CAPACITY);
      batch.seed(5);
      int[] order = new int[CAPACITY];
      for (int i = 0; i < CAPACITY; i++) {
        order[i] = i;
      }
      batch.fill(Samples.data(spec, CAPACITY, 9), order, 0, CAPACITY);
      program.gradient(parameters, batch, gradient);
      batch.fill(Samples.data(spec, CAPACITY, 4), order, 0, rows);
      trainingLoss = program.gradient(parameters, batch, gradient);
      loss = program.forward(parameters, batch, outputs);
    }
    float[] all = new float[outputs.length + size + 2];
    System.arraycopy(outputs, 0, all, 0, outputs.length);
    System.arraycopy(gradient, 0, all, outputs.length, size);
    all[all.length - 2] = (float) loss;
    all[all.length - 1] = (float) trainingLoss;
    return all;
  }
}
