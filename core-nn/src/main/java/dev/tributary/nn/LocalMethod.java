package dev.tributary.nn;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The client's half of a federated strategy: how a local step differs from a plain gradient step. A
 * plan names it; code never travels.
 */
public interface LocalMethod {

  /** The name in plans and job files. */
  String name();

  /** Its settings by name. */
  SortedMap<String, Double> parameters();

  /**
   * Changes the gradient of one step before the optimizer sees it.
   *
   * @param gradient float32[d], changed in place; 0 where the model is frozen
   * @param parameters float32[d], the local model now
   * @param start float32[d], the model that the round began with
   */
  void correct(float[] gradient, float[] parameters, float[] start);

  /** Plain local steps (FedAvg: McMahan et al. 2017, algorithm 1). */
  static LocalMethod sgd() {
    return new Plain();
  }

  /**
   * Steps drawn back to the start by the gradient of mu/2 |w - start|^2 (FedProx: Li et al. 2020,
   * algorithm 2).
   */
  static LocalMethod prox(double mu) {
    return new Prox(mu);
  }

  /**
   * The method of that name.
   *
   * @throws TrainingConfigException for an unknown name or wrong settings
   */
  static LocalMethod byName(String name, SortedMap<String, Double> parameters) {
    switch (name) {
      case "sgd" -> {
        if (!parameters.isEmpty()) {
          throw new TrainingConfigException("method sgd takes no settings, came " + parameters);
        }
        return sgd();
      }
      case "prox" -> {
        Double mu = parameters.get("mu");
        if (mu == null || parameters.size() != 1) {
          throw new TrainingConfigException("method prox takes mu alone, came " + parameters);
        }
        return prox(mu);
      }
      default -> throw new TrainingConfigException("method: expected sgd or prox, came " + name);
    }
  }

  /** No correction. */
  record Plain() implements LocalMethod {
    @Override
    public String name() {
      return "sgd";
    }

    @Override
    public SortedMap<String, Double> parameters() {
      return Collections.emptySortedMap();
    }

    @Override
    public void correct(float[] gradient, float[] parameters, float[] start) {}
  }

  /**
   * The proximal term.
   *
   * @param mu its weight, at least 0
   */
  record Prox(double mu) implements LocalMethod {
    public Prox {
      if (!(mu >= 0) || mu == Double.POSITIVE_INFINITY) {
        throw new TrainingConfigException(
            "method prox: mu must be a finite number of at least 0, came " + mu);
      }
    }

    @Override
    public String name() {
      return "prox";
    }

    @Override
    public SortedMap<String, Double> parameters() {
      return Collections.unmodifiableSortedMap(new TreeMap<>(Map.of("mu", mu)));
    }

    @Override
    public void correct(float[] gradient, float[] parameters, float[] start) {
      float weight = (float) mu;
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += weight * (parameters[i] - start[i]);
      }
    }
  }
}
