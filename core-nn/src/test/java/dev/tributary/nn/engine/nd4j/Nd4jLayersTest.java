package dev.tributary.nn.engine.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.Activation;
import dev.tributary.nn.GradientCheckException;
import dev.tributary.nn.Initializer;
import dev.tributary.nn.Layer;
import dev.tributary.nn.LayerModels;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.Presets;
import dev.tributary.nn.Samples;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.TrainingOptions;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which layers run on the natives, and whole models there; EngineAgreementTest has each layer. */
@Tag("nd4j")
final class Nd4jLayersTest {
  private static final Nd4jEngine ND4J = new Nd4jEngine();

  /** {@link LayerModels} has every layer with every setting. */
  @Test
  void compile_runsAllOnNativesButGroupsOfConvolutions() {
    List<String> lacking = new ArrayList<>();
    for (ModelSpec spec : LayerModels.all()) {
      Nd4jEngine.lacking(spec, Mode.wholeBatch()).ifPresent(lacking::add);
      try (Program program = ND4J.compile(spec, 2, Mode.wholeBatch())) {
        assertThat(program instanceof Nd4jProgram)
            .as(spec.toJson())
            .isEqualTo(Nd4jEngine.lacking(spec, Mode.wholeBatch()).isEmpty());
      }
    }
    assertThat(lacking).containsExactly("conv2d in groups", "conv2d in groups");
  }

  @Test
  void compile_ofClippingByExample_runsOnJava() {
    ModelSpec spec = Models.mlp(3, 4, 2);
    assertThat(Nd4jEngine.lacking(spec, Mode.perExample(1)))
        .contains("clipping of single examples");
    try (Program program = ND4J.compile(spec, 2, Mode.perExample(1))) {
      assertThat(program).isNotInstanceOf(Nd4jProgram.class);
    }
  }

  static List<ModelSpec> whole() {
    return List.of(
        Presets.resNet8(8, 6, 3, 5),
        Presets.gpt(9, 8, 16, 4, 1),
        ModelSpec.builder(6)
            .layer(new Layer.Embedding(9, 8, Initializer.RANDOM_UNIFORM))
            .layer(new Layer.Lstm(20, true, Initializer.GLOROT_UNIFORM))
            .layer(new Layer.Lstm(20, true, Initializer.GLOROT_UNIFORM))
            .dense(9, Activation.SOFTMAX)
            .loss(Loss.NEXT_TOKEN)
            .build(),
        ModelSpec.builder(7, 5)
            .layer(new Layer.Gru(9, true, Initializer.GLOROT_UNIFORM))
            .layer(new Layer.BatchNormalization(0.9, 1e-5))
            .layer(new Layer.Dropout(0.1))
            .layer(new Layer.SimpleRnn(6, false, Initializer.GLOROT_UNIFORM))
            .dense(3, Activation.SOFTMAX)
            .build());
  }

  /**
   * Ten steps on 13 rows, and so with short batches; the first gradient is held against differences
   * of the loss, and the update against that of the java engine.
   */
  @ParameterizedTest
  @MethodSource("whole")
  void train_ofAWholeModel_givesTheUpdateOfJava(ModelSpec spec) {
    assertThat(Nd4jEngine.lacking(spec, Mode.wholeBatch())).isEmpty();
    float[] expected = train(new JavaEngine(), spec, false);
    float[] actual = train(ND4J, spec, true);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    assertThat(norm).isPositive();
    assertThat(Math.sqrt(difference / norm)).as(spec.toJson()).isLessThan(1e-3);
    assertThat(train(ND4J, spec, false)).as("twice").isEqualTo(actual);
  }

  private static float[] train(Engine engine, ModelSpec spec, boolean check) {
    TrainingConfig config =
        new TrainingConfig(5, 8, OptimizerSpec.sgd(0.01, 0, 0), LocalMethod.sgd());
    ModelFile start = ModelFile.of(spec, spec.initialise(2));
    TrainingOptions options = TrainingOptions.standard().gradientCheck(check);
    return LocalTraining.train(engine, start, Samples.data(spec, 13, 3), config, 1, options)
        .update();
  }

  /** The check that the test above relies on does find a wrong gradient of such a model. */
  @Test
  void train_withAWrongGradient_isFound() {
    ModelSpec spec = Presets.gpt(9, 8, 16, 4, 1);
    Engine wrong = new Doubling();
    assertThatThrownBy(() -> train(wrong, spec, true)).isInstanceOf(GradientCheckException.class);
  }

  /** The engine with gradients of twice their length. */
  private static final class Doubling implements Engine {
    @Override
    public String name() {
      return "doubling";
    }

    @Override
    public long bytes(ModelSpec model, int batchSize, Mode mode) {
      return ND4J.bytes(model, batchSize, mode);
    }

    @Override
    public Program compile(ModelSpec model, int batchSize, Mode mode) {
      Program program = ND4J.compile(model, batchSize, mode);
      return new Program() {
        @Override
        public ModelSpec model() {
          return model;
        }

        @Override
        public int batchSize() {
          return batchSize;
        }

        @Override
        public double gradient(float[] parameters, Batch batch, float[] gradient) {
          double loss = program.gradient(parameters, batch, gradient);
          for (int i = 0; i < gradient.length; i++) {
            gradient[i] *= 2;
          }
          return loss;
        }

        @Override
        public double forward(float[] parameters, Batch batch, float[] outputs) {
          return program.forward(parameters, batch, outputs);
        }

        @Override
        public void close() {
          program.close();
        }
      };
    }
  }

  @Test
  void gradient_ofWhatIsNoToken_namesItsPlace() {
    ModelSpec spec = Presets.gpt(4, 3, 4, 2, 1);
    for (float value : new float[] {4, -1, 1.5f, Float.NaN}) {
      Dataset data =
          Dataset.of(new int[] {3}, 4, new float[] {0, 1, 2, 3, 0, value}, new int[] {0, 1});
      Batch batch = new Batch(spec, 2);
      batch.fill(data, Models.order(2), 0, 2);
      float[] parameters = Samples.values(spec, 1);
      try (Program program = ND4J.compile(spec, 2, Mode.wholeBatch())) {
        assertThatThrownBy(() -> program.gradient(parameters, batch, parameters.clone()))
            .isInstanceOf(EngineException.class)
            .hasMessage(
                "layer 0 (embedding): position 2 of row 1 of the batch holds "
                    + value
                    + ", tokens are whole numbers from 0 to 3");
      }
    }
  }

  /** A variance below zero counts as zero, as in the java engine. */
  @Test
  void forward_ofANegativeVariance_isThatOfZero() {
    ModelSpec spec =
        ModelSpec.builder(3)
            .layer(new Layer.BatchNormalization(0.9, 0.5))
            .dense(2, Activation.SOFTMAX)
            .build();
    float[] parameters = Samples.values(spec, 4);
    float[][] outputs = new float[2][4 * 2];
    for (int i = 0; i < 2; i++) {
      Arrays.fill(parameters, 9, 12, i == 0 ? -7f : 0f);
      Batch batch = new Batch(spec, 4);
      batch.fill(Samples.data(spec, 4, 2), Models.order(4), 0, 4);
      try (Program program = ND4J.compile(spec, 4, Mode.wholeBatch())) {
        program.forward(parameters, batch, outputs[i]);
      }
    }
    assertThat(outputs[0]).isEqualTo(outputs[1]);
    assertThat(outputs[0][0] + outputs[0][1]).isCloseTo(1f, within(1e-5f));
  }
}
