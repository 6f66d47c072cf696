package dev.tributary.nn.interchange;

import dev.tributary.nn.ModelSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Tensors as {@code .npz}, what {@code numpy.savez} and {@code savez_compressed} write: a zip with
 * one {@code .npy} a tensor (format 1.0 of NEP 1). Read are {@code <f2}, {@code <f4} and {@code
 * <f8} in C or Fortran order; written is {@code <f4}, not compressed. Pickled objects are refused,
 * and nothing of a file is ever run.
 */
public final class Npz {
  private static final int MAXIMUM_ENTRIES = 10_000;
  private static final int MAXIMUM_HEADER = 1 << 16;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '([^']{1,32})', 'fortran_order': (True|False),"
              + " 'shape': \\(((?:\\d{1,9}, ?)*+(?:\\d{1,9},?)?)\\),? ?\\} *\n");

  private Npz() {}

  /** The bytes of a file; the same for the same tensors in the same order. */
  public static byte[] toBytes(Tensors tensors) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, Tensors.Entry> each : tensors.entries().entrySet()) {
        byte[] header = header(each.getValue().shape());
        byte[] values = Numbers.write(each.getValue().values());
        CRC32 crc = new CRC32();
        crc.update(header);
        crc.update(values);
        ZipEntry entry = new ZipEntry(each.getKey() + ".npy");
        entry.setMethod(ZipEntry.STORED);
        entry.setSize((long) header.length + values.length);
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
        zip.putNextEntry(entry);
        zip.write(header);
        zip.write(values);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes every byte", e);
    }
    return bytes.toByteArray();
  }

  /** Magic, version, length and dictionary, padded to a multiple of 64 bytes. */
  private static byte[] header(int[] shape) {
    String dimensions =
        Arrays.stream(shape).mapToObj(d -> d + ",").collect(Collectors.joining(" "));
    if (shape.length > 1) {
      dimensions = dimensions.substring(0, dimensions.length() - 1);
    }
    String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + dimensions + "), }";
    int length = (MAGIC.length + 4 + text.length() + 1 + 63) / 64 * 64 - MAGIC.length - 4;
    byte[] header = new byte[MAGIC.length + 4 + length];
    Arrays.fill(header, (byte) ' ');
    System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
    header[6] = 1;
    header[7] = 0;
    header[8] = (byte) length;
    header[9] = (byte) (length >> 8);
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, header, MAGIC.length + 4, ascii.length);
    header[header.length - 1] = '\n';
    return header;
  }

  /**
   * Reads a file. A tensor's size is checked against the limit of a model before it is allocated,
   * and memory grows with what the file really holds.
   *
   * @throws InterchangeException that names the entry and what is wrong with it
   */
  public static Tensors parse(byte[] file) {
    Map<String, Tensors.Entry> entries = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(file))) {
      long values = 0;
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName();
        if (!name.endsWith(".npy")) {
          throw new InterchangeException(name + ": expected entries *.npy alone");
        }
        String tensor = name.substring(0, name.length() - 4);
        if (entries.size() == MAXIMUM_ENTRIES) {
          throw new InterchangeException("more than " + MAXIMUM_ENTRIES + " entries");
        }
        Tensors.Entry read = array(tensor, zip, ModelSpec.MAXIMUM_SIZE - values);
        values += read.values().length;
        if (entries.put(tensor, read) != null) {
          throw new InterchangeException(name + ": comes twice");
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new InterchangeException("the zip is damaged: " + e.getMessage(), e);
    }
    if (entries.isEmpty()) {
      throw new InterchangeException("no zip with entries: a .npz begins with PK");
    }
    return Tensors.owned(entries);
  }

  private static Tensors.Entry array(String name, InputStream in, long room) throws IOException {
    byte[] start = in.readNBytes(8);
    if (start.length < 8 || !Arrays.equals(MAGIC, Arrays.copyOf(start, MAGIC.length))) {
      throw new InterchangeException(name + ": is no .npy: it must begin with \\x93NUMPY");
    }
    if (start[6] < 1 || start[6] > 3) {
      throw new InterchangeException(name + ": .npy version " + start[6] + " is not known");
    }
    byte[] size = in.readNBytes(start[6] == 1 ? 2 : 4);
    long length = 0;
    for (int i = size.length - 1; i >= 0; i--) {
      length = (length << 8) | (size[i] & 0xff);
    }
    if (length > MAXIMUM_HEADER) {
      throw new InterchangeException(name + ": a header of " + length + " bytes is too long");
    }
    String header = new String(in.readNBytes((int) length), StandardCharsets.US_ASCII);
    Matcher matcher = HEADER.matcher(header);
    if (!matcher.matches()) {
      throw new InterchangeException(name + ": the header is not one of numpy: " + shown(header));
    }
    Numbers type =
        switch (matcher.group(1)) {
          case "<f2" -> Numbers.F16;
          case "<f4" -> Numbers.F32;
          case "<f8" -> Numbers.F64;
          default ->
              throw new InterchangeException(
                  name + ": descr must be <f2, <f4 or <f8, is " + matcher.group(1));
        };
    int[] shape = shape(matcher.group(3));
    int count = Tensors.length(name, shape);
    if (count > room) {
      throw new InterchangeException(
          name
              + Arrays.toString(shape)
              + ": more values than a model may have; there is room for "
              + room);
    }
    if ((long) count * type.bytes > Integer.MAX_VALUE - 8) {
      throw new InterchangeException(name + Arrays.toString(shape) + ": more than 2 GiB");
    }
    byte[] data = in.readNBytes(count * type.bytes);
    if (data.length != count * type.bytes || in.read() >= 0) {
      throw new InterchangeException(
          name
              + Arrays.toString(shape)
              + ": expected "
              + count * type.bytes
              + " bytes of values, came "
              + (data.length < count * type.bytes ? data.length + "" : "more"));
    }
    float[] values = type.read(data, 0, count);
    if (matcher.group(2).equals("True")) {
      int[] stride = new int[shape.length];
      int step = 1;
      for (int d = 0; d < shape.length; d++) {
        stride[d] = step;
        step *= shape[d];
      }
      values = Tensors.strided(values, shape, stride);
    }
    return new Tensors.Entry(shape, values);
  }

  private static int[] shape(String text) {
    List<Integer> dimensions = new ArrayList<>();
    for (String word : text.split("[, ]+", -1)) {
      if (!word.isEmpty()) {
        dimensions.add(Integer.parseInt(word));
      }
    }
    return dimensions.stream().mapToInt(Integer::intValue).toArray();
  }

  private static String shown(String text) {
    return text.length() <= 80 ? text.strip() : text.substring(0, 80) + "...";
  }
}
