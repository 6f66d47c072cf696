package dev.tributary.nn;

/**
 * Hears how a training goes, on the thread that trains: an interrupt of that thread ends the
 * training before its next step. What it hears is of this client's data, so it stays there.
 */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * Before anything is allocated.
   *
   * @param bytes that the training will hold beside its data and the model it starts from
   * @param steps that it will take
   */
  default void started(long bytes, long steps) {}

  /**
   * After each step.
   *
   * @param step from 1
   * @param steps of the whole training
   * @param meanLoss over the examples so far, each before its step; 0 while there were none
   */
  default void stepped(int step, long steps, double meanLoss) {}
}
