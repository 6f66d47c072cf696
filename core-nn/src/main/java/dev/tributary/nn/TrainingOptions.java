package dev.tributary.nn;

import dev.tributary.nn.engine.EngineException;
import org.jspecify.annotations.Nullable;

/**
 * What the one who runs a training may add to the plan's part of it. Immutable; arrays that are
 * given are not copied and must not change.
 */
public final class TrainingOptions {
  /** Turns {@link #gradientCheck} on for every training of the process. */
  public static final String CHECK_GRADIENTS = "tributary.checkGradients";

  private TrainingListener listener = TrainingListener.NONE;
  private long memoryLimit = Runtime.getRuntime().maxMemory();
  private boolean gradientCheck = Boolean.getBoolean(CHECK_GRADIENTS);
  private float[] controlVariate = {};
  private LocalTensors kept = LocalTensors.NONE;
  private @Nullable ExampleGradients examples;

  private TrainingOptions() {}

  /** Nobody listens; the limit of memory is that of the heap; nothing is corrected or kept. */
  public static TrainingOptions standard() {
    return new TrainingOptions();
  }

  private TrainingOptions copy() {
    TrainingOptions copy = new TrainingOptions();
    copy.listener = listener;
    copy.memoryLimit = memoryLimit;
    copy.gradientCheck = gradientCheck;
    copy.controlVariate = controlVariate;
    copy.kept = kept;
    copy.examples = examples;
    return copy;
  }

  /** Tells how it goes. */
  public TrainingOptions listener(TrainingListener whom) {
    TrainingOptions copy = copy();
    copy.listener = whom;
    return copy;
  }

  /** Refuses a training that needs more ({@link LocalTraining#bytes}). */
  public TrainingOptions memoryLimit(long bytes) {
    TrainingOptions copy = copy();
    copy.memoryLimit = bytes;
    return copy;
  }

  /**
   * Whether the gradient of the first step is compared with differences of the loss, tensor by
   * tensor; it costs up to sixteen passes for each tensor. Finds a gradient that is wrong, not one
   * that is off by rounding.
   */
  public TrainingOptions gradientCheck(boolean on) {
    TrainingOptions copy = copy();
    copy.gradientCheck = on;
    return copy;
  }

  /**
   * Adds the same numbers to the gradient of every step, behind the clipping of the step and the
   * method: with c - c_i the corrected step of SCAFFOLD (Karimireddy et al. 2020, algorithm 1).
   * Where the c come from is the strategy's matter.
   *
   * @param difference float32[{@link Trainable#size}]; empty: nothing is added
   */
  public TrainingOptions controlVariate(float[] difference) {
    TrainingOptions copy = copy();
    copy.controlVariate = difference;
    return copy;
  }

  /** Trains these tensors too, and keeps them here. */
  public TrainingOptions keep(LocalTensors tensors) {
    TrainingOptions copy = copy();
    copy.kept = tensors;
    return copy;
  }

  /**
   * Makes every step's gradient by {@code how}: each of the {@code ceil(rows / batchSize)} steps of
   * an epoch takes each row with probability {@code min(1, batchSize / rows)}, and an empty one is
   * taken too. The gradient of a row is made by itself, so that nothing of another row is in it, at
   * the cost of a pass through the model for each. Everything behind the sum (clipping of the step,
   * method, optimizer) works on what is released. A row whose loss is not finite ends nothing: that
   * would tell of it. The mean loss is of the rows that were taken, and covered by no noise.
   */
  public TrainingOptions examples(ExampleGradients how) {
    TrainingOptions copy = copy();
    copy.examples = how;
    return copy;
  }

  TrainingListener listener() {
    return listener;
  }

  boolean gradientCheck() {
    return gradientCheck;
  }

  LocalTensors kept() {
    return kept;
  }

  @Nullable ExampleGradients examples() {
    return examples;
  }

  /** float32[{@link Trainable#size}], or empty. */
  float[] controlVariate(ModelSpec spec) {
    int size = spec.trainable().size();
    if (controlVariate.length != 0 && controlVariate.length != size) {
      throw new TrainingConfigException(
          "a control variate has the length of the update, "
              + size
              + ", came "
              + controlVariate.length);
    }
    return controlVariate;
  }

  void checkMemory(long bytes) {
    if (bytes > memoryLimit) {
      throw new EngineException(
          "the training needs "
              + ((bytes + (1 << 20) - 1) >> 20)
              + " MiB beside its data, the limit is "
              + (memoryLimit >> 20)
              + ": lower batchSize or start with a larger -Xmx");
    }
  }
}
