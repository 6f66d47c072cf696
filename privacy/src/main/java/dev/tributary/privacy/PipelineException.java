package dev.tributary.privacy;

/** A pipeline that cannot keep its promises: what was found, the bound it breaks, and a way out. */
public final class PipelineException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  PipelineException(String message) {
    super(message);
  }
}
