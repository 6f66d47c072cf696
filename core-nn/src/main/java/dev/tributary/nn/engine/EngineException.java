package dev.tributary.nn.engine;

/** An engine that is not there or cannot compile a model; says why and what to do. */
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EngineException(String message) {
    super(message);
  }
}
