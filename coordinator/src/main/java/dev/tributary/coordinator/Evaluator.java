package dev.tributary.coordinator;

import dev.tributary.nn.Evaluation;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.Model;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpecException;
import dev.tributary.nn.Predictions;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.metric.Metric;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Measures a released model on data that no client gave. */
@FunctionalInterface
public interface Evaluator {
  /** What every evaluation has. */
  List<String> ALWAYS = List.of("accuracy", "loss");

  Metrics evaluate(ModelFile model);

  /**
   * An evaluator over a data set.
   *
   * @param names {@code accuracy} and {@code loss}, which are always measured, and any other {@link
   *     Metric} by name
   * @throws ModelSpecException if the data has numbers to predict and a measure is one of classes
   */
  static Evaluator on(Engine engine, Dataset data, List<String> names) {
    List<Metric> more =
        names.stream().filter(name -> !ALWAYS.contains(name)).map(Metric::byName).toList();
    for (Metric metric : more) {
      if (!metric.suits(data)) {
        throw new ModelSpecException(
            "evaluation.metrics: " + metric.key() + " is for classes, the data has numbers");
      }
    }
    return model -> {
      Metrics sums = Evaluation.evaluate(engine, model, data);
      if (more.isEmpty()) {
        return sums;
      }
      Predictions predictions = Model.of(model, engine).predict(data);
      SortedMap<String, Double> named = new TreeMap<>();
      more.forEach(metric -> named.put(metric.key(), metric.of(predictions, data)));
      return sums.with(named);
    };
  }
}
