package dev.tributary.client;

import java.util.Objects;

/**
 * What a {@link Trainer} has made in one round. Nothing of it leaves this machine as it stands:
 * what a plan asks for is clipped, noised and masked.
 *
 * @param update {@code trained - start}, {@code float32[d]}
 * @param examples rows that were trained on; 0 if the trainer does not tell
 * @param effectiveSteps what its steps add up to, in learning rates ({@link
 *     dev.tributary.nn.TrainingConfig#effectiveSteps}); 0 if the trainer does not tell
 * @param kept the tensors of {@link TrainingRequest#local} as they are now; empty where there are
 *     none
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares results; the array is the point
public record Trained(float[] update, int examples, double effectiveSteps, float[] kept) {
  /** With nothing that stays. */
  public Trained(float[] update, int examples, double effectiveSteps) {
    this(update, examples, effectiveSteps, new float[0]);
  }

  /** Refuses a null update, and counts below 0. */
  public Trained {
    Objects.requireNonNull(update, "update");
    Objects.requireNonNull(kept, "kept");
    if (examples < 0 || !(effectiveSteps >= 0)) {
      throw new IllegalArgumentException(
          "examples and steps must be >= 0, were " + examples + " and " + effectiveSteps);
    }
  }
}
