package dev.tributary.privacy;

/**
 * How noise comes into a sum, and who makes it. The noise multiplier z is the standard deviation of
 * the noise on the sum divided by the clip norm; it has no unit.
 */
public sealed interface Mechanism {
  /** Stable name, as job files and plans write it. */
  String id();

  /**
   * Refuses a neighbouring relation under which the mechanism promises nothing.
   *
   * @throws RelationException if no guarantee exists under {@code relation}
   */
  default void check(Relation relation) {}

  /** No noise: whatever leaves is {@link PrivacyEvent.NonPrivate}. */
  record None() implements Mechanism {
    @Override
    public String id() {
      return "none";
    }
  }

  /**
   * The coordinator adds one discrete Gaussian to the sum.
   *
   * @param noiseMultiplier z, greater than 0; a job without noise says {@link None}
   */
  record CentralGaussian(double noiseMultiplier) implements Mechanism {
    public CentralGaussian {
      Checks.positive("noiseMultiplier", noiseMultiplier);
    }

    @Override
    public String id() {
      return "central-gaussian";
    }
  }

  /**
   * Each client adds a discrete Gaussian share of variance (z C)^2 / n_min (Kairouz, Liu, Steinke
   * 2021, Algorithm 1), so that the shares of n_min honest clients make up the whole. Stands only
   * under {@link Relation#ZERO_OUT} and {@link Relation#REPLACE_ONE}: a client that goes takes its
   * share with it, and the variance of the sum tells.
   *
   * @param noiseMultiplier z of the sum over {@code minimumHonest} contributions
   * @param minimumHonest n_min, the honest contributions without which nothing is released
   */
  record DistributedDiscreteGaussian(double noiseMultiplier, int minimumHonest)
      implements Mechanism {
    public DistributedDiscreteGaussian {
      Checks.positive("noiseMultiplier", noiseMultiplier);
      Checks.atLeast("minimumHonest", 1, minimumHonest);
    }

    @Override
    public String id() {
      return "distributed-discrete-gaussian";
    }

    @Override
    public void check(Relation relation) {
      if (relation == Relation.ADD_REMOVE) {
        throw RelationException.clientMadeNoise();
      }
    }
  }
}
