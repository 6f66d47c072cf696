package dev.tributary.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnknownFieldSet;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Segment;
import dev.tributary.privacy.Unit;
import dev.tributary.privacy.correlated.BandedToeplitz;
import dev.tributary.privacy.correlated.BinaryTree;
import dev.tributary.privacy.correlated.BufferedToeplitz;
import dev.tributary.privacy.correlated.Schedule;
import dev.tributary.privacy.correlated.Strategy;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

public class PlanTest {

  private static final Mechanism NOISE = new Mechanism.DistributedDiscreteGaussian(3.3, 84);

  private static PipelineSpec pipeline(int bits, Mechanism mechanism) {
    return pipeline(100, bits, mechanism);
  }

  private static PipelineSpec pipeline(int cohort, int bits, Mechanism mechanism) {
    return new PipelineSpec(
        List.of(new Segment("update", 7850)),
        0.3,
        0.3 / 8192,
        bits,
        cohort,
        mechanism,
        "ab".repeat(32));
  }

  private static Mechanism correlated(Strategy strategy) {
    return new Mechanism.CentralCorrelated(1.1, strategy, new Schedule(80, 8, 1));
  }

  /** What the noise was made for is what the client holds the rounds to. */
  @Test
  void check_correlatedNoiseOfAnotherSchedule_refused() {
    for (Schedule other :
        List.of(new Schedule(80, 7, 1), new Schedule(80, 8, 2), new Schedule(6, 8, 1))) {
      Mechanism noise = new Mechanism.CentralCorrelated(1.1, new BandedToeplitz(3), other);
      assertThatThrownBy(() -> plan().pipeline(pipeline(32, noise)).sum(sum(0, 32, 8192)).build())
          .as("%s", other)
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("the noise's");
    }
  }

  private static SumParameters sum(int honest, int bits, int length) {
    return SumParameters.derive("sa1", Mode.MALICIOUS, 100, 0.01, 0.15, 2, honest, bits, length);
  }

  public static PlanBuilder plan() {
    return Plan.builder()
        .task("fashion")
        .round(7)
        .model("0f".repeat(32), 31_400)
        .pipeline(pipeline(22, NOISE))
        .sum(sum(84, 22, 8192))
        .training(
            new TrainingTask(
                5,
                10,
                "sgd",
                new TreeMap<>(),
                "sgd",
                new TreeMap<>(java.util.Map.of("learningRate", 0.1, "momentum", 0.0))))
        .privacy(new PrivacyTerms(Unit.USER, Relation.ZERO_OUT, 4, 1e-5, 8, 1))
        .deadline(Duration.ofSeconds(90))
        .nonce(new byte[32]);
  }

  @Test
  void build_thenParse_givesTheSameViews() throws Exception {
    Plan plan = plan().build();
    Plan parsed = Plan.parse(plan.bytes());
    assertThat(parsed).isEqualTo(plan).hasSameHashCodeAs(plan);
    assertThat(parsed.pipeline()).isEqualTo(pipeline(22, NOISE));
    assertThat(parsed.sum()).isEqualTo(sum(84, 22, 8192));
    assertThat(parsed.training().optimizerParameters()).containsEntry("learningRate", 0.1);
    assertThat(parsed.privacy()).isEqualTo(plan.privacy());
    assertThat(parsed.deadline()).isEqualTo(Duration.ofSeconds(90));
    assertThat(parsed.task()).isEqualTo("fashion");
    assertThat(parsed.round()).isEqualTo(7);
    assertThat(parsed.modelBytes()).isEqualTo(31_400);
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update(new byte[] {0, 11});
    sha.update("sa1/session".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(parsed.sessionId()).isEqualTo(sha.digest(plan.bytes()));
    for (Mechanism mechanism :
        List.of(
            new Mechanism.None(),
            new Mechanism.CentralGaussian(1.1),
            correlated(new BinaryTree(true)),
            correlated(new BinaryTree(false)),
            correlated(new BandedToeplitz(5)),
            correlated(new BufferedToeplitz(new double[] {0.3, 0.1}, new double[] {0.9, 0.4})),
            new Mechanism.LocalGaussian(1.1),
            new Mechanism.LocalLaplace(0.01),
            new Mechanism.DistributedSkellam(3.3, 84))) {
      int honest = mechanism instanceof Mechanism.Distributed shares ? shares.minimumHonest() : 0;
      Plan other = plan().pipeline(pipeline(32, mechanism)).sum(sum(honest, 32, 8192)).build();
      other.check();
      assertThat(Plan.parse(other.bytes()).pipeline().mechanism()).isEqualTo(mechanism);
    }
  }

  private static PipelineSpec with(Mechanism mechanism, Segment... segments) {
    return new PipelineSpec(
        List.of(segments), 0.3, 0.3 / 8192, 32, 100, mechanism, "ab".repeat(32));
  }

  private static final Segment UPDATE = new Segment("update", 4000);
  private static final Segment CONTROL = new Segment("control", 4000);
  private static final Segment WEIGHT = new Segment("weight", 1);
  private static final Segment STEPS = new Segment("steps", 1);

  @Test
  void check_whatStrategiesAskFor_standsBehindTheUpdate() {
    Mechanism none = new Mechanism.None();
    Plan nova =
        plan()
            .pipeline(with(none, UPDATE, WEIGHT, STEPS))
            .sum(sum(0, 32, 4096))
            .maximumExamples(95)
            .build();
    assertThat(nova.updateLength()).isEqualTo(4000);
    assertThat(nova.asksFor(Segments.STEPS)).isTrue();
    assertThat(nova.maximumSteps()).isEqualTo(50);
    assertThat(nova.scalarUnit()).isEqualTo(0.3 / Math.sqrt(3));
    Plan scaffold =
        plan()
            .pipeline(with(NOISE, UPDATE, CONTROL))
            .sum(sum(84, 32, 8192))
            .controlDigest("0e".repeat(32))
            .build();
    assertThat(scaffold.updateLength()).isEqualTo(4000);
    assertThat(Plan.parse(scaffold.bytes()).controlDigest()).isEqualTo("0e".repeat(32));
    assertThat(plan().build().asksFor(Segments.CONTROL)).isFalse();
  }

  @Test
  void check_strategySegmentsThatDoNotFit_refused() {
    Mechanism none = new Mechanism.None();
    refused("segments must begin", none, 5, "", UPDATE, STEPS, WEIGHT);
    refused("segments must begin", none, 5, "", UPDATE, new Segment("weight", 2));
    refused("segments must begin", none, 0, "", UPDATE, new Segment("control", 3999));
    refused("segments must begin", none, 5, "", UPDATE, WEIGHT, CONTROL);
    refused("maximumExamples goes", none, 0, "", UPDATE, WEIGHT);
    refused("maximumExamples goes", none, 5, "", UPDATE, CONTROL);
    refused("no noise covers", new Mechanism.CentralGaussian(1), 5, "", UPDATE, WEIGHT);
    refused("needs a segment weight", none, 0, "", UPDATE, STEPS);
    refused("controlDigest must", none, 0, "0e".repeat(32), UPDATE);
    refused("controlDigest must", none, 0, "0e", UPDATE, CONTROL);
  }

  private static void refused(
      String rule, Mechanism mechanism, int examples, String digest, Segment... segments) {
    PipelineSpec pipeline = with(mechanism, segments);
    assertThatThrownBy(
            () ->
                plan()
                    .pipeline(pipeline)
                    .sum(sum(0, 32, pipeline.encodedLength()))
                    .maximumExamples(examples)
                    .controlDigest(digest)
                    .build())
        .as("%s", List.of(segments))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining(rule);
  }

  private static PipelineSpec withBit(Mechanism mechanism, String name, int length) {
    return new PipelineSpec(
        List.of(new Segment("update", 7850), new Segment(name, length)),
        0.3,
        0.3 / 8192,
        32,
        100,
        mechanism,
        "ab".repeat(32));
  }

  /** The bit of a clip norm that adapts is inside of what is clipped and noised, or refused. */
  @Test
  void check_clipBit_hasItsPlaceInTheVector() {
    PipelineSpec good = withBit(NOISE, "clip-bit", 1);
    Plan plan = plan().pipeline(good).sum(sum(84, 32, 8192)).clipBit(0.1).build();
    assertThat(Plan.parse(plan.bytes()).clipBit()).isEqualTo(0.1);
    assertThat(plan.updateLength()).isEqualTo(7850);
    assertThat(plan().build().clipBit()).isZero();
    assertThat(plan().build().updateLength()).isEqualTo(7850);
    for (double bad : new double[] {-0.1, 0.3, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> plan().pipeline(good).sum(sum(84, 32, 8192)).clipBit(bad).build())
          .as("%s", bad)
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("clipBit must be");
    }
    for (PipelineSpec other :
        List.of(pipeline(32, NOISE), withBit(NOISE, "bit", 1), withBit(NOISE, "clip-bit", 2))) {
      assertThatThrownBy(() -> plan().pipeline(other).sum(sum(84, 32, 8192)).clipBit(0.1).build())
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("last segment clip-bit");
    }
    for (Mechanism other :
        List.of(
            new Mechanism.None(),
            new Mechanism.LocalGaussian(1.1),
            correlated(new BandedToeplitz(5)))) {
      assertThatThrownBy(
              () ->
                  plan()
                      .pipeline(withBit(other, "clip-bit", 1))
                      .sum(sum(0, 32, 8192))
                      .clipBit(0.1)
                      .build())
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("shares of noise");
    }
  }

  /** The bins of an accuracy are the last of what is clipped and noised together, or refused. */
  @Test
  void check_accuracy_hasItsPlaceInTheVector() {
    PipelineSpec good = withBit(NOISE, "accuracy", 21);
    Plan plan = plan().pipeline(good).sum(sum(84, 32, 8192)).accuracyUnit(0.18).build();
    assertThat(Plan.parse(plan.bytes()).accuracyUnit()).isEqualTo(0.18);
    assertThat(plan.updateLength()).isEqualTo(7850);
    assertThat(plan.offset("accuracy")).isEqualTo(7850);
    assertThat(plan.restNorm()).isEqualTo(Math.sqrt(0.12 * 0.48));
    assertThat(plan().build().accuracyUnit()).isZero();
    assertThat(plan().build().restNorm()).isEqualTo(plan().build().pipeline().clipNorm());
    for (double bad : new double[] {-0.1, 0, 0.3, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(
              () -> plan().pipeline(good).sum(sum(84, 32, 8192)).accuracyUnit(bad).build())
          .as("%s", bad)
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("accuracyUnit must be");
    }
    for (PipelineSpec other :
        List.of(pipeline(32, NOISE), withBit(NOISE, "bins", 21), withBit(NOISE, "accuracy", 1))) {
      assertThatThrownBy(
              () -> plan().pipeline(other).sum(sum(84, 32, 8192)).accuracyUnit(0.1).build())
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("last segment accuracy");
    }
    for (Mechanism other :
        List.of(new Mechanism.LocalGaussian(1.1), correlated(new BandedToeplitz(5)))) {
      assertThatThrownBy(
              () ->
                  plan()
                      .pipeline(withBit(other, "accuracy", 21))
                      .sum(sum(0, 32, 8192))
                      .accuracyUnit(0.1)
                      .build())
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("shares of noise");
    }
  }

  @Test
  void check_localTensors_areNamesAndNothingElseIsRemembered() {
    Plan plan = plan().localTensors(List.of("layers.1.weight", "layers.1.bias")).build();
    assertThat(Plan.parse(plan.bytes()).localTensors())
        .containsExactly("layers.1.weight", "layers.1.bias");
    assertThat(plan().build().localTensors()).isEmpty();
    for (List<String> bad :
        List.of(
            List.of(" "),
            List.of("a", "a"),
            java.util.stream.IntStream.range(0, 10_001).mapToObj(i -> "t" + i).toList())) {
      assertThatThrownBy(() -> plan().localTensors(bad).build())
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("localTensors must be");
    }
  }

  /** A sparse cohort's plan names its degree; every other plan has the bytes of before. */
  @Test
  void build_sparseCohort_namesItsDegree() throws Exception {
    SumParameters sparse =
        SumParameters.derive("sa1", Mode.CURIOUS, 300, 0.05, 0.1, 2, 0, 32, 8192);
    Plan plan = plan().pipeline(pipeline(300, 32, new Mechanism.None())).sum(sparse).build();
    assertThat(sparse.degree()).isPositive();
    assertThat(Plan.parse(plan.bytes()).sum()).isEqualTo(sparse);
    assertThat(dev.tributary.wire.v1.Plan.parseFrom(plan().build().bytes()).getSum().getDegree())
        .isZero();
    SumParameters other =
        new SumParameters("sa1", Mode.CURIOUS, 300, 0.05, 0.1, 4, 3, 0, 0, 2, 0, 32, 8192);
    assertThatThrownBy(() -> plan().pipeline(plan.pipeline()).sum(other).build())
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("degree must be " + sparse.degree());
  }

  /** Row 13: another model, or anything else, is another session. */
  @Test
  void row13_sessionId_anyField_changesIt() {
    byte[] id = plan().build().sessionId();
    assertThat(plan().model("1f".repeat(32), 31_400).build().sessionId()).isNotEqualTo(id);
    assertThat(plan().round(8).build().sessionId()).isNotEqualTo(id);
    byte[] nonce = new byte[32];
    nonce[31] = 1;
    assertThat(plan().nonce(nonce).build().sessionId()).isNotEqualTo(id);
  }

  @Test
  void parse_unknownFieldOrOtherEncoding_refused() throws Exception {
    byte[] bytes = plan().build().bytes();
    byte[] unknown =
        dev.tributary.wire.v1.Plan.parseFrom(bytes).toBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                    .build())
            .build()
            .toByteArray();
    assertThatThrownBy(() -> Plan.parse(unknown))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("does not know");
    byte[] twice = java.util.Arrays.copyOf(bytes, bytes.length + 2);
    twice[bytes.length] = 0x10;
    twice[bytes.length + 1] = 7;
    assertThatThrownBy(() -> Plan.parse(twice)).isInstanceOf(PlanException.class);
    assertThatThrownBy(() -> Plan.parse(new byte[Plan.MAXIMUM_LENGTH + 1]))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("at most");
    assertThatThrownBy(() -> Plan.parse(new byte[0])).isInstanceOf(PlanException.class);
  }

  @Test
  void build_missingOrBadPart_refusedByName() {
    assertThatThrownBy(() -> plan().task(" ").build()).hasMessageContaining("task");
    assertThatThrownBy(() -> plan().round(-1).build()).hasMessageContaining("round");
    assertThatThrownBy(() -> plan().model("xyz", 1).build()).hasMessageContaining("modelDigest");
    assertThatThrownBy(() -> plan().model("0f".repeat(32), 0).build())
        .hasMessageContaining("modelBytes");
    assertThatThrownBy(() -> plan().nonce(new byte[31]).build())
        .hasMessageContaining("Provided: 31");
    assertThatThrownBy(() -> plan().deadline(Duration.ZERO).build())
        .hasMessageContaining("deadlineMillis");
    assertThatThrownBy(() -> Plan.builder().build()).isInstanceOf(PlanException.class);
  }

  @Test
  void check_viewsThatDisagree_refusedByName() {
    assertThatThrownBy(() -> plan().sum(sum(84, 23, 8192)).build())
        .hasMessageContaining("sum.ringBits");
    assertThatThrownBy(() -> plan().sum(sum(84, 22, 8191)).build())
        .hasMessageContaining("sum.length");
    assertThatThrownBy(() -> plan().sum(sum(80, 22, 8192)).build())
        .hasMessageContaining("sum.minimumHonest");
    assertThatThrownBy(
            () ->
                plan()
                    .privacy(new PrivacyTerms(Unit.USER, Relation.ADD_REMOVE, 4, 1e-5, 8, 1))
                    .build())
        .isInstanceOf(PlanException.class);
    assertThatThrownBy(
            () ->
                plan()
                    .privacy(new PrivacyTerms(Unit.USER, Relation.ZERO_OUT, 0, 1e-5, 8, 1))
                    .build())
        .hasMessageContaining("privacy.epsilon");
    assertThatThrownBy(
            () ->
                plan()
                    .sum(SumParameters.derive("sa1", Mode.MALICIOUS, 101, 0, 0.15, 2, 84, 22, 8192))
                    .build())
        .hasMessageContaining("maximumCohort");
  }

  /** Row 21: a ring in which the sum could wrap is refused by the plan itself. */
  @Test
  void row21_ringTooSmall_refused() {
    assertThatThrownBy(() -> plan().pipeline(pipeline(10, NOISE)).sum(sum(84, 10, 8192)).build())
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("add up to more than a ring of 10 bits holds");
  }

  /** Row 8: a threshold of the coordinator's own choice is refused by the plan itself. */
  @Test
  void row8_weakThreshold_refused() {
    SumParameters p = sum(84, 22, 8192);
    SumParameters weak =
        new SumParameters(
            p.suite(), p.mode(), p.clients(), 0.01, 0.15, 0, 2, p.quorum(), 0, 2, 84, 22, 8192);
    assertThatThrownBy(() -> plan().sum(weak).build()).hasMessageContaining("threshold must be 67");
  }

  /** What is left out has one encoding: nothing. */
  @Test
  void training_scheduleAndClip_areInTheBytesOnlyWhereTheyDoSomething() throws Exception {
    TrainingTask plain = plan().build().training();
    assertThat(plain.schedule()).isEqualTo(TrainingTask.CONSTANT);
    assertThat(plain.gradientClip()).isZero();
    TreeMap<String, Double> settings = new TreeMap<>(java.util.Map.of("floor", 0.1, "from", 0.5));
    TrainingTask task =
        new TrainingTask(
            1,
            2,
            "sgd",
            new TreeMap<>(),
            "sgd",
            new TreeMap<>(),
            "linear",
            settings,
            1.5,
            Optional.of(new ExamplePrivacy(1, 1.1, 8, 1e-5)));
    Plan other = plan().training(task).build();
    assertThat(Plan.parse(other.bytes()).training()).isEqualTo(task);
    dev.tributary.wire.v1.Plan message =
        dev.tributary.wire.v1.Plan.parseFrom(plan().build().bytes());
    byte[] named =
        message.toBuilder()
            .setTraining(message.getTraining().toBuilder().setSchedule(TrainingTask.CONSTANT))
            .build()
            .toByteArray();
    assertThatThrownBy(() -> Plan.parse(named)).hasMessageContaining("training.schedule");
    assertThatThrownBy(
            () ->
                new TrainingTask(
                    1,
                    2,
                    "sgd",
                    new TreeMap<>(),
                    "sgd",
                    new TreeMap<>(),
                    "linear",
                    settings,
                    -1,
                    Optional.empty()))
        .hasMessageContaining("training.gradientClip");
    assertThatThrownBy(() -> new ExamplePrivacy(1, 0, 8, 1e-5))
        .hasMessageContaining("training.examplePrivacy.noiseMultiplier");
    assertThatThrownBy(() -> new ExamplePrivacy(1, 1, 8, 1))
        .hasMessageContaining("training.examplePrivacy.delta");
    assertThatThrownBy(
            () ->
                plan()
                    .pipeline(pipeline(32, new Mechanism.None()))
                    .sum(sum(0, 32, 8192))
                    .privacy(new PrivacyTerms(Unit.USER, Relation.ADD_REMOVE, 0, 0, 0, 0))
                    .training(task)
                    .build())
        .hasMessageContaining("privacy.participations must be >= 1");
  }

  @Test
  void training_badNumbers_refused() {
    TreeMap<String, Double> none = new TreeMap<>();
    TreeMap<String, Double> notANumber = new TreeMap<>(java.util.Map.of("x", Double.NaN));
    assertThatThrownBy(() -> new TrainingTask(0, 1, "sgd", none, "sgd", none))
        .hasMessageContaining("localEpochs");
    assertThatThrownBy(() -> new TrainingTask(1, 1, "sgd", notANumber, "sgd", none))
        .hasMessageContaining("methodParameters.x");
    assertThatThrownBy(() -> new PrivacyTerms(Unit.USER, Relation.ZERO_OUT, Double.NaN, 0, 1, 1))
        .hasMessageContaining("epsilon");
  }
}
