package dev.tributary.coordinator;

import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.CohortSampling;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.wire.Seed;
import java.util.List;

/**
 * Cohorts drawn anew in each round, by coins that nobody learns: neither who is there nor who was
 * in earlier rounds decides anything, nothing is drawn twice, and nobody is put in another's place.
 */
final class SampledCohort implements CohortSelector {
  private final int population;
  private final CohortSampling.Independent sampling;
  private final NoiseSource secret;
  private int last;

  /**
   * Before the first round.
   *
   * @param secret where coins come from, as secret as the noise
   */
  SampledCohort(int population, CohortSampling.Independent sampling, NoiseSource secret) {
    this.population = population;
    this.sampling = sampling;
    this.secret = secret;
  }

  /**
   * {@inheritDoc}
   *
   * @param seed is not used: what it makes, such as rotations, goes into plans
   */
  @Override
  public List<Integer> select(int round, Seed seed) {
    try (BitStream bits = secret.open("cohort/" + round)) {
      return sampling.draw(population, bits);
    }
  }

  @Override
  public void take(int round, List<Integer> drawn) {
    last = round;
  }

  @Override
  public CohortSampling sampling() {
    return sampling;
  }

  @Override
  public int participations() {
    return sampling.participations(last);
  }
}
