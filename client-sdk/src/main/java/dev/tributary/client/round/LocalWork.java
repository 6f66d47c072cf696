package dev.tributary.client.round;

import dev.tributary.client.ClientException;
import dev.tributary.client.ClientException.Code;
import dev.tributary.client.Refusal;
import dev.tributary.client.TrainingRequest;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelFileException;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.AdaptiveClip;
import dev.tributary.privacy.Contribution;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Work;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fetch the model, check it, train, encode: everything that touches data, in one job off the
 * protocol's thread.
 */
final class LocalWork implements Work {
  private final ClientRound.Context context;
  private final Plan plan;
  private final long seed;
  private volatile @Nullable Contribution encoded;

  LocalWork(ClientRound.Context context, Plan plan, long seed) {
    this.context = context;
    this.plan = plan;
    this.seed = seed;
  }

  /** Z_2^w[encodedLength], to be masked. */
  @Override
  public RingVector run() throws Exception {
    ModelFile model = model();
    UpdatePipeline pipeline = new UpdatePipeline(plan.pipeline());
    if (model.spec().trainable().size() != plan.updateLength()) {
      throw new ClientException(
          Code.MODEL_TAMPERED,
          "The model has "
              + model.spec().trainable().size()
              + " trainable parameters; the plan is for "
              + plan.updateLength()
              + ".");
    }
    Optional<Refusal> refusal = context.policy().check(model.spec());
    if (refusal.isPresent()) {
      throw new ClientException(Code.MODEL_NOT_ALLOWED, refusal.get().reason());
    }
    float[] update = train(model);
    if (update.length != plan.updateLength()) {
      throw new ClientException(
          Code.TRAINING_FAILED,
          "The trainer returned "
              + update.length
              + " numbers for a model of "
              + plan.updateLength()
              + ".");
    }
    float[] whole =
        plan.clipBit() > 0
            ? AdaptiveClip.joint(update, plan.pipeline().clipNorm(), plan.clipBit())
            : update;
    Contribution made = pipeline.encode(whole, context.noise());
    encoded = made;
    return RingVector.of(plan.pipeline().ringBits(), made.ring());
  }

  /** Overwrites the encoded update, once it is masked or nobody will mask it any more. */
  void wipe() {
    Contribution made = encoded;
    if (made != null) {
      made.destroy();
    }
  }

  private ModelFile model() throws Exception {
    byte[] bytes = context.models().get(plan.modelDigest(), plan.modelBytes());
    String digest = sha256(bytes);
    if (bytes.length != plan.modelBytes() || !digest.equals(plan.modelDigest())) {
      throw new ClientException(
          Code.MODEL_TAMPERED,
          "The model that came is not the one of the plan: expected sha256 "
              + plan.modelDigest()
              + " over "
              + plan.modelBytes()
              + " bytes, got "
              + digest
              + " over "
              + bytes.length
              + ". It was not opened.");
    }
    try {
      return ModelFile.parse(bytes);
    } catch (ModelFileException e) {
      throw new ClientException(
          Code.MODEL_TAMPERED, "The model of the plan cannot be read: " + e.getMessage(), e);
    }
  }

  private float[] train(ModelFile model) throws InterruptedException {
    try {
      return context
          .trainer()
          .train(
              new TrainingRequest(
                  plan.task(), plan.round(), model, plan.training(), seed, context.noise()));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw new ClientException(Code.TRAINING_FAILED, "The trainer failed: " + e, e);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
