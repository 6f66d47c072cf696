package dev.tributary.simulation;

import dev.tributary.coordinator.job.Job.TrainingSeconds;
import dev.tributary.wire.Seed;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Seconds that a client trains, the same in every round and asked for whenever they are needed. */
final class TrainingTimes {
  private static final double LONGEST = 1e6;

  private TrainingTimes() {}

  /**
   * By client.
   *
   * @param described as the job has it; null where it says nothing
   * @param trace of its clients; null if none
   * @return null where neither says anything
   */
  static @Nullable IntToDoubleFunction of(
      @Nullable TrainingSeconds described, @Nullable ClientTrace trace, Seed seed) {
    if (described == null) {
      return trace != null && trace.knowsTraining() ? trace::trainingSeconds : null;
    }
    return client -> draw(described, seed.derive("training", client));
  }

  private static double draw(TrainingSeconds described, Seed seed) {
    if (described instanceof TrainingSeconds.Uniform uniform) {
      return uniform.from()
          + (uniform.to() - uniform.from()) * LatencyModel.unit(seed.derive("uniform"));
    }
    if (described instanceof TrainingSeconds.Lognormal lognormal) {
      double seconds =
          lognormal.median() * StrictMath.exp(lognormal.sigma() * standardNormal(seed));
      return Math.min(LONGEST, seconds);
    }
    return ((TrainingSeconds.Constant) described).seconds();
  }

  /** By Box and Muller 1958, the same on every machine. */
  private static double standardNormal(Seed seed) {
    double radius =
        StrictMath.sqrt(-2 * StrictMath.log(1 - LatencyModel.unit(seed.derive("radius"))));
    return radius * StrictMath.cos(2 * Math.PI * LatencyModel.unit(seed.derive("angle")));
  }
}
