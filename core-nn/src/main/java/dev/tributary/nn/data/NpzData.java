package dev.tributary.nn.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Examples from {@code .npz}, what {@code numpy.savez} and {@code savez_compressed} write (format
 * of NEP 1): an array of features [rows, ...], one of labels [rows], and one of clients [rows] if
 * there is one. Whole and floating numbers of any width, in C order. Pickled objects are refused,
 * and nothing of a file is ever run.
 */
public final class NpzData {
  private static final int MAXIMUM_HEADER = 1 << 16;
  private static final int MAXIMUM_CLASSES = 1 << 16;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '([<|])([fiub])([1248])', 'fortran_order': (True|False),"
              + " 'shape': \\(((?:\\d{1,9}, ?)*+(?:\\d{1,9},?)?)\\),? ?\\} *\n");

  private final Path file;
  private final Map<String, Array> arrays = new HashMap<>();
  private final TreeSet<String> seen = new TreeSet<>();

  private NpzData(Path file) {
    this.file = file;
  }

  @SuppressWarnings("ArrayRecordComponent") // never leaves this class, never compared
  private record Array(int[] shape, Numbers numbers) {}

  /**
   * Reads the rows. Numbers stand as they are; a model scales them (layer {@code rescaling}).
   *
   * @param features name of the array of features
   * @param labels name of the array of labels: classes, or numbers to predict
   * @param clients name of the array that says whose row each is, in numbers; empty if none does
   * @param regression whether labels are numbers to predict
   * @throws DataException if the file is missing, is no .npz or lacks an array
   */
  public static Examples read(
      Path file, String features, String labels, String clients, boolean regression) {
    NpzData npz = new NpzData(file);
    List<String> wanted =
        Stream.of(features, labels, clients).filter(name -> !name.isEmpty()).toList();
    DataFile.read(file, in -> npz.arrays(in, wanted));
    Array x = npz.array(features);
    Array y = npz.rows(labels, x);
    if (x.shape.length == 0 || x.numbers.size() == 0) {
      throw new DataException(file, features, "expected rows of features, came none");
    }
    int[] shape =
        x.shape.length == 1 ? new int[] {1} : Arrays.copyOfRange(x.shape, 1, x.shape.length);
    float[] targets = y.numbers.values();
    List<String> owners =
        clients.isEmpty() ? List.of() : npz.names(npz.rows(clients, x).numbers.values());
    if (regression) {
      return new Examples(Dataset.regression(shape, x.numbers.values(), targets), owners);
    }
    int[] classes = new int[targets.length];
    for (int row = 0; row < classes.length; row++) {
      classes[row] = (int) targets[row];
      if (classes[row] != targets[row] || classes[row] < 0 || classes[row] >= MAXIMUM_CLASSES) {
        throw new DataException(
            file,
            labels + "[" + row + "]",
            "expected a class, a whole number from 0 up, came " + targets[row]);
      }
    }
    int highest = Arrays.stream(classes).max().orElse(0);
    return new Examples(Dataset.of(shape, highest + 1, x.numbers.values(), classes), owners);
  }

  private List<String> names(float[] clients) {
    return IntStream.range(0, clients.length)
        .mapToObj(row -> Long.toString((long) clients[row]))
        .toList();
  }

  private Array array(String name) {
    Array array = arrays.get(name);
    if (array == null) {
      throw new DataException(file, "", "no array is called \"" + name + "\"; there are " + seen);
    }
    return array;
  }

  /** An array of one number a row. */
  private Array rows(String name, Array features) {
    Array array = array(name);
    int rows = features.shape.length == 0 ? 0 : features.shape[0];
    if (array.numbers.size() != rows || array.shape.length == 0 || array.shape[0] != rows) {
      throw new DataException(
          file,
          name,
          "expected a number for each of " + rows + " rows, came " + Arrays.toString(array.shape));
    }
    return array;
  }

  private boolean arrays(InputStream in, List<String> wanted) throws IOException {
    long room = DataFile.mayUnpackTo(Files.size(file));
    try (ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName().replaceAll("\\.npy$", "");
        seen.add(name);
        if (seen.size() > 10_000) {
          throw new DataException(file, "", "more than 10000 entries");
        }
        if (wanted.contains(name)) {
          Array array = array(name, zip, room);
          room -= 4L * array.numbers.size();
          if (arrays.put(name, array) != null) {
            throw new DataException(file, name, "comes twice");
          }
        }
      }
    } catch (IllegalArgumentException e) {
      throw new DataException(file, "", "the zip is damaged: " + e.getMessage(), e);
    }
    if (seen.isEmpty()) {
      throw new DataException(file, "", "no zip with entries: a .npz begins with PK");
    }
    return true;
  }

  private Array array(String name, InputStream in, long room) throws IOException {
    byte[] start = in.readNBytes(8);
    if (start.length < 8 || !Arrays.equals(MAGIC, Arrays.copyOf(start, MAGIC.length))) {
      throw new DataException(file, name, "is no .npy: it must begin with \\x93NUMPY");
    }
    byte[] size = in.readNBytes(start[6] == 1 ? 2 : 4);
    long length = 0;
    for (int i = size.length - 1; i >= 0; i--) {
      length = (length << 8) | (size[i] & 0xff);
    }
    if (length > MAXIMUM_HEADER) {
      throw new DataException(file, name, "a header of " + length + " bytes is too long");
    }
    String header = new String(in.readNBytes((int) length), StandardCharsets.US_ASCII);
    Matcher matcher = HEADER.matcher(header);
    if (!matcher.matches() || matcher.group(4).equals("True")) {
      throw new DataException(
          file,
          name,
          "expected little-endian numbers in C order, came "
              + header.substring(0, Math.min(120, header.length())).strip());
    }
    int[] shape =
        Arrays.stream(matcher.group(5).split("[, ]+", -1))
            .filter(word -> !word.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
    long count = 1;
    for (int dimension : shape) {
      count *= dimension;
      if (count > DataFile.MAXIMUM_VALUES) {
        throw new DataException(
            file, name, Arrays.toString(shape) + " are more than " + DataFile.MAXIMUM_VALUES);
      }
    }
    char kind = matcher.group(2).charAt(0);
    int bytes = Integer.parseInt(matcher.group(3));
    if (count * bytes > room) {
      throw DataFile.bomb(file, room);
    }
    if ((kind == 'f' && bytes == 1) || (kind == 'b' && bytes != 1)) {
      throw new DataException(file, name, "numbers of " + kind + bytes + " are not known");
    }
    return new Array(shape, numbers(name, in, (int) count, kind, bytes));
  }

  /** Memory grows with what really comes. */
  private Numbers numbers(String name, InputStream in, int count, char kind, int bytes)
      throws IOException {
    Numbers numbers = new Numbers();
    int left = count;
    while (left > 0) {
      int some = Math.min(left, 1 << 13);
      byte[] part = in.readNBytes(some * bytes);
      if (part.length < some * bytes) {
        throw new DataException(
            file, name, "expected " + count + " numbers, the array ends " + left + " before");
      }
      ByteBuffer buffer = ByteBuffer.wrap(part).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < some; i++) {
        numbers.add(file, name, number(buffer, kind, bytes));
      }
      left -= some;
    }
    return numbers;
  }

  private static float number(ByteBuffer in, char kind, int bytes) {
    return switch (bytes) {
      case 1 -> kind == 'i' ? in.get() : in.get() & 0xff;
      case 2 -> {
        short bits = in.getShort();
        yield kind == 'f' ? half(bits) : kind == 'i' ? bits : bits & 0xffff;
      }
      case 4 ->
          switch (kind) {
            case 'f' -> in.getFloat();
            case 'i' -> in.getInt();
            default -> in.getInt() & 0xffffffffL;
          };
      default -> kind == 'f' ? (float) in.getDouble() : in.getLong();
    };
  }

  /** IEEE 754 binary16. */
  private static float half(short bits) {
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    float size =
        switch (exponent) {
          case 0 -> fraction * 0x1p-24f;
          case 31 -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Math.scalb((float) (1024 + fraction), exponent - 25);
        };
    return bits < 0 ? -size : size;
  }
}
