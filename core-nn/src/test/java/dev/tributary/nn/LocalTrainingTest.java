package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.Engines;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LocalTrainingTest {
  private static final Engine JAVA = Engines.byName("java");
  private static final ModelSpec SOFTMAX =
      ModelSpec.builder(8).dense(4, Activation.SOFTMAX).build();

  @ParameterizedTest
  @ValueSource(strings = {"java", "nd4j"})
  void train_onClusters_learnsWhatHoldsForOthers(String name) {
    Engine engine = Engines.byName(name);
    Dataset train = Models.clusters(8, 4, 200, 0.5, 1);
    Dataset test = Models.clusters(8, 4, 200, 0.5, 2);
    ModelSpec mlp = Models.mlp(8, 16, 4);
    for (OptimizerSpec optimizer :
        new OptimizerSpec[] {OptimizerSpec.sgd(0.1, 0.9, 1e-4), OptimizerSpec.adam(0.01)}) {
      for (ModelSpec spec : new ModelSpec[] {SOFTMAX, mlp}) {
        ModelFile start = ModelFile.of(spec, spec.initialise(1));
        TrainingConfig config = new TrainingConfig(10, 16, optimizer, LocalMethod.sgd());
        LocalTraining.Result result = LocalTraining.train(engine, start, train, config, 1);
        Metrics before = Evaluation.evaluate(engine, start, test);
        Metrics after = Evaluation.evaluate(engine, plus(start, result), test);
        assertThat(before.accuracy()).isLessThan(0.5);
        assertThat(after.accuracy()).as("%s %s", spec, optimizer).isGreaterThan(0.85);
        assertThat(after.loss()).isLessThan(before.loss());
        assertThat(result.examples()).isEqualTo(200);
        assertThat(result.steps()).isEqualTo(10 * 13);
      }
    }
  }

  @Test
  void train_byBothEngines_agrees() {
    for (ModelSpec spec : Models.variety()) {
      Dataset data = Models.noise(spec, 45, 3);
      ModelFile start = ModelFile.of(spec, Models.values(spec, 4));
      TrainingConfig config = config(2, 10);
      LocalTraining.Result a = LocalTraining.train(JAVA, start, data, config, 6);
      LocalTraining.Result b = LocalTraining.train(Engines.byName("nd4j"), start, data, config, 6);
      assertThat(b.meanLoss()).isCloseTo(a.meanLoss(), within(1e-5));
      for (int i = 0; i < a.update().length; i++) {
        assertThat(b.update()[i]).as("%s [%d]", spec, i).isCloseTo(a.update()[i], within(1e-5f));
      }
    }
  }

  @Test
  void train_regression_findsTheLine() {
    ModelSpec spec =
        ModelSpec.builder(1).dense(1, Activation.LINEAR).loss(Loss.SQUARED_ERROR).build();
    Dataset line =
        Dataset.regression(new int[] {1}, new float[] {-1, 0, 1, 2}, new float[] {-2, 1, 4, 7});
    ModelFile start = ModelFile.of(spec, spec.initialise(1));
    LocalTraining.Result result = LocalTraining.train(JAVA, start, line, config(200, 4), 1);
    assertThat(result.update()[0]).isCloseTo(3f, within(1e-2f));
    assertThat(result.update()[1]).isCloseTo(1f, within(1e-2f));
    Metrics metrics = Evaluation.evaluate(JAVA, plus(start, result), line);
    assertThat(metrics.loss()).isLessThan(1e-3);
    assertThat(metrics.accuracy()).isNaN();
    assertThat(metrics.merge(metrics).accuracy()).isNaN();
    assertThat(Metrics.NONE.merge(metrics).accuracy()).isNaN();
  }

  /** One step over all rows at once, computed by hand from the gradient of the reference. */
  @Test
  void train_oneFullBatch_isOneGradientStep() {
    ModelSpec spec = Models.mlp(5, 6, 3);
    Dataset data = Models.noise(spec, 7, 1);
    float[] start = Models.values(spec, 1);
    LocalTraining.Result result =
        LocalTraining.train(JAVA, ModelFile.of(spec, start), data, config(1, 100), 1);
    double[] gradient = new ReferenceNet(spec).gradient(start, data, Models.order(7));
    for (int i = 0; i < gradient.length; i++) {
      assertThat((double) result.update()[i]).isCloseTo(-0.1 * gradient[i], within(1e-6));
    }
    assertThat(result.steps()).isEqualTo(1);
  }

  @Test
  void train_withoutRows_givesZeros() {
    ModelFile start = ModelFile.of(SOFTMAX, Models.values(SOFTMAX, 1));
    LocalTraining.Result result =
        LocalTraining.train(JAVA, start, Models.noise(SOFTMAX, 3, 1).subset(), config(2, 4), 1);
    assertThat(result.update()).hasSize(SOFTMAX.layout().size()).containsOnly(0f);
    assertThat(result.examples()).isZero();
    assertThat(result.meanLoss()).isZero();
    assertThat(Evaluation.evaluate(JAVA, start, Models.noise(SOFTMAX, 3, 1).subset()))
        .isEqualTo(Metrics.NONE);
  }

  /**
   * Every token is followed by the next one: a model that says so is right at the last position.
   */
  @Test
  void evaluate_ofNextToken_looksAtTheLastPosition() {
    ModelSpec spec =
        ModelSpec.builder(4)
            .layer(new Layer.Embedding(3, 3, Initializer.ZEROS))
            .dense(3, Activation.SOFTMAX)
            .loss(Loss.NEXT_TOKEN)
            .build();
    float[] parameters = new float[9 + 9 + 3];
    for (int token = 0; token < 3; token++) {
      parameters[3 * token + token] = 9;
      parameters[9 + 3 * token + (token + 1) % 3] = 1;
    }
    int[] tokens = IntStream.range(0, 30).map(i -> i % 3).toArray();
    ModelFile right = ModelFile.of(spec, parameters);
    Dataset data = Dataset.tokens(tokens, 3, 4, 1);
    assertThat(Evaluation.evaluate(JAVA, right, data).accuracy()).isEqualTo(1);
    Dataset other = Dataset.tokens(IntStream.of(tokens).map(t -> 2 - t).toArray(), 3, 4, 1);
    assertThat(Evaluation.evaluate(JAVA, right, other).accuracy()).isZero();
  }

  @Test
  void train_withProx_staysNearer() {
    Dataset data = Models.clusters(8, 4, 60, 0.5, 1);
    ModelFile start = ModelFile.of(SOFTMAX, SOFTMAX.initialise(1));
    double free = norm(LocalTraining.train(JAVA, start, data, config(20, 10), 1).update());
    LocalMethod prox = LocalMethod.byName("prox", new TreeMap<>(Map.of("mu", 1.0)));
    assertThat(prox.parameters()).containsExactly(Map.entry("mu", 1.0));
    TrainingConfig near = new TrainingConfig(20, 10, OptimizerSpec.sgd(0.1, 0, 0), prox);
    assertThat(norm(LocalTraining.train(JAVA, start, data, near, 1).update()))
        .isLessThan(0.7 * free);
  }

  @ParameterizedTest
  @CsvSource({"10, 3, 4", "10, 10, 10", "10, 100, 10", "32, 1, 1", "32, 17, 32", "5, 2, 2"})
  void capacity_isAPowerOfTwoOrAFullBatch(int batchSize, int size, int capacity) {
    assertThat(LocalTraining.capacity(batchSize, size)).isEqualTo(capacity);
  }

  @Test
  void train_onInterruptedThread_stopsAndKeepsTheMark() {
    ModelFile start = ModelFile.of(SOFTMAX, SOFTMAX.initialise(1));
    Dataset data = Models.noise(SOFTMAX, 9, 1);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> LocalTraining.train(JAVA, start, data, config(1, 4), 1))
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }

  /** Steps far too long: the weights grow until a product is infinite. */
  @Test
  void train_thatDiverges_namesStepAndLayer() {
    ModelSpec spec =
        ModelSpec.builder(8)
            .dense(6, Activation.RELU)
            .dense(5, Activation.LINEAR)
            .dense(4, Activation.LINEAR)
            .loss(Loss.SQUARED_ERROR)
            .build();
    ModelFile start = ModelFile.of(spec, spec.initialise(1));
    TrainingConfig config =
        new TrainingConfig(50, 4, OptimizerSpec.sgd(1e6, 0, 0), LocalMethod.sgd());
    LocalTraining.Result result =
        LocalTraining.train(JAVA, start, Models.noise(spec, 8, 1), config, 1);
    assertThat(result.diverged())
        .hasValueSatisfying(
            where -> assertThat(where).matches("step \\d+: (layer \\d|the param).*"));
    assertThat(result.update()).containsOnly(Float.NaN);
    assertThat(result.steps()).isLessThan(100);
  }

  @Test
  void train_onNotANumber_endsWithNotANumber() {
    float[] features = new float[3 * 8];
    features[5] = Float.NaN;
    Dataset data = Dataset.of(new int[] {8}, 4, features, new int[3]);
    ModelFile start = ModelFile.of(SOFTMAX, SOFTMAX.initialise(1));
    LocalTraining.Result result = LocalTraining.train(JAVA, start, data, config(2, 2), 1);
    assertThat(result.meanLoss()).isNaN();
    assertThat(result.update()).containsOnly(Float.NaN);
    assertThat(result.diverged())
        .hasValueSatisfying(where -> assertThat(where).contains("features"));
    assertThat(result.steps()).isLessThan(4);
    Metrics metrics = Evaluation.evaluate(JAVA, plus(start, result), data);
    assertThat(metrics.correct()).isZero();
  }

  @Test
  void train_onDataThatDoesNotFit_isRefused() {
    ModelFile start = ModelFile.of(SOFTMAX, SOFTMAX.initialise(1));
    Dataset shape = Dataset.of(new int[] {2, 3}, 4, new float[6], new int[1]);
    assertThatThrownBy(() -> LocalTraining.train(JAVA, start, shape, config(1, 1), 1))
        .isInstanceOf(EngineException.class)
        .hasMessage("the model takes examples of shape [8], the data has [2, 3]");
    Dataset classes = Dataset.of(new int[] {8}, 5, new float[8], new int[1]);
    assertThatThrownBy(() -> Evaluation.evaluate(JAVA, start, classes))
        .isInstanceOf(EngineException.class)
        .hasMessage("the model tells 4 classes apart, the data has 5");
    Dataset numbers = Dataset.regression(new int[] {8}, new float[8], new float[1]);
    assertThatThrownBy(() -> LocalTraining.train(JAVA, start, numbers, config(1, 1), 1))
        .hasMessageContaining("numbers instead of classes");
  }

  @Test
  void config_belowOne_isRefused() {
    assertThatThrownBy(() -> config(0, 1))
        .isInstanceOf(TrainingConfigException.class)
        .hasMessage("localEpochs must be at least 1, is 0");
    assertThatThrownBy(() -> config(1, -3)).hasMessage("batchSize must be at least 1, is -3");
    assertThatThrownBy(() -> LocalMethod.byName("moon", new TreeMap<>()))
        .isInstanceOf(TrainingConfigException.class);
    assertThatThrownBy(() -> LocalMethod.byName("sgd", new TreeMap<>(Map.of("mu", 1.0))))
        .isInstanceOf(TrainingConfigException.class);
    assertThatThrownBy(() -> LocalMethod.byName("prox", new TreeMap<>()))
        .isInstanceOf(TrainingConfigException.class);
    assertThatThrownBy(() -> LocalMethod.prox(-1)).isInstanceOf(TrainingConfigException.class);
  }

  @Test
  void metrics_merged_areTheWhole() {
    ModelFile model = ModelFile.of(SOFTMAX, Models.values(SOFTMAX, 1));
    Dataset data = Models.noise(SOFTMAX, 600, 1);
    Metrics whole = Evaluation.evaluate(JAVA, model, data);
    Metrics parts = Metrics.NONE;
    for (int from = 0; from < 600; from += 200) {
      int start = from;
      int[] rows = IntStream.range(start, start + 200).toArray();
      parts = parts.merge(Evaluation.evaluate(JAVA, model, data.subset(rows)));
    }
    assertThat(parts.examples()).isEqualTo(600);
    assertThat(parts.correct()).isEqualTo(whole.correct());
    assertThat(parts.loss()).isCloseTo(whole.loss(), within(1e-12));
    assertThat(whole.accuracy()).isBetween(0.1, 0.5);
  }

  private static TrainingConfig config(int epochs, int batchSize) {
    return new TrainingConfig(epochs, batchSize, OptimizerSpec.sgd(0.1, 0, 0), LocalMethod.sgd());
  }

  private static ModelFile plus(ModelFile start, LocalTraining.Result result) {
    float[] sum = start.parameters();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += result.update()[i];
    }
    return ModelFile.of(start.spec(), sum);
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
