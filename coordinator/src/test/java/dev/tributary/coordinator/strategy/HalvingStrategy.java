package dev.tributary.coordinator.strategy;

import dev.tributary.coordinator.Strategy;
import dev.tributary.coordinator.StrategyProvider;
import dev.tributary.coordinator.job.Job;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Moves by a part of the mean: what a user's own strategy looks like to the coordinator. */
record HalvingStrategy(double factor) implements Strategy {
  @Override
  public String name() {
    return "halving";
  }

  @Override
  public void apply(int round, float[] parameters, float[] meanUpdate, int from, int to) {
    for (int i = from; i < to; i++) {
      parameters[i] += (float) (factor * meanUpdate[i]);
    }
  }

  @Override
  public void endRound() {}

  @Override
  public float[] state() {
    return new float[0];
  }

  @Override
  public void restore(float[] state) {}

  /** Found by the name of its class in {@code META-INF/services}. */
  public static final class Provider implements StrategyProvider {
    @Override
    public String name() {
      return "halving";
    }

    @Override
    public SortedMap<String, Double> settings() {
      return new TreeMap<>(Map.of("factor", Double.NaN, "unused", 2.0));
    }

    @Override
    public Optional<String> refusal(Job job) {
      return job.privacy().madeByClients()
          ? Optional.of("takes no noise that clients make")
          : Optional.empty();
    }

    @Override
    public Strategy create(SortedMap<String, Double> settings, int rounds, int length) {
      return new HalvingStrategy(settings.get("factor"));
    }
  }
}
