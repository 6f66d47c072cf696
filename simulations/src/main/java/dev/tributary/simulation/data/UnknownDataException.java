package dev.tributary.simulation.data;

import java.util.List;

/** A job names a data set that does not ship. */
public final class UnknownDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownDataException(String name, List<String> known) {
    super(
        "no data set is called '%s'. There are: %s; or name your own files with idx: or csv:"
            .formatted(name, String.join(", ", known)));
  }
}
