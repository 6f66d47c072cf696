package dev.tributary.simulation;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Evaluation;
import dev.tributary.nn.Initializer;
import dev.tributary.nn.Layer;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.Loss;
import dev.tributary.nn.Model;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.Presets;
import dev.tributary.nn.Schedule;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.data.Augmentation;
import dev.tributary.nn.data.ClientColumn;
import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Idx;
import dev.tributary.nn.data.Normalisation;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.nn.metric.Metric;
import dev.tributary.simulation.data.ShippedData;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** What models reach on shipped data, each by one seeded training on the {@code java} engine. */
final class LearningTargets {
  private static final Engine JAVA = Engines.byName("java");

  private LearningTargets() {}

  /** Test accuracy of softmax regression on Fashion-MNIST. */
  static double fashionSoftmax(int rows, int epochs) {
    return fashion(
        ModelSpec.builder(28, 28, 1).flatten().dense(10, Activation.SOFTMAX).build(),
        config(epochs, 64, adam(0.002)),
        rows);
  }

  /** Test accuracy of the 2NN of McMahan et al. on Fashion-MNIST. */
  static double fashion2nn(int rows, int epochs) {
    return fashion(Presets.mcMahan2nn(), config(epochs, 64, adam(0.001)), rows);
  }

  /** Test accuracy of a CNN on Fashion-MNIST: that of McMahan et al. with 128 units and dropout. */
  static double fashionCnn(int rows, int epochs) {
    ModelSpec.Builder model = ModelSpec.builder(28, 28, 1);
    Presets.mcMahanCnn().layers().subList(0, 4).forEach(model::layer);
    ModelSpec spec =
        model
            .flatten()
            .layer(new Layer.Dropout(0.4))
            .dense(128, Activation.RELU)
            .layer(new Layer.Dropout(0.4))
            .dense(10, Activation.SOFTMAX)
            .build();
    return fashion(spec, config(epochs, 64, adam(0.001)), rows);
  }

  /** Test accuracy of ResNet-8 with group norm on Fashion-MNIST, mirrored and shifted. */
  static double fashionResNet8(int rows, int epochs, int tests) {
    Dataset train = pictures("train").subset(IntStream.range(0, rows).toArray());
    Dataset varied = Augmentation.none().flip().crop(1).apply(train, 1);
    ModelSpec spec = Presets.resNet8(28, 28, 1, 10);
    Dataset test = pictures("test").subset(IntStream.range(0, tests).toArray());
    ModelFile model = train(spec, varied, config(epochs, 32, adam(0.003)));
    return Metric.ACCURACY.of(Model.of(model, JAVA).predict(test), test);
  }

  /** Fashion-MNIST for a net of 62 classes, of which it uses ten. */
  static OptionalData.Split fashionOf62(int rows) {
    return new OptionalData.Split(of62("train", rows), of62("test", 300));
  }

  private static Dataset of62(String part, int rows) {
    Dataset pictures = pictures(part);
    int width = pictures.featureLength();
    float[] features = new float[rows * width];
    int[] labels = new int[rows];
    for (int row = 0; row < rows; row++) {
      pictures.features(row, features, row * width);
      labels[row] = pictures.label(row);
    }
    return Dataset.of(pictures.featureShape(), 62, features, labels);
  }

  /** Test accuracy of LEAF's CNN, on FEMNIST of the tenth that was held back of each writer. */
  static double femnistCnn(OptionalData.Split data, int epochs, int batchSize) {
    Dataset varied = Augmentation.none().crop(2).apply(data.train(), 1);
    TrainingConfig config = config(epochs, batchSize, adam(0.001));
    ModelFile model = train(Presets.leafFemnistCnn(), varied, config);
    return Metric.ACCURACY.of(Model.of(model, JAVA).predict(data.test()), data.test());
  }

  /** Nats a character of an LSTM on the text that was held back. */
  static double characterLstm(OptionalData.Split text, int units, int epochs) {
    ModelSpec spec =
        ModelSpec.builder(text.train().featureLength())
            .layer(new Layer.Embedding(text.train().classes(), 32, Initializer.RANDOM_UNIFORM))
            .layer(new Layer.Lstm(units, true, Initializer.GLOROT_UNIFORM))
            .dense(text.train().classes(), Activation.SOFTMAX)
            .loss(Loss.NEXT_TOKEN)
            .build();
    return nats(spec, text, config(epochs, 16, adam(0.004)));
  }

  /** Nats a character of a small GPT on the text that was held back. */
  static double characterGpt(OptionalData.Split text, int channels, int blocks, int epochs) {
    int length = text.train().featureLength();
    ModelSpec spec = Presets.gpt(text.train().classes(), length, channels, 4, blocks);
    return nats(spec, text, config(epochs, 8, adam(0.002)));
  }

  private static double nats(ModelSpec spec, OptionalData.Split text, TrainingConfig config) {
    return Evaluation.evaluate(JAVA, train(spec, text.train(), config), text.test()).loss();
  }

  private static double fashion(ModelSpec spec, TrainingConfig config, int rows) {
    Dataset train = pictures("train").subset(IntStream.range(0, rows).toArray());
    Dataset test = pictures("test");
    return Metric.ACCURACY.of(Model.of(train(spec, train, config), JAVA).predict(test), test);
  }

  private static Dataset pictures(String part) {
    ShippedData shipped = ShippedData.load();
    ShippedData.Entry entry = shipped.entry("fashion-mnist-12k");
    Path images = shipped.file(entry, part + "-images-idx3");
    return Idx.read(images, shipped.file(entry, part + "-labels-idx1"));
  }

  /** Accuracy of an MLP on every fifth of the digits, from the other four. */
  static double digitsMlp() {
    Dataset digits = Csv.read(table("digits")).label("digit").dataset();
    ModelSpec spec =
        ModelSpec.builder(64)
            .rescaling(1 / 16.0, 0)
            .dense(64, Activation.RELU)
            .dense(64, Activation.RELU)
            .dense(10, Activation.SOFTMAX)
            .build();
    return fifthOf(digits, spec, config(30, 32, adam(0.003)), Metric.ACCURACY);
  }

  /** Accuracy of logistic regression on every fifth case of WDBC, from the other four. */
  static double wdbcLogistic() {
    Dataset cases = Csv.read(table("wdbc")).label("diagnosis").dataset();
    return fifthOf(
        cases,
        Presets.logisticRegression(30, 2),
        config(30, 16, OptimizerSpec.sgd(0.1, 0, 0.001)),
        Metric.ACCURACY);
  }

  /** Accuracy of a net of two hidden layers on the vowels of seven speakers, from eight others. */
  static double vowel2nn() {
    Csv csv = Csv.read(table("vowel")).label("vowel").client("speaker");
    Dataset all = csv.dataset();
    ClientColumn speakers = csv.clients();
    Dataset train = all.subset(of(speakers, 0, 8));
    Dataset test = all.subset(of(speakers, 8, 15));
    Normalisation normal = Normalisation.of(train);
    ModelSpec spec =
        ModelSpec.builder(9)
            .dense(64, Activation.TANH)
            .layer(new Layer.Dropout(0.3))
            .dense(64, Activation.TANH)
            .dense(11, Activation.SOFTMAX)
            .build();
    ModelFile model = train(spec, normal.apply(train), config(60, 32, adam(0.003)));
    return Metric.ACCURACY.of(Model.of(model, JAVA).predict(normal.apply(test)), test);
  }

  private static int[] of(ClientColumn speakers, int from, int to) {
    return IntStream.range(from, to).flatMap(who -> Arrays.stream(speakers.rows(who))).toArray();
  }

  /** RMSE of the log price of every fifth house of Ames: of a net, and of the best of ridges. */
  record Ames(double net, double ridge) {}

  static Ames ames() {
    Dataset priced = Csv.read(table("ames")).target("Sale_Price").dataset();
    float[] features = new float[priced.size() * priced.featureLength()];
    float[] targets = new float[priced.size()];
    for (int row = 0; row < targets.length; row++) {
      priced.features(row, features, row * priced.featureLength());
      targets[row] = (float) Math.log(priced.target(row)) - 12;
    }
    int inputs = priced.featureLength();
    Dataset all = Dataset.regression(new int[] {inputs}, features, targets);
    Dataset train = all.subset(rows(all, row -> row % 5 != 0));
    Dataset test = all.subset(rows(all, row -> row % 5 == 0));
    Normalisation normal = Normalisation.of(train);
    Dataset known = normal.apply(train);
    Dataset asked = normal.apply(test);
    ModelSpec spec =
        ModelSpec.builder(inputs)
            .layer(new Layer.Dropout(0.1))
            .dense(64, Activation.SILU)
            .layer(new Layer.Dropout(0.1))
            .dense(1, Activation.LINEAR)
            .loss(Loss.HUBER)
            .build();
    ModelFile model =
        train(
            spec,
            known,
            config(
                60,
                32,
                new OptimizerSpec(
                    "adamw", new TreeMap<>(Map.of("learningRate", 0.002, "weightDecay", 0.3)))));
    double net = Metric.RMSE.of(Model.of(model, JAVA).predict(asked), asked);
    double ridge = Double.POSITIVE_INFINITY;
    for (double lambda : new double[] {1, 10, 30, 100, 300, 1_000}) {
      ridge = Math.min(ridge, Ridge.of(known, lambda).rmse(asked));
    }
    return new Ames(net, ridge);
  }

  private static double fifthOf(Dataset all, ModelSpec spec, TrainingConfig config, Metric metric) {
    Dataset train = all.subset(rows(all, row -> row % 5 != 0));
    Dataset test = all.subset(rows(all, row -> row % 5 == 0));
    Normalisation normal = Normalisation.of(train);
    boolean pictures = spec.layers().get(0) instanceof Layer.Rescaling;
    ModelFile model = train(spec, pictures ? train : normal.apply(train), config);
    return metric.of(Model.of(model, JAVA).predict(pictures ? test : normal.apply(test)), test);
  }

  private static int[] rows(Dataset data, IntPredicate which) {
    return IntStream.range(0, data.size()).filter(which).toArray();
  }

  private static Path table(String name) {
    ShippedData shipped = ShippedData.load();
    return shipped.file(shipped.entry(name), "table");
  }

  private static OptimizerSpec adam(double rate) {
    return OptimizerSpec.adam(rate);
  }

  private static TrainingConfig config(int epochs, int batchSize, OptimizerSpec optimizer) {
    return new TrainingConfig(
        epochs,
        batchSize,
        optimizer,
        LocalMethod.sgd(),
        new Schedule.Cosine(0.05, 0),
        Double.POSITIVE_INFINITY);
  }

  private static ModelFile train(ModelSpec spec, Dataset data, TrainingConfig config) {
    float[] parameters = spec.initialise(1);
    float[] update =
        LocalTraining.train(JAVA, ModelFile.of(spec, parameters), data, config, 1).update();
    for (int i = 0; i < update.length; i++) {
      parameters[i] += update[i];
    }
    return ModelFile.of(spec, parameters);
  }

  /** Least squares with a penalty on all but the intercept (Hoerl and Kennard 1970). */
  private record Ridge(double[] weights) {
    static Ridge of(Dataset data, double lambda) {
      int n = data.featureLength() + 1;
      double[][] a = new double[n][n + 1];
      float[] x = new float[n];
      for (int row = 0; row < data.size(); row++) {
        data.features(row, x, 0);
        x[n - 1] = 1;
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            a[i][j] += (double) x[i] * x[j];
          }
          a[i][n] += (double) x[i] * data.target(row);
        }
      }
      for (int i = 0; i < n - 1; i++) {
        a[i][i] += lambda;
      }
      for (int k = 0; k < n; k++) { // positive definite: no pivots are needed
        for (int i = k + 1; i < n; i++) {
          double factor = a[i][k] / a[k][k];
          for (int j = k; j <= n; j++) {
            a[i][j] -= factor * a[k][j];
          }
        }
      }
      double[] weights = new double[n];
      for (int i = n - 1; i >= 0; i--) {
        double rest = a[i][n];
        for (int j = i + 1; j < n; j++) {
          rest -= a[i][j] * weights[j];
        }
        weights[i] = rest / a[i][i];
      }
      return new Ridge(weights);
    }

    double rmse(Dataset data) {
      double squares = 0;
      float[] x = new float[weights.length];
      for (int row = 0; row < data.size(); row++) {
        data.features(row, x, 0);
        x[weights.length - 1] = 1;
        double answer = 0;
        for (int i = 0; i < weights.length; i++) {
          answer += weights[i] * x[i];
        }
        squares += Math.pow(answer - data.target(row), 2);
      }
      return Math.sqrt(squares / data.size());
    }

    @Override
    public String toString() {
      return Arrays.toString(weights);
    }
  }
}
