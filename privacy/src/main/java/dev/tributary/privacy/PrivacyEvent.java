package dev.tributary.privacy;

/**
 * What one round releases about one unit that takes part in it once. Sensitivities and standard
 * deviations stand in grid units (integers of the ring) and are the declared ones: they do not
 * depend on who turned up.
 *
 * <p>{@link #canonical()} is exact and the same on every JVM, so that two events are one event if
 * and only if their canonical texts are equal.
 */
public sealed interface PrivacyEvent {
  /** One line of text that {@link #parse} reads back to an equal event. */
  String canonical();

  /**
   * How often the event is charged for a unit that took part in so many rounds of one task: as
   * often, unless the event speaks of the whole run.
   */
  default int charged(int participations) {
    return participations;
  }

  /**
   * Reads {@link #canonical()}.
   *
   * @throws IllegalArgumentException if the text is not the canonical text of an event
   */
  static PrivacyEvent parse(String text) {
    return EventText.parse(text);
  }

  /**
   * All rounds of one task together, whose noise is correlated: one release about a unit that keeps
   * to the schedule, however many of its rounds have been.
   *
   * @param rounds T, of the whole run
   * @param participations k, rounds that any one unit is in at most
   * @param separation s, least difference between the numbers of two of them
   * @param event central noise: {@link Gaussian} or {@link DiscreteGaussian}
   */
  record WholeRun(int rounds, int participations, int separation, PrivacyEvent event)
      implements PrivacyEvent {
    public WholeRun {
      Checks.atLeast("rounds", 1, rounds);
      Checks.atLeast("participations", 1, participations);
      Checks.atLeast("separation", 1, separation);
      Checks.centralNoise(event);
    }

    @Override
    public int charged(int count) {
      return 1;
    }

    @Override
    public String canonical() {
      return EventText.of("whole-run")
          .with("rounds", rounds)
          .with("participations", participations)
          .with("separation", separation)
          .with("event", event)
          .toString();
    }
  }

  /** Nothing is promised: epsilon is infinite. */
  record NonPrivate() implements PrivacyEvent {
    @Override
    public String canonical() {
      return EventText.of("non-private").toString();
    }
  }

  /**
   * Continuous Gaussian noise.
   *
   * @param noiseMultiplier z = standard deviation / clip norm
   */
  record Gaussian(double noiseMultiplier) implements PrivacyEvent {
    public Gaussian {
      Checks.positive("noiseMultiplier", noiseMultiplier);
    }

    @Override
    public String canonical() {
      return EventText.of("gaussian").with("noiseMultiplier", noiseMultiplier).toString();
    }
  }

  /**
   * One discrete Gaussian on every coordinate of an integer vector (Canonne, Kamath, Steinke 2020).
   *
   * @param sensitivity l2 norm bound of one unit's integer vector
   * @param sigma parameter of P(k) ~ exp(-k^2 / (2 sigma^2))
   */
  record DiscreteGaussian(double sensitivity, double sigma) implements PrivacyEvent {
    public DiscreteGaussian {
      Checks.positive("sensitivity", sensitivity);
      Checks.positive("sigma", sigma);
    }

    @Override
    public String canonical() {
      return EventText.of("discrete-gaussian")
          .with("sensitivity", sensitivity)
          .with("sigma", sigma)
          .toString();
    }
  }

  /**
   * The sum of {@code shares} discrete Gaussians on every coordinate (Kairouz, Liu, Steinke 2021,
   * Theorem 1).
   *
   * @param sensitivity Delta~, l2 norm bound of one unit's integer vector after rounding
   * @param shareSigma parameter of each share
   * @param shares n_min, the shares that are counted on
   * @param dimension d, integers per vector, padding included
   */
  record DistributedDiscreteGaussian(
      double sensitivity, double shareSigma, int shares, long dimension) implements PrivacyEvent {
    public DistributedDiscreteGaussian {
      Checks.positive("sensitivity", sensitivity);
      Checks.positive("shareSigma", shareSigma);
      Checks.atLeast("shares", 1, shares);
      Checks.atLeast("dimension", 1L, dimension);
    }

    @Override
    public String canonical() {
      return EventText.of("distributed-discrete-gaussian")
          .with("sensitivity", sensitivity)
          .with("shareSigma", shareSigma)
          .with("shares", shares)
          .with("dimension", dimension)
          .toString();
    }
  }

  /**
   * The sum of {@code shares} Skellam variables on every coordinate, a Skellam variable itself
   * (Agarwal, Kairouz, Liu 2021).
   *
   * @param sensitivity Delta~, l2 norm bound of one unit's integer vector after rounding
   * @param shareVariance variance of each share
   * @param shares n_min, the shares that are counted on
   * @param dimension d, integers per vector, padding included
   */
  record DistributedSkellam(double sensitivity, double shareVariance, int shares, long dimension)
      implements PrivacyEvent {
    public DistributedSkellam {
      Checks.positive("sensitivity", sensitivity);
      Checks.positive("shareVariance", shareVariance);
      Checks.atLeast("shares", 1, shares);
      Checks.atLeast("dimension", 1L, dimension);
    }

    @Override
    public String canonical() {
      return EventText.of("distributed-skellam")
          .with("sensitivity", sensitivity)
          .with("shareVariance", shareVariance)
          .with("shares", shares)
          .with("dimension", dimension)
          .toString();
    }
  }

  /**
   * One discrete Laplace P(k) ~ exp(-|k| / scale) on every coordinate, made by the unit itself.
   *
   * @param sensitivity l1 norm bound of one unit's integer vector
   */
  record LocalDiscreteLaplace(double sensitivity, double scale) implements PrivacyEvent {
    public LocalDiscreteLaplace {
      Checks.positive("sensitivity", sensitivity);
      Checks.positive("scale", scale);
    }

    @Override
    public String canonical() {
      return EventText.of("local-discrete-laplace")
          .with("sensitivity", sensitivity)
          .with("scale", scale)
          .toString();
    }
  }

  /**
   * Continuous Laplace noise on every coordinate.
   *
   * @param scale b / Delta1: scale of the noise over the l1 norm bound
   */
  record Laplace(double scale) implements PrivacyEvent {
    public Laplace {
      Checks.positive("scale", scale);
    }

    @Override
    public String canonical() {
      return EventText.of("laplace").with("scale", scale).toString();
    }
  }

  /**
   * A release over a Poisson sample: one secret coin of the same rate for every enrolled unit,
   * drawn before anything is known of it. Whoever learns the sample gets no amplification from it.
   *
   * @param rate q of the coin, in (0, 1]; never contributors over population
   * @param event central noise: {@link Gaussian} or {@link DiscreteGaussian}
   */
  record PoissonSampled(double rate, PrivacyEvent event) implements PrivacyEvent {
    public PoissonSampled {
      Checks.rate(rate);
      Checks.centralNoise(event);
    }

    @Override
    public String canonical() {
      return EventText.of("poisson").with("rate", rate).with("event", event).toString();
    }
  }

  /**
   * A release over a Poisson sample that is cut down to a cap, at random, where it is larger. The
   * cut makes one unit's presence push another out, and costs accordingly.
   *
   * @param rate q of the coin, in (0, 1]
   * @param population enrolled units
   * @param cap most units in a sample, at least 1
   */
  record TruncatedPoissonSampled(double rate, int population, int cap, Gaussian event)
      implements PrivacyEvent {
    public TruncatedPoissonSampled {
      Checks.rate(rate);
      Checks.atLeast("population", 1, population);
      Checks.atLeast("cap", 1, cap);
    }

    @Override
    public String canonical() {
      return EventText.of("truncated-poisson")
          .with("rate", rate)
          .with("population", population)
          .with("cap", cap)
          .with("event", event)
          .toString();
    }
  }

  /**
   * A release over a uniformly random subset of fixed size, without replacement. Its relation
   * replaces: a unit that is not there at all would change the size. Units of the subset may be
   * missing, for reasons that depend neither on the draw nor on anybody's data. Whoever learns the
   * subset gets no amplification from it.
   *
   * @param population N, at least 2
   * @param sample size of the subset, 1 to N
   * @param floor units of the subset without which nothing is released, at most the sample; 0 if
   *     there is a release whoever is missing
   * @param event central noise: {@link Gaussian} or {@link DiscreteGaussian}
   */
  record FixedSizeSampled(int population, int sample, int floor, PrivacyEvent event)
      implements PrivacyEvent {
    public FixedSizeSampled {
      Checks.atLeast("population", 2, population);
      Checks.atLeast("sample", 1, sample);
      Checks.atLeast("population (sample or more)", sample, population);
      Checks.atLeast("floor", 0, floor);
      Checks.atLeast("sample (floor or more)", floor, sample);
      Checks.centralNoise(event);
    }

    @Override
    public String canonical() {
      return EventText.of("fixed-size")
          .with("population", population)
          .with("sample", sample)
          .with("floor", floor)
          .with("event", event)
          .toString();
    }
  }
}
