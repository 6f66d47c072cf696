package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Initializer;
import dev.tributary.nn.Layer;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.Loss;
import dev.tributary.nn.Model;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Predictions;
import dev.tributary.nn.Presets;
import dev.tributary.nn.Size;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Features;
import dev.tributary.nn.data.Idx;
import dev.tributary.nn.data.Normalisation;
import dev.tributary.nn.engine.Engines;
import dev.tributary.nn.metric.Metric;
import dev.tributary.simulation.data.ShippedData;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small nets and presets from end to end on shipped data: trained, evaluated, saved, loaded and
 * asked. Everything is seeded and runs on the {@code java} engine, so each number is always the
 * same; the bounds lie below what was reached.
 */
class SmallNetsTest {
  private static final OptimizerSpec ADAM = OptimizerSpec.adam(0.005);

  @TempDir private Path folder;

  /** The size of a house's first floor tells of its price. */
  @Test
  void denseOne_bySgdOnSquaredError() {
    Dataset all = ames();
    Dataset train = all.subset(rows(0, 2_400));
    Dataset test = all.subset(rows(2_400, 2_930));
    ModelSpec spec = Presets.linearRegression(all.featureLength());
    ModelFile trained = train(spec, train, 12, 32, OptimizerSpec.sgd(0.01, 0, 0));
    assertThat(Metric.R2.of(askedAfterLoading(trained, test), test)).isGreaterThan(0.5);
  }

  @Test
  void dense64_64_10_byAdam() {
    Dataset digits = digits(64);
    Dataset test = digits.subset(fifths(true));
    ModelSpec spec =
        ModelSpec.builder(64)
            .rescaling(1 / 16.0, 0)
            .dense(64, Activation.RELU)
            .dense(64, Activation.RELU)
            .dense(10, Activation.SOFTMAX)
            .build();
    ModelFile trained = train(spec, digits.subset(fifths(false)), 10, 32, ADAM);
    assertThat(Metric.ACCURACY.of(askedAfterLoading(trained, test), test)).isGreaterThan(0.92);
  }

  /** A hundred cells of a picture tell how bright the whole of it is. */
  @Test
  void regression_100_10sigmoid_1() {
    Dataset train = brightness(fashion("train", 1_500));
    Dataset test = brightness(fashion("test", 400));
    ModelSpec spec =
        ModelSpec.builder(100)
            .dense(10, Activation.SIGMOID)
            .dense(1, Activation.LINEAR)
            .loss(Loss.SQUARED_ERROR)
            .build();
    ModelFile trained = train(spec, train, 15, 32, ADAM);
    assertThat(Metric.R2.of(askedAfterLoading(trained, test), test)).isGreaterThan(0.8);
  }

  @Test
  void cnnWith128_onDigits() {
    Dataset digits = digits(8, 8, 1);
    Dataset test = digits.subset(fifths(true));
    ModelSpec spec = cnn(Padding.SAME, 128, 1 / 16.0, 8, 8, 1);
    ModelFile trained = train(spec, digits.subset(fifths(false)).subset(rows(0, 800)), 3, 32, ADAM);
    assertThat(Metric.ACCURACY.of(askedAfterLoading(trained, test), test)).isGreaterThan(0.85);
  }

  @Test
  void cnnWith64_onPicturesOf28() {
    Dataset test = fashion("test", 200);
    ModelSpec spec = cnn(Padding.VALID, 64, 1, 28, 28, 1);
    ModelFile trained = train(spec, fashion("train", 600), 2, 16, OptimizerSpec.adam(0.002));
    assertThat(Metric.ACCURACY.of(askedAfterLoading(trained, test), test)).isGreaterThan(0.6);
  }

  @Test
  void dense100_128_10_onCategoricalCrossEntropy() {
    Dataset train = cells(fashion("train", 2_000));
    Dataset test = cells(fashion("test", 500));
    ModelSpec spec =
        ModelSpec.builder(100)
            .dense(128, Activation.RELU)
            .dense(10, Activation.SOFTMAX)
            .loss(Loss.CATEGORICAL_CROSSENTROPY)
            .build();
    ModelFile trained = train(spec, train, 8, 32, ADAM);
    assertThat(Metric.ACCURACY.of(askedAfterLoading(trained, test), test)).isGreaterThan(0.7);
  }

  @Test
  void autoencoder_givesBackWhatItIsGiven() {
    Dataset train = cells(fashion("train", 1_500));
    Dataset test = cells(fashion("test", 300));
    ModelSpec spec = Presets.autoencoder(100, 48, 12);
    ModelFile trained = train(spec, Features.reconstruction(train), 10, 32, ADAM);
    Predictions answers = askedAfterLoading(trained, test);
    double error = 0;
    double spread = 0;
    float[] mean = Normalisation.of(train).mean();
    for (int row = 0; row < test.size(); row++) {
      float[] features = new float[100];
      test.features(row, features, 0);
      for (int i = 0; i < 100; i++) {
        error += Math.pow(features[i] - answers.output(row, i), 2);
        spread += Math.pow(features[i] - mean[i], 2);
      }
    }
    assertThat(error / spread).as("share of the variance that is lost").isLessThan(0.3);
  }

  private static ModelSpec cnn(Padding padding, int units, double scale, int... input) {
    Layer pool = new Layer.MaxPooling2d(Size.of(2), Size.of(2), Padding.VALID);
    return ModelSpec.builder(input)
        .rescaling(scale, 0)
        .layer(convolution(32, padding))
        .layer(pool)
        .layer(convolution(64, padding))
        .layer(pool)
        .flatten()
        .dense(units, Activation.RELU)
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  private static Layer convolution(int filters, Padding padding) {
    Activation relu = Activation.RELU;
    return new Layer.Conv2d(
        filters, Size.of(3), Size.of(1), padding, 1, relu, Initializer.GLOROT_UNIFORM);
  }

  private static ModelFile train(
      ModelSpec spec, Dataset data, int epochs, int batch, OptimizerSpec optimizer) {
    float[] parameters = spec.initialise(1);
    TrainingConfig config = new TrainingConfig(epochs, batch, optimizer, LocalMethod.sgd());
    float[] update =
        LocalTraining.train(Engines.byName("java"), ModelFile.of(spec, parameters), data, config, 1)
            .update();
    for (int i = 0; i < update.length; i++) {
      parameters[i] += update[i];
    }
    return ModelFile.of(spec, parameters);
  }

  /** The answers of the model that was written and read again; they are those of the one before. */
  private Predictions askedAfterLoading(ModelFile trained, Dataset data) {
    Path file = folder.resolve("model.safetensors");
    trained.write(file);
    ModelFile loaded = ModelFile.read(file);
    assertThat(loaded.digest()).isEqualTo(trained.digest());
    Predictions answers = Model.of(loaded, Engines.byName("java")).predict(data);
    assertThat(answers.outputs())
        .isEqualTo(Model.of(trained, Engines.byName("java")).predict(data).outputs());
    return answers;
  }

  /** Every fifth row of the digits, or the other four. */
  private static int[] fifths(boolean fifth) {
    return IntStream.range(0, 1_797).filter(row -> (row % 5 == 0) == fifth).toArray();
  }

  private static int[] rows(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  /** Numeric columns to their log price, both with mean 0 and deviation 1. */
  private static Dataset ames() {
    ShippedData shipped = ShippedData.load();
    Csv csv = Csv.read(shipped.file(shipped.entry("ames"), "table"));
    String[] numeric = {"Lot_Area", "Year_Built", "First_Flr_SF", "Gr_Liv_Area", "Garage_Area"};
    String[] dropped =
        csv.columns().stream()
            .filter(name -> !Arrays.asList(numeric).contains(name) && !name.equals("Sale_Price"))
            .toArray(String[]::new);
    Dataset data = csv.drop(dropped).target("Sale_Price").standardise().dataset();
    float[] features = features(data);
    float[] prices = new float[data.size()];
    for (int row = 0; row < prices.length; row++) {
      prices[row] = ((float) Math.log(data.target(row)) - 12) / 0.4f;
    }
    int[] order = IntStream.range(0, prices.length).map(i -> i * 1_009 % prices.length).toArray();
    return Dataset.regression(new int[] {numeric.length}, features, prices).subset(order);
  }

  private static Dataset digits(int... shape) {
    ShippedData shipped = ShippedData.load();
    Dataset data =
        Csv.read(shipped.file(shipped.entry("digits"), "table")).label("digit").dataset();
    int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
    return Dataset.of(shape, 10, features(data), labels);
  }

  private static Dataset fashion(String part, int count) {
    ShippedData shipped = ShippedData.load();
    ShippedData.Entry entry = shipped.entry("fashion-mnist-12k");
    Path images = shipped.file(entry, part + "-images-idx3");
    return Idx.read(images, shipped.file(entry, part + "-labels-idx1")).subset(rows(0, count));
  }

  private static float[] features(Dataset data) {
    float[] features = new float[data.size() * data.featureLength()];
    for (int row = 0; row < data.size(); row++) {
      data.features(row, features, row * data.featureLength());
    }
    return features;
  }

  /** The means of the 2x2 cells of the inner 20x20 pixels: 100 numbers. */
  private static Dataset cells(Dataset pictures) {
    float[] all = features(pictures);
    float[] cells = new float[pictures.size() * 100];
    for (int i = 0; i < cells.length; i++) {
      int at = i / 100 * 784 + (4 + 2 * (i % 100 / 10)) * 28 + 4 + 2 * (i % 10);
      cells[i] = (all[at] + all[at + 1] + all[at + 28] + all[at + 29]) / 4;
    }
    int[] labels = IntStream.range(0, pictures.size()).map(pictures::label).toArray();
    return Dataset.of(new int[] {100}, 10, cells, labels);
  }

  private static Dataset brightness(Dataset pictures) {
    float[] all = features(pictures);
    float[] targets = new float[pictures.size()];
    for (int i = 0; i < all.length; i++) {
      targets[i / 784] += all[i] / 784;
    }
    return Dataset.regression(new int[] {100}, features(cells(pictures)), targets);
  }
}
