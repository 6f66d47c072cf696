package dev.tributary.nn;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The settings that an optimizer knows, with bounds and defaults. */
final class OptimizerSettings {
  static final OptimizerSettings SGD =
      new OptimizerSettings(
          "sgd",
          List.of(
              new Setting("learningRate", Double.NaN, 0, Double.MAX_VALUE),
              new Setting("momentum", 0, 0, Math.nextDown(1.0)),
              new Setting("weightDecay", 0, 0, Double.MAX_VALUE)));

  static final OptimizerSettings ADAM =
      new OptimizerSettings(
          "adam",
          List.of(
              new Setting("learningRate", Double.NaN, 0, Double.MAX_VALUE),
              new Setting("beta1", 0.9, 0, Math.nextDown(1.0)),
              new Setting("beta2", 0.999, 0, Math.nextDown(1.0)),
              new Setting("epsilon", 1e-8, 1e-30, Double.MAX_VALUE),
              new Setting("weightDecay", 0, 0, Double.MAX_VALUE)));

  private static final double BELOW_ONE = Math.nextDown(1.0);

  private static final List<OptimizerSettings> ALL =
      List.of(
          SGD,
          new OptimizerSettings(
              "nesterov",
              List.of(
                  new Setting("learningRate", Double.NaN, 0, Double.MAX_VALUE),
                  new Setting("momentum", 0.9, 0, BELOW_ONE),
                  new Setting("weightDecay", 0, 0, Double.MAX_VALUE))),
          ADAM,
          new OptimizerSettings(
              "adamw",
              List.of(
                  new Setting("learningRate", Double.NaN, 0, Double.MAX_VALUE),
                  new Setting("beta1", 0.9, 0, BELOW_ONE),
                  new Setting("beta2", 0.999, 0, BELOW_ONE),
                  new Setting("epsilon", 1e-8, 1e-30, Double.MAX_VALUE),
                  new Setting("weightDecay", 0.01, 0, Double.MAX_VALUE))),
          new OptimizerSettings(
              "rmsprop",
              List.of(
                  new Setting("learningRate", Double.NaN, 0, Double.MAX_VALUE),
                  new Setting("rho", 0.99, 0, BELOW_ONE),
                  new Setting("epsilon", 1e-8, 1e-30, Double.MAX_VALUE),
                  new Setting("momentum", 0, 0, BELOW_ONE),
                  new Setting("weightDecay", 0, 0, Double.MAX_VALUE))),
          new OptimizerSettings(
              "adagrad",
              List.of(
                  new Setting("learningRate", Double.NaN, 0, Double.MAX_VALUE),
                  new Setting("epsilon", 1e-10, 1e-30, Double.MAX_VALUE),
                  new Setting("weightDecay", 0, 0, Double.MAX_VALUE))),
          adaptive("fedadagrad", 0),
          adaptive("fedadam", 0.9),
          adaptive("fedyogi", 0.9));

  private static OptimizerSettings adaptive(String name, double beta1) {
    return new OptimizerSettings(
        name,
        List.of(
            new Setting("learningRate", Double.NaN, 0, Double.MAX_VALUE),
            new Setting("beta1", beta1, 0, BELOW_ONE),
            new Setting("beta2", 0.99, 0, BELOW_ONE),
            new Setting("tau", 1e-3, 1e-15, Double.MAX_VALUE)));
  }

  private final String optimizer;
  private final List<Setting> settings;

  private OptimizerSettings(String optimizer, List<Setting> settings) {
    this.optimizer = optimizer;
    this.settings = settings;
  }

  static OptimizerSettings of(String optimizer) {
    for (OptimizerSettings settings : ALL) {
      if (settings.optimizer.equals(optimizer)) {
        return settings;
      }
    }
    throw new TrainingConfigException(
        "optimizer: expected one of "
            + String.join(", ", ALL.stream().map(settings -> settings.optimizer).toList())
            + ", came "
            + optimizer);
  }

  /** Every setting: as given, or its default. */
  SortedMap<String, Double> complete(SortedMap<String, Double> given) {
    SortedMap<String, Double> complete = new TreeMap<>();
    for (Setting setting : settings) {
      double value = given.getOrDefault(setting.name, setting.standard);
      if (!(value >= setting.lowest && value <= setting.highest)) {
        throw new TrainingConfigException(
            "optimizer "
                + optimizer
                + ": "
                + setting.rule()
                + ", came "
                + (given.containsKey(setting.name) ? "" + value : "nothing"));
      }
      complete.put(setting.name, value);
    }
    for (String name : given.keySet()) {
      if (!complete.containsKey(name)) {
        throw new TrainingConfigException(
            "optimizer "
                + optimizer
                + ": unknown setting "
                + name
                + "; known are "
                + complete.keySet());
      }
    }
    return complete;
  }

  /** A default of NaN: there is none. */
  private record Setting(String name, double standard, double lowest, double highest) {
    String rule() {
      return highest < 1
          ? name + " must be in [" + lowest + ", 1)"
          : name + " must be a finite number of at least " + lowest;
    }
  }
}
