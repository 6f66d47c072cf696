package dev.tributary.privacy;

import dev.tributary.privacy.correlated.Schedule;
import dev.tributary.privacy.correlated.Strategy;

/**
 * How noise comes into a sum, and who makes it. The subtype is the trust model: under {@link Local}
 * a client trusts nobody, under {@link Distributed} it trusts that n_min others follow the
 * protocol, under {@link Central} it trusts the coordinator.
 */
public sealed interface Mechanism {
  /** Stable name, as job files and plans write it. */
  String id();

  /** z, the width of the noise against the sensitivity; each mechanism says which. 0 without. */
  double noiseMultiplier();

  /**
   * Refuses a neighbouring relation under which the mechanism promises nothing.
   *
   * @throws RelationException if no guarantee exists under {@code relation}
   */
  default void check(Relation relation) {}

  /**
   * Each client makes all the noise that hides it, and what it sends may be seen alone. Stands only
   * under {@link Relation#ZERO_OUT} and {@link Relation#REPLACE_ONE}: whether a client sent
   * anything is not hidden.
   */
  sealed interface Local extends Mechanism {
    @Override
    default void check(Relation relation) {
      RelationException.refuseAddRemove(relation);
    }
  }

  /**
   * Each client makes a share of the noise, and n_min honest shares make up the whole. Stands only
   * under {@link Relation#ZERO_OUT} and {@link Relation#REPLACE_ONE}: a client that goes takes its
   * share with it, and the variance of the sum tells.
   */
  sealed interface Distributed extends Mechanism {
    /** n_min, the honest contributions without which nothing is released. */
    int minimumHonest();

    @Override
    default void check(Relation relation) {
      RelationException.refuseAddRemove(relation);
    }
  }

  /** The coordinator sees the sum and adds the noise. Stands under every relation. */
  sealed interface Central extends Mechanism {}

  /** No noise: whatever leaves is {@link PrivacyEvent.NonPrivate}. */
  record None() implements Mechanism {
    @Override
    public String id() {
      return "none";
    }

    @Override
    public double noiseMultiplier() {
      return 0;
    }
  }

  /**
   * The coordinator adds one discrete Gaussian to the sum.
   *
   * @param noiseMultiplier z = standard deviation of the noise / clip norm, greater than 0; a job
   *     without noise says {@link None}
   */
  record CentralGaussian(double noiseMultiplier) implements Central {
    public CentralGaussian {
      Checks.positive("noiseMultiplier", noiseMultiplier);
    }

    @Override
    public String id() {
      return "central-gaussian";
    }
  }

  /**
   * The coordinator adds noise that is correlated between the rounds of a run, so that it cancels
   * in sums over rounds (Denisov et al. 2022). The whole run is one release.
   *
   * @param noiseMultiplier z, of the whole run: epsilon is that of one Gaussian of this width
   * @param schedule that the cohorts keep
   */
  record CentralCorrelated(double noiseMultiplier, Strategy strategy, Schedule schedule)
      implements Central {
    public CentralCorrelated {
      Checks.positive("noiseMultiplier", noiseMultiplier);
    }

    @Override
    public String id() {
      return "central-correlated";
    }
  }

  /**
   * Each client adds a discrete Gaussian share of variance (z C)^2 / n_min (Kairouz, Liu, Steinke
   * 2021, Algorithm 1).
   *
   * @param noiseMultiplier z = standard deviation of n_min shares together / clip norm
   */
  record DistributedDiscreteGaussian(double noiseMultiplier, int minimumHonest)
      implements Distributed {
    public DistributedDiscreteGaussian {
      Checks.positive("noiseMultiplier", noiseMultiplier);
      Checks.atLeast("minimumHonest", 1, minimumHonest);
    }

    @Override
    public String id() {
      return "distributed-discrete-gaussian";
    }
  }

  /**
   * Each client adds a Skellam share of variance (z C)^2 / n_min; shares add up to a Skellam
   * variable exactly (Agarwal, Kairouz, Liu 2021, section 3), so narrow grids cost nothing extra.
   *
   * @param noiseMultiplier z = standard deviation of n_min shares together / clip norm
   */
  record DistributedSkellam(double noiseMultiplier, int minimumHonest) implements Distributed {
    public DistributedSkellam {
      Checks.positive("noiseMultiplier", noiseMultiplier);
      Checks.atLeast("minimumHonest", 1, minimumHonest);
    }

    @Override
    public String id() {
      return "distributed-skellam";
    }
  }

  /**
   * Each client adds a discrete Gaussian that hides it alone.
   *
   * @param noiseMultiplier z = standard deviation of one client's noise / clip norm
   */
  record LocalGaussian(double noiseMultiplier) implements Local {
    public LocalGaussian {
      Checks.positive("noiseMultiplier", noiseMultiplier);
    }

    @Override
    public String id() {
      return "local-gaussian";
    }
  }

  /**
   * Each client adds a discrete Laplace variable to every coordinate, so that each release is
   * (1/z)-differentially private by itself, without a delta (Dwork, McSherry, Nissim, Smith 2006).
   * The l1 norm of a long vector is large: for short vectors.
   *
   * @param noiseMultiplier z = scale of one client's noise / l1 bound of its integer vector
   */
  record LocalLaplace(double noiseMultiplier) implements Local {
    public LocalLaplace {
      Checks.positive("noiseMultiplier", noiseMultiplier);
    }

    @Override
    public String id() {
      return "local-laplace";
    }
  }
}
