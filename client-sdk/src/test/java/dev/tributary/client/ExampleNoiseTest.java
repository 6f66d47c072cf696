package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Evaluation;
import dev.tributary.nn.ExampleGradients;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.plan.ExamplePrivacy;
import dev.tributary.plan.Plan;
import dev.tributary.plan.TrainingTask;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.privacy.insecure.InsecureSeededNoise;
import dev.tributary.secagg.Sa1;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Statistical tests here run on seeds that stand fixed, so they pass always or never. */
class ExampleNoiseTest {
  private static final Engine JAVA = Engines.byName("java");

  private static ExampleNoise noise(double clipNorm, double multiplier, int seed) {
    byte[] key = new byte[32];
    key[0] = (byte) seed;
    return new ExampleNoise(
        new ExamplePrivacy(clipNorm, multiplier, 8, 1e-5), new InsecureSeededNoise(key));
  }

  /** For a fresh seed, five deviations of a binomial: wrong with probability 6e-7. */
  @Test
  void sample_takesEachRowAtTheRate() {
    ExampleNoise noise = noise(1, 1, 1);
    int rows = 40_000;
    noise.open(1);
    int[] taken = noise.sample(rows, 0.3);
    assertThat((double) taken.length)
        .isCloseTo(0.3 * rows, within(5 * Math.sqrt(0.3 * 0.7 * rows)));
    assertThat(taken).isSorted().doesNotHaveDuplicates();
    assertThat(noise.sample(7, 1)).containsExactly(0, 1, 2, 3, 4, 5, 6);
    noise.open(1);
    assertThat(noise.sample(rows, 0.3)).isNotEqualTo(taken);
  }

  /** For a fresh seed, five deviations of mean and variance: wrong with probability 1e-6. */
  @Test
  void release_hasTheNoiseOfItsMultiplier_afreshInEachStep() {
    ExampleNoise noise = noise(0.5, 2, 2);
    int length = 20_000;
    ExampleGradients.Sum first = noise.open(length);
    float[] gradient = new float[length];
    gradient[7] = 100; // longer than the bound
    first.add(gradient);
    float[] one = first.release(10);
    float[] two = noise.open(length).release(10);
    double deviation = 2 * 0.5 / 10;
    double sum = 0;
    double squares = 0;
    for (float value : two) {
      sum += value;
      squares += (double) value * value;
    }
    assertThat(sum / length).isCloseTo(0, within(5 * deviation / Math.sqrt(length)));
    assertThat(squares / length / deviation / deviation)
        .isCloseTo(1, within(5 * Math.sqrt(2.0 / length)));
    assertThat(one).isNotEqualTo(two);
    assertThat(Math.abs(one[7])).isLessThan((float) (0.5 / 10 + 6 * deviation));
  }

  /**
   * The row of the TensorFlow Privacy tutorial: 2.597 by RDP at q 256/60000, z 1.1, 14,062 steps.
   */
  @Test
  void guarantee_ofAKnownSchedule_isThatOfTheAccountant() {
    double known =
        new RdpAccountant()
            .epsilon(
                List.of(
                    new Charge(
                        new PrivacyEvent.PoissonSampled(
                            256.0 / 60_000, new PrivacyEvent.Gaussian(1.1)),
                        60 * 235)),
                1e-5,
                Unit.EXAMPLE,
                Relation.ZERO_OUT)
            .epsilon();
    assertThat(known).isBetween(2.59, 2.61);
    double ours =
        ExampleGuarantee.of(task(60, 256, 1.1, 8), 60_000, 10_000, 1).orElseThrow().epsilon();
    assertThat(ours).isBetween(known, 1.01 * known);
    assertThat(
            ExampleGuarantee.of(task(30, 256, 1.1, 8), 60_000, 10_000, 2).orElseThrow().epsilon())
        .isEqualTo(ours);
    assertThat(
            ExampleGuarantee.of(task(60, 256, 1.1, 8), 30_000, 10_000, 1).orElseThrow().epsilon())
        .isGreaterThan(ours);
    assertThat(ExampleGuarantee.of(task(10_000, 1, 1.1, 8), 1 << 30, 10, 1_000_000).orElseThrow())
        .matches(guarantee -> guarantee.epsilon() == Double.POSITIVE_INFINITY);
  }

  private static TrainingTask task(int epochs, int batchSize, double multiplier, double epsilon) {
    TreeMap<String, Double> none = new TreeMap<>();
    return new TrainingTask(
        epochs,
        batchSize,
        "sgd",
        none,
        "sgd",
        new TreeMap<>(Map.of("learningRate", 0.3)),
        TrainingTask.CONSTANT,
        none,
        0,
        Optional.of(new ExamplePrivacy(1, multiplier, epsilon, 1e-5)));
  }

  /** What a plan promises is held against this client's own number of rows. */
  @Test
  void check_promiseThatFewRowsDoNotKeep_isRefused() {
    Cohort cohort = new Cohort(12, 11);
    Plan plan = cohort.plan(Sa1.ID, 0, 4, 3).training(task(1, 10, 1.1, 4)).build();
    assertThat(NnTrainer.over(blobs(2_000, 1)).check(plan)).isEmpty();
    assertThat(NnTrainer.over(blobs(20, 1)).check(plan))
        .map(Refusal::code)
        .contains("example-epsilon-understated");
    Trainer other = request -> new float[0];
    assertThat(other.check(plan)).map(Refusal::code).contains("training-unknown");
    assertThat(other.check(cohort.plan(Sa1.ID, 0, 4, 3).build())).isEmpty();
  }

  @Test
  void train_withNoise_learnsWhatHoldsForOthers_andRepeats() throws Exception {
    ModelSpec spec = ModelSpec.builder(4).dense(3, Activation.SOFTMAX).build();
    ModelFile start = ModelFile.of(spec, new float[spec.layout().size()]);
    NnTrainer trainer = NnTrainer.over(blobs(600, 1), JAVA);
    TrainingRequest request = request(start, 5);
    float[] update = trainer.train(request);
    assertThat(trainer.train(request)).isEqualTo(update);
    assertThat(trainer.train(request(start, 6))).isNotEqualTo(update);
    double accuracy =
        Evaluation.evaluate(JAVA, ModelFile.of(spec, update), blobs(600, 2)).accuracy();
    assertThat(accuracy).isGreaterThan(0.9);
  }

  private static TrainingRequest request(ModelFile start, int seed) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) seed);
    return new TrainingRequest(
        "task", 0, start, task(5, 60, 1, 8), 3, new InsecureSeededNoise(key));
  }

  private static Dataset blobs(int rows, long seed) {
    Random random = new Random(seed);
    float[] features = new float[4 * rows];
    int[] labels = new int[rows];
    for (int row = 0; row < rows; row++) {
      labels[row] = row % 3;
      for (int i = 0; i < 4; i++) {
        double centre = i == labels[row] ? 1 : 0;
        features[4 * row + i] = (float) (centre + 0.25 * random.nextGaussian());
      }
    }
    return Dataset.of(new int[] {4}, 3, features, labels);
  }
}
