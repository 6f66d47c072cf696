package dev.tributary.coordinator.job;

import java.util.List;
import java.util.stream.Collectors;

/** A job file that cannot run, with everything that is wrong with it. */
public final class JobFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public JobFileException(List<Problem> problems) {
    super(problems.stream().map(Problem::message).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** The problems in the order of the file's lines; never empty. */
  public List<Problem> problems() {
    return problems;
  }

  /** The code of the first problem, which names a page section of docs/errors.md. */
  public String code() {
    return problems.get(0).code();
  }
}
