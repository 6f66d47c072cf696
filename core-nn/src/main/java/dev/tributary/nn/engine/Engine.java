package dev.tributary.nn.engine;

import dev.tributary.nn.ModelSpec;
import java.util.Optional;

/**
 * Computes models; found by {@link java.util.ServiceLoader}. Creating one must not fail for want of
 * a library: {@link #unavailable} says that. Safe for many threads.
 */
public interface Engine {

  /** The name in job files: {@code java}, {@code nd4j}. */
  String name();

  /** Why it cannot run here, with a way out; empty if it can. The first call may load natives. */
  default Optional<String> unavailable() {
    return Optional.empty();
  }

  /** Whether steps of such a model are likely the fastest on this engine, from measurements. */
  default boolean suits(ModelSpec model) {
    return true;
  }

  /**
   * Prepares a model for batches of up to {@code batchSize} rows. Everything that steps need is
   * allocated here.
   *
   * @throws EngineException if it is not available, if the arrays would be too large, or if a layer
   *     does not allow the mode; says which and why
   */
  Program compile(ModelSpec model, int batchSize, Mode mode);

  /**
   * Bytes of the arrays that a program of {@link #compile} holds, to be known before there is one.
   *
   * @throws EngineException as {@link #compile}
   */
  long bytes(ModelSpec model, int batchSize, Mode mode);

  /**
   * As {@link #compile}, but may hand out a program that someone has closed; its {@code close}
   * gives it back. For many short trainings of one model.
   */
  default Program acquire(ModelSpec model, int batchSize, Mode mode) {
    return compile(model, batchSize, mode);
  }
}
