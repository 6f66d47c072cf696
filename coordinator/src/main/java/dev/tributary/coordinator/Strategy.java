package dev.tributary.coordinator;

/**
 * What the coordinator does with the mean update. Works block by block on one thread: {@link
 * #apply} once for each interval of the parameters, then {@link #endRound} once. Its client half is
 * a local method named in the plan, never code that is sent. All that it sees is a mean: secure
 * aggregation leaves nothing else, and noise is in it already.
 */
public interface Strategy {

  /** The name in job files. */
  String name();

  /**
   * Moves {@code parameters[from, to)}.
   *
   * @param round counted from 1
   * @param parameters float32[d], changed in place
   * @param meanUpdate float32[d], may be overwritten in [from, to)
   */
  void apply(int round, float[] parameters, float[] meanUpdate, int from, int to);

  /**
   * Takes the mean change of the clients' control variates over the whole population, where the
   * strategy has clients send it ({@link dev.tributary.plan.Segments#CONTROL}); before {@link
   * #endRound}.
   *
   * @param meanChange float32[d], valid in [from, to)
   */
  default void control(float[] meanChange, int from, int to) {}

  /**
   * Whether clients correct their steps by {@link #state}, which is then float32[d] and goes to
   * them as it is.
   */
  default boolean sharesState() {
    return false;
  }

  /**
   * Whether it moves each parameter by itself, so that an instance for some of the parameters, with
   * their part of the state, does the same to them: its models need not fit into memory. Its state
   * is then some vectors of float32[d], one after the other, and after them numbers of which there
   * are as many whatever d is, and which are the same for all parameters.
   */
  default boolean elementwise() {
    return false;
  }

  /** Ends a round whose intervals are all done. */
  void endRound();

  /** What it remembers between rounds, as a copy. */
  float[] state();

  /** Goes on from what {@link #state} gave. */
  void restore(float[] state);
}
