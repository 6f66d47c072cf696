package dev.tributary.nn.engine;

import dev.tributary.nn.ModelSpec;

/**
 * A model made ready for one engine, batch size and mode. Runs allocate nothing. It keeps no
 * parameters between calls. For one thread at a time.
 */
public interface Program extends AutoCloseable {

  ModelSpec model();

  /** The most rows of a batch. */
  int batchSize();

  /**
   * The gradient as its {@link Mode} says: of the mean loss over the rows of the batch, or the sum
   * of the clipped gradients of the rows; for {@link ModelSpec#statistics} the value less the one
   * that follows from this batch.
   *
   * @param parameters float32[d]
   * @param gradient float32[d], overwritten
   * @return the sum of the losses of the rows; NaN if numbers run out of range, which ends nothing
   */
  double gradient(float[] parameters, Batch batch, float[] gradient);

  /**
   * The outputs for the rows of the batch.
   *
   * @param parameters float32[d]
   * @param outputs float32[at least batch.rows() * model.outputs()], row-major, overwritten;
   *     probabilities where the last layer is a softmax
   * @return the sum of the losses of the rows
   */
  double forward(float[] parameters, Batch batch, float[] outputs);

  /** Frees what it holds; later calls throw {@link IllegalStateException}. */
  @Override
  void close();
}
