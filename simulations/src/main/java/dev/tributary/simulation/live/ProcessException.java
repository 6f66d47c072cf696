package dev.tributary.simulation.live;

/** A process of a live run ended before its time. */
public final class ProcessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ProcessException(String name, int status, String lastLines) {
    super(
        "%s ended before its time, with status %d. Its last lines:%n  %s"
            .formatted(name, status, lastLines));
  }
}
