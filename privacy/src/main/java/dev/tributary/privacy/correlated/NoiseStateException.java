package dev.tributary.privacy.correlated;

/** Kept noise that cannot be gone on with: of another run, damaged, or of another round. */
public final class NoiseStateException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NoiseStateException(String message) {
    super(message);
  }
}
