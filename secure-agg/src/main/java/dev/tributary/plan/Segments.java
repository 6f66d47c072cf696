package dev.tributary.plan;

/**
 * Names of the parts of what a client sends: its update first, then what a strategy asks for, in
 * this order. All of it is clipped, rounded and summed as one vector.
 */
public final class Segments {
  /** Trained minus start, float32[d]. */
  public static final String UPDATE = "update";

  /** What the client's control variate changed by (SCAFFOLD), float32[d]. */
  public static final String CONTROL = "control";

  /** How much the client counts, from 0 to {@link Plan#scalarUnit()}. */
  public static final String WEIGHT = "weight";

  /** How far it stepped (FedNova), from 0 to {@link Plan#scalarUnit()}, times its weight. */
  public static final String STEPS = "steps";

  /**
   * How many clients' models are how accurate, the last of all: {@link Plan#accuracyUnit} at the
   * bin of the client's own accuracy, of bins that stand for 0 to 1 in equal steps.
   */
  public static final String ACCURACY = "accuracy";

  private Segments() {}
}
