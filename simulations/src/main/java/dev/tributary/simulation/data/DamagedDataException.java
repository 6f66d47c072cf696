package dev.tributary.simulation.data;

/** A shipped file is not the file that the register describes. */
public final class DamagedDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DamagedDataException(String file, String expected, String found) {
    super(
        "%s has SHA-256 %s, expected %s: the file is damaged. Build again from a clean checkout."
            .formatted(file, found, expected));
  }
}
