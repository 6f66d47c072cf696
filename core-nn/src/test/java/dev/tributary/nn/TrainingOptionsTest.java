package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.Engines;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.java.PlainKernels;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the one who runs a training hears of it, and may bound, check and correct. */
final class TrainingOptionsTest {
  private static final Engine JAVA = Engines.byName("java");
  private static final ModelSpec MLP = Models.mlp(6, 5, 3);

  static List<ModelSpec> models() {
    return LayerModels.all();
  }

  /** Writes down what it hears, and interrupts itself behind one step. */
  private static final class Ear implements TrainingListener {
    private final List<String> heard = new ArrayList<>();
    private final int last;
    private double meanLoss;

    Ear(int last) {
      this.last = last;
    }

    @Override
    public void started(long bytes, long steps) {
      heard.add("bytes " + bytes + ", steps " + steps);
    }

    @Override
    public void stepped(int step, long steps, double meanLoss) {
      heard.add(step + "/" + steps);
      this.meanLoss = meanLoss;
      if (step == last) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void train_tellsOfTheStartAndOfEachStep() {
    Ear ear = new Ear(0);
    LocalTraining.Result result = train(MLP, 10, TrainingOptions.standard().listener(ear));
    assertThat(ear.heard)
        .containsExactly(
            "bytes " + LocalTraining.bytes(JAVA, MLP, config(), 10) + ", steps 6",
            "1/6",
            "2/6",
            "3/6",
            "4/6",
            "5/6",
            "6/6");
    assertThat(ear.meanLoss).isEqualTo(result.meanLoss());
    Ear none = new Ear(0);
    train(MLP, 0, TrainingOptions.standard().listener(none));
    assertThat(none.heard).isEmpty();
  }

  @Test
  void train_interruptedBehindAStep_takesNoOther() {
    Ear ear = new Ear(4);
    assertThatThrownBy(() -> train(MLP, 10, TrainingOptions.standard().listener(ear)))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("after 4 steps");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(ear.heard).hasSize(5);
  }

  /** What a training really allocates is at most what is said before, and not much less. */
  @ParameterizedTest
  @ValueSource(strings = {"sgd", "adam", "rmsprop", "adagrad"})
  void bytes_areThoseThatATrainingAllocates(String optimizer) {
    ModelSpec spec = Models.mlp(400, 300, 10);
    OptimizerSpec method = new OptimizerSpec(optimizer, new TreeMap<>(Map.of("learningRate", 0.1)));
    TrainingConfig config = new TrainingConfig(1, 64, method, LocalMethod.sgd());
    Dataset data = Models.noise(spec, 200, 1);
    ModelFile start = ModelFile.of(spec, Models.values(spec, 1));
    LocalTraining.train(new JavaEngine(PlainKernels::new), start, data, config, 1);
    JavaEngine engine = new JavaEngine(PlainKernels::new);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(thread);
    LocalTraining.train(engine, start, data, config, 1);
    long allocated = threads.getThreadAllocatedBytes(thread) - before;
    long said = LocalTraining.bytes(engine, spec, config, 200);
    assertThat(allocated).isBetween(said * 3 / 4, said + 100_000);
  }

  @Test
  void train_aboveTheLimit_isRefusedBeforeAnythingIsAllocated() {
    Engine unasked =
        new Delegate() {
          @Override
          public Program compile(ModelSpec model, int batchSize, Mode mode) {
            throw new AssertionError("compiled");
          }
        };
    ModelSpec spec = Models.mlp(600, 600, 10);
    long needed = LocalTraining.bytes(unasked, spec, config(), 10);
    Ear ear = new Ear(0);
    TrainingOptions options = TrainingOptions.standard().listener(ear).memoryLimit(needed - 1);
    assertThatThrownBy(() -> train(unasked, spec, 10, options))
        .isInstanceOf(EngineException.class)
        .hasMessageMatching("the training needs \\d+ MiB beside its data, the limit is \\d+: .*");
    assertThat(ear.heard).isEmpty();
    train(JAVA, spec, 10, options.memoryLimit(needed));
    assertThat(ear.heard).hasSize(7);
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradientCheck_findsNothing_whereGradientsAreRight(ModelSpec spec) {
    TrainingOptions options = TrainingOptions.standard().gradientCheck(true);
    LocalTraining.Result checked = train(JAVA, spec, 6, options);
    LocalTraining.Result plain = train(JAVA, spec, 6, TrainingOptions.standard());
    assertThat(checked.update()).isEqualTo(plain.update());
  }

  @Test
  void gradientCheck_namesTheTensorThatIsWrong() {
    for (Layout.Tensor tensor : MLP.layout().tensors()) {
      Engine wrong = wrong(tensor);
      assertThatThrownBy(
              () -> train(wrong, MLP, 10, TrainingOptions.standard().gradientCheck(true)))
          .isInstanceOf(GradientCheckException.class)
          .hasMessageStartingWith(tensor.name() + ": the gradient says a slope of ");
      train(wrong, MLP, 10, TrainingOptions.standard());
    }
  }

  @Test
  void gradientCheck_isOnByAFlagOfTheProcess() {
    Engine wrong = wrong(MLP.layout().tensors().get(0));
    System.setProperty(TrainingOptions.CHECK_GRADIENTS, "true");
    try {
      assertThatThrownBy(() -> train(wrong, MLP, 10, TrainingOptions.standard()))
          .isInstanceOf(GradientCheckException.class);
    } finally {
      System.clearProperty(TrainingOptions.CHECK_GRADIENTS);
    }
  }

  /** One step of rate 0.1 over all rows: less 0.1 times what is added to the gradient. */
  @Test
  void controlVariate_isAddedToTheGradientOfWhatTravels() {
    ModelSpec spec =
        ModelSpec.builder(5)
            .dense(4, Activation.TANH)
            .dense(3, Activation.SOFTMAX)
            .trainable("layers.1.*")
            .build();
    TrainingConfig once =
        new TrainingConfig(1, 10, OptimizerSpec.sgd(0.1, 0, 0), LocalMethod.sgd());
    Dataset data = Models.noise(spec, 10, 1);
    ModelFile start = ModelFile.of(spec, Models.values(spec, 1));
    float[] control = new float[15];
    for (int i = 0; i < control.length; i++) {
      control[i] = i - 7;
    }
    float[] plain = LocalTraining.train(JAVA, start, data, once, 1).update();
    TrainingOptions options = TrainingOptions.standard().controlVariate(control);
    float[] corrected = LocalTraining.train(JAVA, start, data, once, 1, options).update();
    for (int i = 0; i < control.length; i++) {
      assertThat(corrected[i]).isCloseTo(plain[i] - 0.1f * control[i], within(1e-6f));
    }
    assertThatThrownBy(
            () ->
                LocalTraining.train(
                    JAVA, start, data, once, 1, options.controlVariate(new float[14])))
        .isInstanceOf(TrainingConfigException.class)
        .hasMessage("a control variate has the length of the update, 15, came 14");
  }

  private static Engine wrong(Layout.Tensor tensor) {
    return new Delegate() {
      @Override
      public Program compile(ModelSpec model, int batchSize, Mode mode) {
        Program right = JAVA.compile(model, batchSize, mode);
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
            double loss = right.gradient(parameters, batch, gradient);
            for (int i = tensor.offset(); i < tensor.offset() + tensor.length(); i++) {
              gradient[i] *= 1.2f;
            }
            return loss;
          }

          @Override
          public double forward(float[] parameters, Batch batch, float[] outputs) {
            return right.forward(parameters, batch, outputs);
          }

          @Override
          public void close() {
            right.close();
          }
        };
      }
    };
  }

  private abstract static class Delegate implements Engine {
    @Override
    public String name() {
      return "test";
    }

    @Override
    public long bytes(ModelSpec model, int batchSize, Mode mode) {
      return JAVA.bytes(model, batchSize, mode);
    }
  }

  private static LocalTraining.Result train(ModelSpec spec, int rows, TrainingOptions options) {
    return train(JAVA, spec, rows, options);
  }

  private static LocalTraining.Result train(
      Engine engine, ModelSpec spec, int rows, TrainingOptions options) {
    ModelFile start = ModelFile.of(spec, Samples.values(spec, 2));
    return LocalTraining.train(engine, start, Samples.data(spec, rows, 3), config(), 1, options);
  }

  private static TrainingConfig config() {
    return new TrainingConfig(2, 4, OptimizerSpec.sgd(0.01, 0, 0), LocalMethod.sgd());
  }
}
