package dev.tributary.nn;

/**
 * What hides single examples in a training: chooses the rows of each step, and makes its gradient
 * out of theirs (differentially private SGD: Abadi et al. 2016, algorithm 1). Bounds, noise and
 * coins are its own; the training only asks.
 */
public interface ExampleGradients {

  /**
   * The rows of one step: one secret coin for each, whatever it holds.
   *
   * @param rows of the data
   * @param rate of the coin, in (0, 1]
   * @return numbers of rows, each at most once; may be none
   */
  int[] sample(int rows, double rate);

  /**
   * The sum of one step, before its first example.
   *
   * @param length of a gradient
   */
  Sum open(int length);

  /** Of one step. */
  interface Sum {
    /**
     * Adds the gradient of the loss of one example, which it bounds.
     *
     * @param gradient float32[length], not changed; any numbers
     */
    void add(float[] gradient);

    /**
     * The sum with its noise, over a fixed number.
     *
     * @param expected rows that a step has on average, whatever came
     * @return float32[length]
     */
    float[] release(double expected);
  }
}
