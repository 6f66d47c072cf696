package dev.tributary.simulation.data;

/** A partition that the rows cannot carry. */
public final class PartitionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PartitionException(String message) {
    super(message);
  }
}
