package dev.tributary.client;

/**
 * What a training owes the app that it runs in: between two steps it says how far it is, and waits
 * where the app wants the machine for itself.
 */
@FunctionalInterface
public interface Pace {
  /** As fast as it goes, and nobody is told. */
  Pace FREE = done -> {};

  /**
   * To be called between two steps of a training, often enough that the app feels it.
   *
   * @param done part of the training that is behind, from 0 to 1
   * @throws InterruptedException if the training is to end
   */
  void step(double done) throws InterruptedException;
}
