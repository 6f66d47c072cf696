package dev.tributary.client.round;

import dev.tributary.client.ClientException;
import dev.tributary.client.ClientException.Code;
import dev.tributary.client.Pace;
import dev.tributary.client.Refusal;
import dev.tributary.client.Trained;
import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import dev.tributary.nn.LocalTensors;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelFileException;
import dev.tributary.plan.Plan;
import dev.tributary.plan.Segments;
import dev.tributary.privacy.AdaptiveClip;
import dev.tributary.privacy.Contribution;
import dev.tributary.privacy.Histogram;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Work;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalDouble;
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
  private volatile float @Nullable [] next;

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
    int bin = accuracyBin(model);
    float[] asked = strategy(model);
    float[] rest =
        plan.clipBit() > 0 ? AdaptiveClip.joint(asked, plan.restNorm(), plan.clipBit()) : asked;
    float[] whole =
        plan.accuracyUnit() > 0
            ? Histogram.joint(
                rest,
                plan.pipeline().clipNorm(),
                plan.accuracyUnit(),
                plan.length(Segments.ACCURACY),
                bin)
            : rest;
    Contribution made = pipeline.encode(whole, context.noise());
    encoded = made;
    return RingVector.of(plan.pipeline().ringBits(), made.ring());
  }

  /** The bin nearest to how well the model does before it is trained; -1 for none. */
  private int accuracyBin(ModelFile model) throws InterruptedException {
    if (plan.accuracyUnit() == 0) {
      return -1;
    }
    OptionalDouble accuracy = asked(trainer -> trainer.accuracy(request(model, new float[0])));
    double value = accuracy.orElse(Double.NaN);
    return value >= 0 && value <= 1
        ? (int) Math.round(value * (plan.length(Segments.ACCURACY) - 1))
        : -1;
  }

  /** The update and what the plan asks for beside it. */
  private float[] strategy(ModelFile model) throws Exception {
    if (!plan.asksFor(Segments.CONTROL)) {
      Trained trained = train(model, new float[0]);
      if (!plan.localTensors().isEmpty() && finite(trained.kept())) {
        next = trained.kept();
      }
      return Extras.of(plan, trained, new float[0]);
    }
    float[] server = serverControl();
    float[] own = context.memory().recall(plan.task());
    if (own.length == 0) {
      own = new float[server.length];
    }
    if (own.length != server.length) {
      throw new ClientException(
          Code.TRAINING_FAILED,
          "What this client remembers of "
              + plan.task()
              + " has "
              + own.length
              + " numbers, the model "
              + server.length
              + ".");
    }
    Trained trained = train(model, difference(server, own));
    float[] moved = Extras.control(plan, trained, own, server);
    next = moved;
    return Extras.of(plan, trained, difference(moved, own));
  }

  /** A training whose numbers ran out of range leaves what was kept. */
  private static boolean finite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private static float[] difference(float[] a, float[] b) {
    float[] difference = a.clone();
    for (int i = 0; i < difference.length; i++) {
      difference[i] -= b[i];
    }
    return difference;
  }

  /** c, float32[d]; zeros before the first round has made one. */
  private float[] serverControl() throws Exception {
    int length = plan.updateLength();
    if (plan.controlDigest().isEmpty()) {
      return new float[length];
    }
    byte[] bytes = fetch("control variate", plan.controlDigest(), (long) Float.BYTES * length);
    float[] control = new float[length];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(control);
    return control;
  }

  /** The round counts this client in: what its strategy remembers goes on from here. */
  void contributed() {
    float[] remembered = next;
    if (remembered != null) {
      context.memory().keep(plan.task(), remembered);
    }
  }

  /** Overwrites the encoded update, once it is masked or nobody will mask it any more. */
  void wipe() {
    Contribution made = encoded;
    if (made != null) {
      made.destroy();
    }
  }

  private ModelFile model() throws Exception {
    byte[] bytes = fetch("model", plan.modelDigest(), plan.modelBytes());
    try {
      return context.models().open(plan.modelDigest(), bytes);
    } catch (ModelFileException e) {
      throw new ClientException(
          Code.MODEL_TAMPERED, "The model of the plan cannot be read: " + e.getMessage(), e);
    }
  }

  private byte[] fetch(String what, String named, long length) throws Exception {
    byte[] bytes = context.models().get(named, length);
    String digest = sha256(bytes);
    if (bytes.length != length || !digest.equals(named)) {
      throw new ClientException(
          Code.MODEL_TAMPERED,
          "The "
              + what
              + " that came is not the one of the plan: expected sha256 "
              + named
              + " over "
              + length
              + " bytes, got "
              + digest
              + " over "
              + bytes.length
              + ". It was not opened.");
    }
    return bytes;
  }

  private Trained train(ModelFile model, float[] controlVariate) throws InterruptedException {
    Trained trained = trained(model, controlVariate);
    if (trained.update().length != plan.updateLength()) {
      throw new ClientException(
          Code.TRAINING_FAILED,
          "The trainer returned "
              + trained.update().length
              + " numbers for a model of "
              + plan.updateLength()
              + ".");
    }
    return trained;
  }

  private Trained trained(ModelFile model, float[] controlVariate) throws InterruptedException {
    return asked(trainer -> trainer.trained(request(model, controlVariate)));
  }

  private TrainingRequest request(ModelFile model, float[] controlVariate) {
    return new TrainingRequest(
        plan.task(),
        plan.round(),
        model,
        plan.training(),
        seed,
        context.noise(),
        Pace.FREE,
        controlVariate,
        plan.localTensors().isEmpty()
            ? LocalTensors.NONE
            : new LocalTensors(plan.localTensors(), context.memory().recall(plan.task())));
  }

  /** What the app's code is asked for. */
  @FunctionalInterface
  private interface Asked<T> {
    T of(Trainer trainer) throws Exception;
  }

  private <T> T asked(Asked<T> question) throws InterruptedException {
    try {
      return question.of(context.trainer());
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
