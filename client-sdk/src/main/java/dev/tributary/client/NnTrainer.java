package dev.tributary.client;

import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.plan.TrainingTask;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The default trainer: the training loop of core-nn over one data set. */
public final class NnTrainer implements Trainer {
  private final @Nullable Engine engine;
  private final Dataset data;

  private NnTrainer(@Nullable Engine engine, Dataset data) {
    this.engine = engine;
    this.data = Objects.requireNonNull(data, "data");
  }

  /** Trains with the fastest engine on the class path. */
  public static NnTrainer over(Dataset data) {
    return new NnTrainer(null, data);
  }

  /** Trains with this engine. */
  public static NnTrainer over(Dataset data, Engine engine) {
    return new NnTrainer(engine, data);
  }

  @Override
  public float[] train(TrainingRequest request) {
    Engine with = engine == null ? Engines.best(request.model().spec()) : engine;
    return LocalTraining.train(
            with, request.model(), data, config(request.training()), request.seed())
        .update();
  }

  private static TrainingConfig config(TrainingTask task) {
    return new TrainingConfig(
        task.localEpochs(),
        task.batchSize(),
        new OptimizerSpec(task.optimizer(), task.optimizerParameters()),
        LocalMethod.byName(task.method(), task.methodParameters()));
  }
}
