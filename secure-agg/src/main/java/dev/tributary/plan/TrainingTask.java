package dev.tributary.plan;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a client's trainer does with the model.
 *
 * @param localEpochs passes over the client's own data
 * @param batchSize examples of a step
 * @param method name of a {@code LocalMethod}; code never travels
 * @param optimizer name of a client optimizer
 */
public record TrainingTask(
    int localEpochs,
    int batchSize,
    String method,
    SortedMap<String, Double> methodParameters,
    String optimizer,
    SortedMap<String, Double> optimizerParameters) {

  /** Checks and copies. */
  public TrainingTask {
    PlanChecks.atLeast("training.localEpochs", 1, localEpochs);
    PlanChecks.atLeast("training.batchSize", 1, batchSize);
    PlanChecks.notBlank("training.method", method);
    PlanChecks.notBlank("training.optimizer", optimizer);
    methodParameters = copy("training.methodParameters", methodParameters);
    optimizerParameters = copy("training.optimizerParameters", optimizerParameters);
  }

  private static SortedMap<String, Double> copy(String field, SortedMap<String, Double> map) {
    // Natural order, whatever the comparator of the map given: the plan writes entries in it.
    SortedMap<String, Double> copy = new TreeMap<>();
    map.forEach(
        (name, value) -> {
          PlanChecks.notBlank(field, name);
          PlanChecks.finite(field + "." + name, value);
          copy.put(name, value);
        });
    return Collections.unmodifiableSortedMap(copy);
  }
}
