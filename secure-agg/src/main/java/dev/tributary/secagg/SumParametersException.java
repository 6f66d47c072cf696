package dev.tributary.secagg;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Parameters of a sum that cannot be kept. The message names each rule, the values and a way out.
 */
public final class SumParametersException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<Violation> violations;

  /**
   * An exception over these violations.
   *
   * @param violations at least one
   */
  public SumParametersException(List<Violation> violations) {
    super(violations.stream().map(Violation::toString).collect(Collectors.joining("\n")));
    this.violations = List.copyOf(violations);
  }

  /** The broken rules. */
  public List<Violation> violations() {
    return violations;
  }
}
