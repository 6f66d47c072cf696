package dev.tributary.client;

import dev.tributary.nn.LocalTensors;
import dev.tributary.nn.ModelFile;
import dev.tributary.plan.TrainingTask;
import dev.tributary.privacy.NoiseSource;
import java.util.Objects;

/**
 * What a {@link Trainer} is asked to do in one round.
 *
 * @param taskName the coordinator's name of the job
 * @param round the number of the round, from 1
 * @param model the model to start from: specification and {@code float32[d]}, already checked
 *     against the plan's digest
 * @param training epochs, batch size and optimizer that the plan asks for
 * @param seed decides the order of the rows and every other random choice of the training that
 *     hides nothing
 * @param noise where whatever hides something comes from
 * @param pace to be called between two steps, for the app's sake
 * @param controlVariate c - c_i, to be added to the gradient of every step (SCAFFOLD), float32[d];
 *     empty where nothing is
 * @param local tensors that this client trains and keeps, as they were after its last round (FedBN)
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares requests; the array is the point
public record TrainingRequest(
    String taskName,
    int round,
    ModelFile model,
    TrainingTask training,
    long seed,
    NoiseSource noise,
    Pace pace,
    float[] controlVariate,
    LocalTensors local) {
  /** As fast as it goes, with noise of this machine's secure source. */
  public TrainingRequest(
      String taskName, int round, ModelFile model, TrainingTask training, long seed) {
    this(taskName, round, model, training, seed, NoiseSource.secure());
  }

  /** As fast as it goes. */
  public TrainingRequest(
      String taskName,
      int round,
      ModelFile model,
      TrainingTask training,
      long seed,
      NoiseSource noise) {
    this(taskName, round, model, training, seed, noise, Pace.FREE);
  }

  /** With nothing that stays. */
  public TrainingRequest(
      String taskName,
      int round,
      ModelFile model,
      TrainingTask training,
      long seed,
      NoiseSource noise,
      Pace pace,
      float[] controlVariate) {
    this(taskName, round, model, training, seed, noise, pace, controlVariate, LocalTensors.NONE);
  }

  /** Without a control variate. */
  public TrainingRequest(
      String taskName,
      int round,
      ModelFile model,
      TrainingTask training,
      long seed,
      NoiseSource noise,
      Pace pace) {
    this(taskName, round, model, training, seed, noise, pace, new float[0]);
  }

  /** The same at another pace. */
  TrainingRequest at(Pace other) {
    return new TrainingRequest(
        taskName, round, model, training, seed, noise, other, controlVariate, local);
  }

  /** Refuses nulls. */
  public TrainingRequest {
    Objects.requireNonNull(taskName, "taskName");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(training, "training");
    Objects.requireNonNull(controlVariate, "controlVariate");
    Objects.requireNonNull(local, "local");
  }

  /**
   * Length of the update: the number of trainable parameters, all of them unless the model says
   * otherwise.
   */
  public int length() {
    return model.spec().trainable().size();
  }
}
