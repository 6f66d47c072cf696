package dev.tributary.simulation.data;

import java.util.List;

/** A job names a data set that neither ships nor can be fetched. */
public final class UnknownDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownDataException(String name, List<String> known) {
    super(
        "no data set is called '%s'. There are: %s; others can be fetched (tributary data list), or name your own files with csv:, idx: and the like"
            .formatted(name, String.join(", ", known)));
  }
}
