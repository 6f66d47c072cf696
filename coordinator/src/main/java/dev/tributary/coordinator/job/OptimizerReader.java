package dev.tributary.coordinator.job;

import dev.tributary.nn.OptimizerSpec;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the keys of an optimizer, the same for clients and coordinator. */
final class OptimizerReader {
  private static final Rule LEARNING_RATE = Rule.between(1e-9, 1_000).orElse(1);
  private static final Rule ADAM_EPSILON = Rule.between(1e-16, 1).orElse(1e-8);
  private static final Rule WEIGHT_DECAY = Rule.between(0, 100);

  private OptimizerReader() {}

  static OptimizerSpec read(String name, Section s) {
    SortedMap<String, Double> parameters = new TreeMap<>();
    parameters.put("learningRate", s.number("learningRate", null, LEARNING_RATE));
    if (name.equals("adam")) {
      parameters.put("beta1", s.number("beta1", 0.9, Rule.from(0, 1)));
      parameters.put("beta2", s.number("beta2", 0.999, Rule.from(0, 1)));
      parameters.put("epsilon", s.number("epsilon", 1e-8, ADAM_EPSILON));
    } else {
      parameters.put("momentum", s.number("momentum", 0.0, Rule.from(0, 1)));
    }
    parameters.put("weightDecay", s.number("weightDecay", 0.0, WEIGHT_DECAY));
    return new OptimizerSpec(name, parameters);
  }
}
