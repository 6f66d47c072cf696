package dev.tributary.nn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import dev.tributary.nn.Samples;
import dev.tributary.nn.engine.java.JavaEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DropoutMaskTest {
  private static final int COUNT = 100_000;

  /** Fixed seeds; six standard errors, so below 1e-7 for fresh ones. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.5, 0.9})
  void fill_dropsAtItsRate(double rate) {
    float[] factors = new float[COUNT];
    new DropoutMask(1, rate).fill(42, factors, COUNT);
    int zeros = 0;
    for (float factor : factors) {
      zeros += factor == 0 ? 1 : 0;
      assertThat(factor).isIn(0f, (float) (1 / (1 - rate)));
    }
    assertThat((double) zeros / COUNT)
        .isCloseTo(rate, within(6 * Math.sqrt(rate * (1 - rate) / COUNT) + 1e-9));
  }

  @Test
  void fill_followsFromSeedAndLayer() {
    float[] first = fill(0, 7);
    assertThat(fill(0, 7)).isEqualTo(first);
    assertThat(fill(1, 7)).isNotEqualTo(first);
    assertThat(fill(0, 8)).isNotEqualTo(first);
  }

  private static float[] fill(int layer, long seed) {
    float[] factors = new float[64];
    new DropoutMask(layer, 0.5).fill(seed, factors, 64);
    return factors;
  }

  @Test
  void forward_dropsNothing() {
    ModelSpec plain =
        ModelSpec.builder(5).dense(9, Activation.TANH).dense(3, Activation.SOFTMAX).build();
    ModelSpec dropping =
        ModelSpec.builder(5)
            .dense(9, Activation.TANH)
            .layer(new Layer.Dropout(0.5))
            .dense(3, Activation.SOFTMAX)
            .build();
    assertThat(forward(dropping)).isEqualTo(forward(plain));
  }

  private static float[] forward(ModelSpec spec) {
    float[] outputs = new float[4 * 3];
    try (Program program = new JavaEngine().compile(spec, 4, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, 4);
      batch.seed(3);
      batch.fill(Samples.data(spec, 4, 1), Models.order(4), 0, 4);
      program.forward(Samples.values(spec, 2), batch, outputs);
    }
    return outputs;
  }
}
