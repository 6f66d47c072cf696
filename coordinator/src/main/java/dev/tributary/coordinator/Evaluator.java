package dev.tributary.coordinator;

import dev.tributary.nn.Evaluation;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;

/** Measures a released model on data that no client gave. */
@FunctionalInterface
public interface Evaluator {
  Metrics evaluate(ModelFile model);

  /** An evaluator over a data set. */
  static Evaluator on(Engine engine, Dataset data) {
    return model -> Evaluation.evaluate(engine, model, data);
  }
}
