package dev.tributary.plan;

import com.google.protobuf.ByteString;
import dev.tributary.privacy.Histogram;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.Segment;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.crypto.Labels;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/**
 * What one round does: the exact bytes that the coordinator sent, the id of their session, and
 * checked views. Two plans are equal if their bytes are.
 */
public final class Plan {

  /** Most bytes of a plan. */
  public static final int MAXIMUM_LENGTH = 1 << 20;

  /** Most characters of a task's name, which journals and logs repeat. */
  public static final int LONGEST_TASK = 256;

  /** Bytes of the nonce. */
  public static final int NONCE_LENGTH = 32;

  private final ByteString bytes;
  private final byte[] sessionId;
  private final dev.tributary.wire.v1.Plan message;
  private final PipelineSpec pipeline;
  private final SumParameters sum;
  private final TrainingTask training;
  private final PrivacyTerms privacy;

  private Plan(ByteString bytes, dev.tributary.wire.v1.Plan message) {
    this.bytes = bytes;
    this.message = message;
    this.sessionId = sessionId(bytes.toByteArray());
    PlanChecks.notBlank("task", message.getTask());
    PlanChecks.atMost("task.length", LONGEST_TASK, message.getTask().length());
    PlanChecks.atLeast("round", 0, message.getRound());
    PlanChecks.atLeast("modelBytes", 1, message.getModelBytes());
    PlanChecks.atLeast("deadlineMillis", 1, message.getDeadlineMillis());
    if (!message.getModelDigest().matches("[0-9a-f]{64}")) {
      throw new PlanException("modelDigest must be 64 lower-case hexadecimal digits");
    }
    if (message.getNonce().size() != NONCE_LENGTH) {
      throw new PlanException("nonce must have 32 bytes. Provided: " + message.getNonce().size());
    }
    this.pipeline = PlanCodec.pipeline(message.getPipeline());
    this.sum = PlanCodec.sum(message.getSum());
    this.training = PlanCodec.training(message.getTraining());
    this.privacy = PlanCodec.privacy(message.getPrivacy());
  }

  /** The id of the session that these bytes of a plan name, whether or not they are a good plan. */
  public static byte[] sessionId(byte[] plan) {
    return Labels.hash("sa1/session", plan);
  }

  /**
   * Reads a plan. Unknown fields and any encoding but the one that {@link PlanBuilder} writes are
   * refused, so that a client never agrees to what it does not understand.
   *
   * @throws PlanException if the bytes are no plan
   */
  public static Plan parse(byte[] bytes) {
    ByteString copy = ByteString.copyFrom(bytes);
    return new Plan(copy, PlanCodec.decode(copy));
  }

  /** A plan to be filled in. */
  public static PlanBuilder builder() {
    return new PlanBuilder();
  }

  /** The exact bytes, a copy. */
  public byte[] bytes() {
    return bytes.toByteArray();
  }

  /** sid = SHA-256("sa1/session" | plan bytes), a copy of 32 bytes. */
  public byte[] sessionId() {
    return sessionId.clone();
  }

  /** The task that the round belongs to. */
  public String task() {
    return message.getTask();
  }

  /** The number of the round in its task, from 0. */
  public int round() {
    return message.getRound();
  }

  /** SHA-256 of the model file, 64 hex digits. */
  public String modelDigest() {
    return message.getModelDigest();
  }

  /** Length of the model file in bytes. */
  public long modelBytes() {
    return message.getModelBytes();
  }

  /** How an update becomes ring elements. */
  public PipelineSpec pipeline() {
    return pipeline;
  }

  /** How the ring elements are added. */
  public SumParameters sum() {
    return sum;
  }

  /** How a client trains. */
  public TrainingTask training() {
    return training;
  }

  /** What the job promises. */
  public PrivacyTerms privacy() {
    return privacy;
  }

  /**
   * What a client adds as its last coordinate if its update was within the clip norm, and takes off
   * if not ({@link dev.tributary.privacy.AdaptiveClip}); 0 where the clip norm does not adapt.
   */
  public double clipBit() {
    return message.getClipBit();
  }

  /** Trainable parameters of the model: what a client's training changes. */
  public int updateLength() {
    return pipeline.inputLength()
        - (clipBit() > 0 ? 1 : 0)
        - length(Segments.CONTROL)
        - length(Segments.WEIGHT)
        - length(Segments.STEPS)
        - length(Segments.ACCURACY);
  }

  /** Whether a client sends this part, one of {@link Segments}. */
  public boolean asksFor(String segment) {
    return length(segment) > 0;
  }

  /** Where this part begins in what a client sends. */
  public int offset(String segment) {
    int offset = 0;
    for (Segment each : pipeline.segments()) {
      if (each.name().equals(segment)) {
        return offset;
      }
      offset += each.length();
    }
    throw new IllegalArgumentException("the plan has no segment " + segment);
  }

  /** Floats of this part; 0 where the plan does not ask for it. */
  public int length(String segment) {
    return pipeline.segments().stream()
        .filter(each -> each.name().equals(segment))
        .mapToInt(Segment::length)
        .sum();
  }

  /**
   * What a client puts at the bin of its accuracy ({@link Segments#ACCURACY}); 0 where clients do
   * not evaluate.
   */
  public double accuracyUnit() {
    return message.getAccuracyUnit();
  }

  /** Tensors of the model that a client trains and keeps, by name; nothing of them travels. */
  public List<String> localTensors() {
    return message.getLocalTensorsList();
  }

  /** Clip norm of all that a client sends but for the bins of its accuracy. */
  public double restNorm() {
    return Histogram.restNorm(pipeline.clipNorm(), accuracyUnit());
  }

  /** Examples beyond which a client counts no more than others; 0 where all clients count alike. */
  public int maximumExamples() {
    return message.getMaximumExamples();
  }

  /**
   * SHA-256 of the control variate that local steps are corrected by, 64 hex digits of float32[d];
   * empty where there is none or it is zero.
   */
  public String controlDigest() {
    return message.getControlDigest();
  }

  /**
   * What a weight of 1, or the most steps, is in the vector, in model units: C = R / sqrt(1 + k),
   * for R = {@link #restNorm} and k such numbers, so that an update of norm C and k numbers of at
   * most C are never clipped together.
   */
  public double scalarUnit() {
    int scalars = length(Segments.WEIGHT) + length(Segments.STEPS);
    return restNorm() / Math.sqrt(1 + scalars);
  }

  /**
   * What the steps of a client that counts add up to at most, in learning rates: epochs times
   * batches of {@link #maximumExamples()}, over 1 - momentum.
   */
  public double maximumSteps() {
    long batches = (maximumExamples() + training.batchSize() - 1L) / training.batchSize();
    double momentum = training.optimizerParameters().getOrDefault("momentum", 0.0);
    return training.localEpochs() * batches / (1 - momentum);
  }

  /** The deadline of the round, from which every other timing is derived. */
  public Duration deadline() {
    return Duration.ofMillis(message.getDeadlineMillis());
  }

  /**
   * Recomputes what the planner derived and holds the views against each other: intrinsic rules, no
   * policy.
   *
   * @throws PlanException naming the first rule that is broken
   */
  public void check() {
    PlanRules.check(this);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Plan plan && plan.bytes.equals(bytes);
  }

  @Override
  public int hashCode() {
    return bytes.hashCode();
  }

  @Override
  public String toString() {
    return "Plan["
        + task()
        + ", round "
        + round()
        + ", session "
        + HexFormat.of().formatHex(sessionId, 0, 8)
        + "]";
  }
}
