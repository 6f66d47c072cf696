package dev.tributary.secagg.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * A run over many seeds that can be broken off: what is done is written down after each part, and
 * the next run over the same seeds goes on from there, with the faults found before.
 */
public final class SeedProgress {

  /** Seeds of a part. */
  static final int PART = 500;

  private static final String DONE = "done to ";

  private final Path file;
  private final long from;
  private final long to;
  private final LongFunction<String> fault;

  /**
   * A run from one seed to below another.
   *
   * @param folder where its file stands, named by its seeds
   * @param fault what is wrong with a seed, empty if nothing; called from several threads
   */
  public SeedProgress(Path folder, long from, long to, LongFunction<String> fault) {
    this.file = folder.resolve("seeds-" + from + "-" + to + ".txt");
    this.from = from;
    this.to = to;
    this.fault = fault;
  }

  /** Runs what is not done yet; returns all faults, those of earlier runs too. */
  public List<String> run() {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      List<String> faults = new ArrayList<>();
      long at = from;
      for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
        if (line.startsWith(DONE)) {
          at = Long.parseLong(line.substring(DONE.length()));
        } else {
          faults.add(line);
        }
      }
      while (at < to) {
        long next = Math.min(to, at + PART);
        faults.addAll(part(at, next));
        at = next;
      }
      return faults;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep " + file, e);
    }
  }

  private List<String> part(long at, long next) throws IOException {
    long started = System.nanoTime();
    List<String> faults =
        LongStream.range(at, next)
            .parallel()
            .mapToObj(fault)
            .filter(text -> !text.isEmpty())
            .map(text -> text.replace('\n', ' '))
            .toList();
    List<String> lines = new ArrayList<>(faults);
    lines.add(DONE + next);
    Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    System.out.printf(
        Locale.ROOT,
        "seeds %d..%d: %d faults, %.1f seeds a second, %d left%n",
        at,
        next,
        faults.size(),
        (next - at) * 1e9 / (System.nanoTime() - started),
        to - next);
    return faults;
  }
}
