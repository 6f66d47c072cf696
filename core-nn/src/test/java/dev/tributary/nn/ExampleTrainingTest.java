package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Training by gradients of single examples, with sums that hide nothing. */
final class ExampleTrainingTest {
  private static final Engine JAVA = Engines.byName("java");

  /** Clips, and adds up without noise; takes the rows that a test says. */
  private static class Plain implements ExampleGradients {
    private final double clipNorm;
    private final List<String> asked = new ArrayList<>();
    private final int[] rows;

    Plain(double clipNorm, int... rows) {
      this.clipNorm = clipNorm;
      this.rows = rows;
    }

    @Override
    public int[] sample(int size, double rate) {
      asked.add(size + " " + rate);
      return rows;
    }

    @Override
    public Sum open(int length) {
      float[] sum = new float[length];
      return new Sum() {
        @Override
        public void add(float[] gradient) {
          double square = 0;
          for (float value : gradient) {
            square += (double) value * value;
          }
          double factor = Math.min(1, clipNorm / Math.sqrt(square));
          for (int i = 0; i < length; i++) {
            sum[i] += (float) (factor * gradient[i]);
          }
        }

        @Override
        public float[] release(double expected) {
          float[] mean = sum.clone();
          for (int i = 0; i < length; i++) {
            mean[i] /= (float) expected;
          }
          return mean;
        }
      };
    }
  }

  private static TrainingConfig sgd(int epochs, int batchSize) {
    return new TrainingConfig(epochs, batchSize, OptimizerSpec.sgd(1, 0, 0), LocalMethod.sgd());
  }

  private static TrainingOptions by(ExampleGradients examples) {
    return TrainingOptions.standard().examples(examples);
  }

  /** With all rows and no bound it is plain training on whole batches. */
  @Test
  void train_onAllRowsUnbounded_isTrainingOnTheWholeBatch() {
    for (ModelSpec spec : LayerModels.sequences()) {
      Dataset data = Samples.data(spec, 5, 3);
      ModelFile start = ModelFile.of(spec, Samples.values(spec, 2));
      Plain all = new Plain(Double.POSITIVE_INFINITY, 0, 1, 2, 3, 4);
      float[] single = LocalTraining.train(JAVA, start, data, sgd(3, 5), 1, by(all)).update();
      float[] whole = LocalTraining.train(JAVA, start, data, sgd(3, 5), 1).update();
      for (int i = 0; i < whole.length; i++) {
        assertThat(single[i]).as("%s at %d", spec, i).isCloseTo(whole[i], within(2e-4f));
      }
      assertThat(all.asked).containsExactly("5 1.0", "5 1.0", "5 1.0");
    }
  }

  /** One step of rate 1 from two of four rows: their clipped sum over the expected two. */
  @Test
  void train_oneBoundedStep_isTheClippedSumOfTheEngine() {
    ModelSpec spec = Models.mlp(4, 5, 3);
    Dataset data = Models.noise(spec, 4, 7);
    ModelFile start = ModelFile.of(spec, Models.values(spec, 5));
    float[] sum = new float[spec.layout().size()];
    try (Program program = JAVA.compile(spec, 2, Mode.perExample(0.3))) {
      Batch batch = new Batch(spec, 2);
      batch.fill(data, new int[] {1, 3}, 0, 2);
      program.gradient(start.parameters(), batch, sum);
    }
    Plain two = new Plain(0.3, 1, 3);
    LocalTraining.Result result = LocalTraining.train(JAVA, start, data, sgd(1, 2), 1, by(two));
    assertThat(result.steps()).isEqualTo(2);
    assertThat(two.asked).containsExactly("4 0.5", "4 0.5");
    float[] first =
        LocalTraining.train(JAVA, start, data, sgd(1, 4), 1, by(new Plain(0.3, 1, 3))).update();
    for (int i = 0; i < sum.length; i++) {
      assertThat(first[i]).isCloseTo(-sum[i] / 4, within(1e-6f));
    }
  }

  @Test
  void train_withFrozenParts_asksForTheOthersAlone() {
    ModelSpec spec =
        ModelSpec.builder(4)
            .dense(5, Activation.TANH)
            .dense(3, Activation.SOFTMAX)
            .trainable("layers.1.*")
            .build();
    Dataset data = Models.noise(spec, 6, 7);
    ModelFile start = ModelFile.of(spec, Models.values(spec, 5));
    Plain rows = new Plain(1, 0, 5);
    float[] update = LocalTraining.train(JAVA, start, data, sgd(1, 3), 1, by(rows)).update();
    assertThat(update).hasSize(5 * 3 + 3);
    assertThat(update).isNotEqualTo(new float[18]);
  }

  /** A step without rows is a step: its noise has to be in the model. */
  @Test
  void train_emptySample_stillReleases() {
    ModelSpec spec = Models.mlp(4, 5, 3);
    ModelFile start = ModelFile.of(spec, Models.values(spec, 5));
    int[] released = {0};
    ExampleGradients noise =
        new ExampleGradients() {
          @Override
          public int[] sample(int rows, double rate) {
            return new int[0];
          }

          @Override
          public Sum open(int length) {
            return new Sum() {
              @Override
              public void add(float[] gradient) {
                throw new AssertionError("no row was taken");
              }

              @Override
              public float[] release(double expected) {
                released[0]++;
                float[] ones = new float[length];
                Arrays.fill(ones, 1);
                return ones;
              }
            };
          }
        };
    LocalTraining.Result result =
        LocalTraining.train(JAVA, start, Models.noise(spec, 7, 1), sgd(2, 3), 1, by(noise));
    assertThat(released[0]).isEqualTo(2 * 3);
    for (float value : result.update()) {
      assertThat(value).isCloseTo(-6, within(1e-4f));
    }
  }

  @Test
  void train_statisticsOfBatches_areRefusedByName() {
    ModelSpec spec =
        ModelSpec.builder(4)
            .dense(3, Activation.TANH)
            .layer(new Layer.BatchNormalization(0.9, 1e-5))
            .dense(2, Activation.SOFTMAX)
            .build();
    assertThatThrownBy(
            () ->
                LocalTraining.train(
                    JAVA,
                    ModelFile.of(spec, Models.values(spec, 1)),
                    Models.noise(spec, 4, 1),
                    sgd(1, 2),
                    1,
                    by(new Plain(1, 0))))
        .isInstanceOf(TrainingConfigException.class)
        .hasMessageContaining("layers.1.mean is a statistic of a batch");
  }

  @Test
  void train_interrupted_stopsWithinAStep() {
    ModelSpec spec = Models.mlp(4, 5, 3);
    int[] seen = {0};
    Dataset data = Models.noise(spec, 100, 1);
    Plain rows =
        new Plain(1, IntStream.range(0, 100).toArray()) {
          @Override
          public Sum open(int length) {
            Sum sum = super.open(length);
            return new Sum() {
              @Override
              public void add(float[] gradient) {
                if (++seen[0] == 3) {
                  Thread.currentThread().interrupt();
                }
                sum.add(gradient);
              }

              @Override
              public float[] release(double expected) {
                return sum.release(expected);
              }
            };
          }
        };
    ModelFile start = ModelFile.of(spec, Models.values(spec, 1));
    assertThatThrownBy(() -> LocalTraining.train(JAVA, start, data, sgd(1, 100), 1, by(rows)))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(seen[0]).isEqualTo(3);
  }
}
