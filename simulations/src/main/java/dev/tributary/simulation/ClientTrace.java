package dev.tributary.simulation;

import dev.tributary.nn.data.DataException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * When clients were there, read from a file: CSV with the columns {@code client,from,to} and, where
 * it is known how long they train, {@code trainingSeconds}. A line says that a client, a whole
 * number, is there from one second up to another. Lines stand in the order of clients and of time;
 * those of a client do not overlap, and all name the same {@code trainingSeconds}.
 *
 * <p>A line takes 16 bytes of memory, a client 12. The n clients of a file are dealt to those of a
 * simulation in turn, client i being the (i mod n)-th, and after its last second it begins anew.
 */
final class ClientTrace {
  private static final String HEADER = "client,from,to";
  private static final String WITH_TRAINING = HEADER + ",trainingSeconds";
  private static final int LONGEST_LINE = 200;
  private static final int MOST_LINES = 50_000_000;
  private static final double LONGEST = 1e9;
  private static final double LONGEST_TRAINING = 1e6;

  private final Path file;
  private final boolean training;
  private double[] from = new double[1024];
  private double[] to = new double[1024];

  /** By client: its first line, and behind the last client the number of lines. */
  private int[] first = new int[256];

  private double[] seconds = new double[256];
  private int clients;
  private int lines;
  private double end;

  private ClientTrace(Path file, boolean training) {
    this.file = file;
    this.training = training;
  }

  /**
   * Reads a file, checking every line.
   *
   * @throws DataException naming the first line that is wrong
   */
  static ClientTrace read(Path file) {
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      StringBuilder line = new StringBuilder();
      if (!next(file, 1, in, line)) {
        throw new DataException(file, "", "is empty; its first line is " + HEADER);
      }
      String header = line.toString().replaceFirst("^\uFEFF", "");
      if (!header.equals(HEADER) && !header.equals(WITH_TRAINING)) {
        throw new DataException(file, "line 1", "is neither " + HEADER + " nor " + WITH_TRAINING);
      }
      ClientTrace trace = new ClientTrace(file, header.equals(WITH_TRAINING));
      long client = -1;
      while (next(file, trace.lines + 2, in, line)) {
        client = trace.add(line.toString(), client);
      }
      trace.close();
      return trace;
    } catch (IOException e) {
      throw new DataException(file, "", "cannot be read: " + e, e);
    }
  }

  /** How many clients it knows. */
  int clients() {
    return clients;
  }

  /** Whether it says how long clients train. */
  boolean knowsTraining() {
    return training;
  }

  /** Seconds that a client of the simulation trains. */
  double trainingSeconds(int client) {
    return seconds[client % clients];
  }

  /** Whether a client of the simulation is there, so many seconds after the beginning. */
  boolean there(int client, double at) {
    int of = client % clients;
    double time = at % end;
    int place = Arrays.binarySearch(from, first[of], first[of + 1], time);
    int line = place >= 0 ? place : -place - 2;
    return line >= first[of] && time < to[line];
  }

  /** Reads a line without its end; false at the end of the file. */
  private static boolean next(Path file, int number, Reader in, StringBuilder line)
      throws IOException {
    line.setLength(0);
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c == '\n') {
        return true;
      }
      if (c != '\r') {
        line.append((char) c);
      }
      if (line.length() > LONGEST_LINE) {
        throw new DataException(
            file, "line " + number, "is longer than " + LONGEST_LINE + " characters");
      }
    }
    return !line.isEmpty();
  }

  /** Takes the next line; gives its client. */
  private long add(String line, long before) {
    String[] cells = line.split(",", -1);
    if (cells.length != (training ? 4 : 3)) {
      throw wrong("has " + cells.length + " cells and not " + (training ? 4 : 3));
    }
    long client = whole(cells[0]);
    double begins = number("from", cells[1], 0);
    double ends = number("to", cells[2], 0);
    if (!(begins < ends)) {
      throw wrong("ends at " + cells[2] + ", which is not after " + cells[1]);
    }
    if (client < before || (client == before && begins < to[lines - 1])) {
      throw wrong(
          client < before
              ? "is of client %d, and the line before of client %d; sort the lines by client and from"
                  .formatted(client, before)
              : "begins at " + cells[1] + ", before the line above ends");
    }
    double trains = training ? number("trainingSeconds", cells[3], Double.MIN_VALUE) : 0;
    if (trains > LONGEST_TRAINING) {
      throw wrong("has more than 1000000 trainingSeconds");
    }
    if (client != before) {
      begin(trains);
    } else if (trains != seconds[clients - 1]) {
      throw wrong("has other trainingSeconds than the line above, of the same client");
    }
    if (lines == MOST_LINES) {
      throw wrong("is one more than the " + MOST_LINES + " lines that a trace may have");
    }
    if (lines == from.length) {
      from = Arrays.copyOf(from, 2 * lines);
      to = Arrays.copyOf(to, 2 * lines);
    }
    from[lines] = begins;
    to[lines] = ends;
    end = Math.max(end, ends);
    lines++;
    return client;
  }

  private void begin(double trains) {
    if (clients + 1 == first.length) {
      first = Arrays.copyOf(first, 2 * first.length);
      seconds = Arrays.copyOf(seconds, 2 * seconds.length);
    }
    first[clients] = lines;
    seconds[clients] = trains;
    clients++;
  }

  private void close() {
    if (clients == 0) {
      throw new DataException(file, "", "has no line below its first");
    }
    first[clients] = lines;
    from = Arrays.copyOf(from, lines);
    to = Arrays.copyOf(to, lines);
  }

  private long whole(String cell) {
    if (!cell.matches("\\d{1,18}")) {
      throw wrong("names the client " + cell + ", which is no whole number of 0 or more");
    }
    return Long.parseLong(cell);
  }

  private double number(String column, String cell, double least) {
    double value;
    try {
      value = Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      throw wrong("has " + column + " " + cell + ", which is no number");
    }
    if (!(value >= least && value <= LONGEST)) {
      throw wrong("has " + column + " " + cell + ", which is not within 0 and 1e9 seconds");
    }
    return value;
  }

  private DataException wrong(String what) {
    return new DataException(file, "line " + (lines + 2), what);
  }
}
