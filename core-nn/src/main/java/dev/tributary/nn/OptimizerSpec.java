package dev.tributary.nn;

import java.util.Collections;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An optimizer and its settings, as data. Settings left out take their defaults, so equal specs
 * behave alike.
 *
 * <ul>
 *   <li>{@code sgd}: {@code learningRate}; {@code momentum} 0; {@code weightDecay} 0
 *   <li>{@code adam}: {@code learningRate}; {@code beta1} 0.9; {@code beta2} 0.999; {@code epsilon}
 *       1e-8; {@code weightDecay} 0, decoupled
 *   <li>{@code nesterov}: as {@code sgd}, with {@code momentum} 0.9
 *   <li>{@code adamw}: as {@code adam}, with {@code weightDecay} 0.01
 *   <li>{@code rmsprop}: {@code learningRate}; {@code rho} 0.99; {@code epsilon} 1e-8; {@code
 *       momentum} 0; {@code weightDecay} 0
 *   <li>{@code adagrad}: {@code learningRate}; {@code epsilon} 1e-10; {@code weightDecay} 0
 *   <li>{@code fedadagrad}, {@code fedadam}, {@code fedyogi} (Reddi et al. 2021), for servers:
 *       {@code learningRate}; {@code beta1} 0.9, for {@code fedadagrad} 0; {@code beta2} 0.99;
 *       {@code tau} 1e-3
 * </ul>
 *
 * @param name one of these
 * @param parameters every setting by name
 */
public record OptimizerSpec(String name, SortedMap<String, Double> parameters) {

  /**
   * Fills in defaults and checks.
   *
   * @throws TrainingConfigException for an unknown name, an unknown, missing or impossible setting
   */
  public OptimizerSpec {
    parameters = Collections.unmodifiableSortedMap(OptimizerSettings.of(name).complete(parameters));
  }

  /** Stochastic gradient descent: v = momentum v + g + weightDecay p; p -= learningRate v. */
  public static OptimizerSpec sgd(double learningRate, double momentum, double weightDecay) {
    TreeMap<String, Double> parameters = new TreeMap<>();
    parameters.put("learningRate", learningRate);
    parameters.put("momentum", momentum);
    parameters.put("weightDecay", weightDecay);
    return new OptimizerSpec("sgd", parameters);
  }

  /** Adam with its usual settings (Kingma and Ba 2015, algorithm 1). */
  public static OptimizerSpec adam(double learningRate) {
    TreeMap<String, Double> parameters = new TreeMap<>();
    parameters.put("learningRate", learningRate);
    return new OptimizerSpec("adam", parameters);
  }

  /**
   * A fresh optimizer.
   *
   * @param length number of parameters that it will work on
   */
  public Optimizer create(int length) {
    double rate = get("learningRate");
    return switch (name) {
      case "sgd", "nesterov" ->
          new SgdOptimizer(
              rate, get("momentum"), get("weightDecay"), name.equals("nesterov"), length);
      case "rmsprop" ->
          new RmsPropOptimizer(
              rate, get("rho"), get("epsilon"), get("momentum"), get("weightDecay"), length);
      case "adagrad" -> new AdagradOptimizer(rate, get("epsilon"), get("weightDecay"), length);
      case "fedadagrad", "fedadam", "fedyogi" ->
          new AdaptiveServerOptimizer(
              AdaptiveServerOptimizer.Kind.valueOf(name.toUpperCase(Locale.ROOT)),
              rate,
              get("beta1"),
              get("beta2"),
              get("tau"),
              length);
      default ->
          new AdamOptimizer(
              rate, get("beta1"), get("beta2"), get("epsilon"), get("weightDecay"), length);
    };
  }

  /** Floats that an optimizer of that length holds. */
  long held(long length) {
    return switch (name) {
      case "sgd", "nesterov" -> get("momentum") == 0 ? 0 : length;
      case "adagrad" -> length;
      default -> 2 * length;
    };
  }

  private double get(String setting) {
    Double value = parameters.get(setting);
    if (value == null) { // cannot be: the constructor filled in every setting
      throw new IllegalStateException(setting);
    }
    return value;
  }
}
