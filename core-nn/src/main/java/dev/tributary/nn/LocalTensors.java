package dev.tributary.nn;

import java.util.List;
import java.util.Optional;

/**
 * Tensors that a client trains and keeps: they are in no update, and go on from one round to the
 * next with the client. For layers that should follow its own data, as normalizations do in FedBN
 * (Li et al. 2021, algorithm 1).
 *
 * @param patterns names, in which {@code *} stands for any characters. What travels ({@link
 *     Trainable}) cannot be kept: leave it out of the model's {@code trainable}
 * @param values {@link LocalTraining.Result#kept} of the client's last training; empty at the
 *     first, which begins with the values of the model
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them; the array is the point
public record LocalTensors(List<String> patterns, float[] values) {
  /** None. */
  public static final LocalTensors NONE = new LocalTensors(List.of(), new float[0]);

  public LocalTensors {
    patterns = List.copyOf(patterns);
  }

  /**
   * A model as this client has it: with what it keeps in place of the model's own.
   *
   * @throws ModelSpecException for a pattern that no name fits
   * @throws TrainingConfigException if one travels, or the values are not as many
   */
  public ModelFile in(ModelFile model) {
    Optional<Trainable> kept = of(model.spec());
    if (kept.isEmpty() || values.length == 0) {
      return model;
    }
    float[] parameters = model.parameters();
    kept.get().scatter(values, parameters);
    return ModelFile.of(model.spec(), parameters);
  }

  /**
   * The part of a model that stays; empty without patterns.
   *
   * @throws ModelSpecException for a pattern that no name fits
   * @throws TrainingConfigException if one travels, or the values are not as many
   */
  Optional<Trainable> of(ModelSpec spec) {
    if (patterns.isEmpty()) {
      return Optional.empty();
    }
    Trainable kept = new Trainable(spec.layout(), patterns);
    for (Layout.Tensor tensor : kept.tensors()) {
      if (spec.trainable().has(tensor.name())) {
        throw new TrainingConfigException(
            tensor.name() + " travels and cannot stay: leave it out of the model's trainable");
      }
    }
    if (values.length != 0 && values.length != kept.size()) {
      throw new TrainingConfigException(
          "the tensors that stay have " + kept.size() + " floats, came " + values.length);
    }
    return Optional.of(kept);
  }
}
