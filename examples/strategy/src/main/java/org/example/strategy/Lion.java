package org.example.strategy;

import dev.tributary.coordinator.Strategy;
import dev.tributary.coordinator.StrategyProvider;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Lion at the server (Chen et al. 2023, algorithm 2): steps of one size, by the sign alone. */
public final class Lion implements Strategy {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.99f;
  private final float rate;
  private final float[] momentum;

  Lion(double rate, int length) {
    this.rate = (float) rate;
    this.momentum = new float[length];
  }

  @Override public String name() { return "lion"; }

  @Override
  public void apply(int round, float[] parameters, float[] mean, int from, int to) {
    for (int i = from; i < to; i++) {
      parameters[i] += rate * Math.signum(BETA1 * momentum[i] + (1 - BETA1) * mean[i]);
      momentum[i] = BETA2 * momentum[i] + (1 - BETA2) * mean[i];
    }
  }

  @Override public void endRound() {}
  @Override public float[] state() { return momentum.clone(); }

  @Override
  public void restore(float[] state) { System.arraycopy(state, 0, momentum, 0, momentum.length); }

  /** Named in META-INF/services/dev.tributary.coordinator.StrategyProvider. */
  public static final class Provider implements StrategyProvider {
    @Override public String name() { return "lion"; }

    @Override
    public SortedMap<String, Double> settings() { return new TreeMap<>(Map.of("learningRate", 0.001)); }

    @Override
    public Strategy create(SortedMap<String, Double> settings, int rounds, int length) {
      return new Lion(settings.get("learningRate"), length);
    }
  }
}
