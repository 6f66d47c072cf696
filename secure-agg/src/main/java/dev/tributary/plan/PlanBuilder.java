package dev.tributary.plan;

import com.google.protobuf.ByteString;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.secagg.SumParameters;
import java.time.Duration;
import java.util.List;

/**
 * Fills a {@link Plan}. Every part is needed; {@link #build} says which one is missing or wrong.
 */
public final class PlanBuilder {

  private final dev.tributary.wire.v1.Plan.Builder message =
      dev.tributary.wire.v1.Plan.newBuilder();

  PlanBuilder() {}

  /** The task that the round belongs to. */
  public PlanBuilder task(String task) {
    message.setTask(task);
    return this;
  }

  /** The number of the round in its task, from 0. */
  public PlanBuilder round(int round) {
    message.setRound(round);
    return this;
  }

  /**
   * The model to start from.
   *
   * @param digest SHA-256 of the file, 64 hex digits
   * @param bytes length of the file
   */
  public PlanBuilder model(String digest, long bytes) {
    message.setModelDigest(digest).setModelBytes(bytes);
    return this;
  }

  /** How an update becomes ring elements. */
  public PlanBuilder pipeline(PipelineSpec pipeline) {
    message.setPipeline(PlanCodec.message(pipeline));
    return this;
  }

  /** What a client says of its norm, where the clip norm adapts. */
  public PlanBuilder clipBit(double bit) {
    message.setClipBit(bit);
    return this;
  }

  /** Examples beyond which a client counts no more; 0 where all count alike. */
  public PlanBuilder maximumExamples(int examples) {
    message.setMaximumExamples(examples);
    return this;
  }

  /** What a client puts at the bin of its accuracy; 0 where clients do not evaluate. */
  public PlanBuilder accuracyUnit(double unit) {
    message.setAccuracyUnit(unit);
    return this;
  }

  /** Tensors that a client trains and keeps, by name; none where it keeps nothing. */
  public PlanBuilder localTensors(List<String> names) {
    message.addAllLocalTensors(names);
    return this;
  }

  /** SHA-256 of the control variate, 64 hex digits; empty for none. */
  public PlanBuilder controlDigest(String digest) {
    message.setControlDigest(digest);
    return this;
  }

  /** How the ring elements are added. */
  public PlanBuilder sum(SumParameters sum) {
    message.setSum(PlanCodec.message(sum));
    return this;
  }

  /** How a client trains. */
  public PlanBuilder training(TrainingTask training) {
    message.setTraining(PlanCodec.message(training));
    return this;
  }

  /** What the job promises. */
  public PlanBuilder privacy(PrivacyTerms terms) {
    message.setPrivacy(PlanCodec.message(terms));
    return this;
  }

  /** The deadline of the round, in whole milliseconds. */
  public PlanBuilder deadline(Duration deadline) {
    message.setDeadlineMillis(deadline.toMillis());
    return this;
  }

  /** 32 bytes that no other plan has. */
  public PlanBuilder nonce(byte[] nonce) {
    message.setNonce(ByteString.copyFrom(nonce));
    return this;
  }

  /**
   * The plan.
   *
   * @throws PlanException if a part is missing, or the parts break a rule of {@link Plan#check}
   */
  public Plan build() {
    Plan plan = Plan.parse(message.build().toByteArray());
    plan.check();
    return plan;
  }
}
