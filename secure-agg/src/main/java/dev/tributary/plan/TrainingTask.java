package dev.tributary.plan;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a client's trainer does with the model.
 *
 * @param localEpochs passes over the client's own data
 * @param batchSize examples of a step
 * @param method name of a {@code LocalMethod}; code never travels
 * @param optimizer name of a client optimizer
 * @param schedule name of a schedule of the learning rate over the steps of the round, such as
 *     {@value #CONSTANT}
 * @param gradientClip largest L2 norm of the gradient of a step; 0 where it is not clipped
 * @param examplePrivacy how single examples are hidden, where they are
 */
public record TrainingTask(
    int localEpochs,
    int batchSize,
    String method,
    SortedMap<String, Double> methodParameters,
    String optimizer,
    SortedMap<String, Double> optimizerParameters,
    String schedule,
    SortedMap<String, Double> scheduleParameters,
    double gradientClip,
    Optional<ExamplePrivacy> examplePrivacy) {
  /** The schedule that changes nothing. */
  public static final String CONSTANT = "constant";

  /** A constant rate, no clipping of steps, no hiding of examples. */
  public TrainingTask(
      int localEpochs,
      int batchSize,
      String method,
      SortedMap<String, Double> methodParameters,
      String optimizer,
      SortedMap<String, Double> optimizerParameters) {
    this(
        localEpochs,
        batchSize,
        method,
        methodParameters,
        optimizer,
        optimizerParameters,
        CONSTANT,
        Collections.emptySortedMap(),
        0,
        Optional.empty());
  }

  /** Checks and copies. */
  public TrainingTask {
    PlanChecks.atLeast("training.localEpochs", 1, localEpochs);
    PlanChecks.atLeast("training.batchSize", 1, batchSize);
    PlanChecks.notBlank("training.method", method);
    PlanChecks.notBlank("training.optimizer", optimizer);
    PlanChecks.notBlank("training.schedule", schedule);
    PlanChecks.finite("training.gradientClip", gradientClip);
    if (gradientClip < 0) {
      throw new PlanException("training.gradientClip must be >= 0. Provided: " + gradientClip);
    }
    methodParameters = copy("training.methodParameters", methodParameters);
    optimizerParameters = copy("training.optimizerParameters", optimizerParameters);
    scheduleParameters = copy("training.scheduleParameters", scheduleParameters);
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
