package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.List;

/**
 * How the cohorts of a run are drawn, and what that makes of a round: whoever draws cohorts and
 * whoever accounts for them hold one object, so that the two cannot disagree.
 */
public sealed interface CohortSampling {
  /**
   * What a round with such a cohort releases about one unit.
   *
   * @param release what it releases about a unit that is in it
   * @throws IllegalArgumentException if no bound is known for a sample of such a release
   */
  PrivacyEvent event(PrivacyEvent release);

  /**
   * How often any one unit counts as having been in the event over so many rounds: in all of them
   * where every round tosses anew, since the event has the coin in it.
   */
  int participations(int rounds);

  /**
   * Every unit at most {@code most} times, its rounds at least {@code separation} apart, whoever
   * picks them and how. No amplification: the event is the release itself.
   *
   * @param most k
   * @param separation s
   */
  record Schedule(int most, int separation) implements CohortSampling {
    public Schedule {
      Checks.atLeast("most", 1, most);
      Checks.atLeast("separation", 1, separation);
    }

    @Override
    public PrivacyEvent event(PrivacyEvent release) {
      return release;
    }

    @Override
    public int participations(int rounds) {
      return Math.min(most, (rounds - 1) / separation + 1);
    }
  }

  /** Cohorts that are drawn anew each round, by secret coins. */
  sealed interface Independent extends CohortSampling {
    /**
     * The members of one cohort, ascending: exact, but for the bits being pseudorandom.
     *
     * @param population enrolled units, numbered from 0
     * @param secret bits that nobody learns
     */
    List<Integer> draw(int population, BitStream secret);

    @Override
    default int participations(int rounds) {
      return rounds;
    }
  }

  /**
   * One coin for every enrolled unit and round, before anything is known of its availability; no
   * redraw, no top-up, no replacement. An empty cohort is a round like any other.
   *
   * @param rate q, in (0, 1]
   */
  record Poisson(double rate) implements Independent {
    public Poisson {
      Checks.rate(rate);
    }

    @Override
    public PrivacyEvent event(PrivacyEvent release) {
      return rate == 1 ? release : new PrivacyEvent.PoissonSampled(rate, release);
    }

    @Override
    public List<Integer> draw(int population, BitStream secret) {
      List<Integer> members = new ArrayList<>();
      for (int unit = 0; unit < population; unit++) {
        if (SecretCoins.coin(rate, secret)) {
          members.add(unit);
        }
      }
      return members;
    }
  }

  /**
   * A Poisson cohort of which a random part of size {@code cap} is kept where it is larger.
   *
   * @param population N
   */
  record TruncatedPoisson(double rate, int population, int cap) implements Independent {
    public TruncatedPoisson {
      Checks.rate(rate);
      Checks.atLeast("population", 1, population);
      Checks.atLeast("cap", 1, cap);
    }

    @Override
    public PrivacyEvent event(PrivacyEvent release) {
      return new PrivacyEvent.TruncatedPoissonSampled(rate, population, cap, continuous(release));
    }

    @Override
    public List<Integer> draw(int enrolled, BitStream secret) {
      requirePopulation(population, enrolled);
      List<Integer> members = new Poisson(rate).draw(population, secret);
      return members.size() <= cap ? members : SecretCoins.subset(members, cap, secret);
    }
  }

  /**
   * A uniformly random cohort of one size, drawn before anything is known of its availability.
   *
   * @param population N
   * @param sample size of the cohort
   * @param floor members without whom nothing is released; 0 if there is always a release
   */
  record FixedSize(int population, int sample, int floor) implements Independent {
    public FixedSize {
      Checks.atLeast("population", 2, population);
      Checks.atLeast("sample", 1, sample);
      Checks.atLeast("population (sample or more)", sample, population);
      Checks.atLeast("floor", 0, floor);
      Checks.atLeast("sample (floor or more)", floor, sample);
    }

    @Override
    public PrivacyEvent event(PrivacyEvent release) {
      return new PrivacyEvent.FixedSizeSampled(population, sample, floor, release);
    }

    @Override
    public List<Integer> draw(int enrolled, BitStream secret) {
      requirePopulation(population, enrolled);
      List<Integer> all = new ArrayList<>(population);
      for (int unit = 0; unit < population; unit++) {
        all.add(unit);
      }
      return SecretCoins.subset(all, sample, secret);
    }
  }

  private static PrivacyEvent.Gaussian continuous(PrivacyEvent release) {
    if (release instanceof PrivacyEvent.Gaussian gaussian) {
      return gaussian;
    }
    throw new IllegalArgumentException(
        "no bound is known for a truncated Poisson sample of "
            + release.canonical()
            + ", only of gaussian");
  }

  private static void requirePopulation(int declared, int enrolled) {
    if (declared != enrolled) {
      throw new IllegalArgumentException(
          "the event speaks of " + declared + " units, and " + enrolled + " are enrolled");
    }
  }
}
