package dev.tributary.nn.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Pictures in the binary form of CIFAR-10 and CIFAR-100 (Krizhevsky 2009,
 * www.cs.toronto.edu/~kriz/cifar.html): one or two bytes of labels, then 32 x 32 pixels of red, of
 * green and of blue. Plain or gzip.
 */
public final class Cifar {
  private static final int SIDE = 32;
  private static final int CHANNELS = 3;
  private static final int PIXELS = SIDE * SIDE;

  private Cifar() {}

  /**
   * Reads files one behind the other as [32, 32, 3], scaled to [0, 1]. Memory: one byte a pixel.
   *
   * @param classes 10, or 100 for the fine labels of CIFAR-100
   * @throws DataException if a file is missing or is no whole number of pictures, or has a label
   *     beyond the classes
   */
  public static Dataset read(List<Path> files, int classes) {
    if (classes != 10 && classes != 100) {
      throw new IllegalArgumentException("classes must be 10 or 100, is " + classes);
    }
    int header = classes == 10 ? 1 : 2;
    int record = header + CHANNELS * PIXELS;
    byte[][] read = new byte[files.size()][];
    long total = 0;
    for (int i = 0; i < read.length; i++) {
      Path file = files.get(i);
      byte[] bytes =
          DataFile.read(file, in -> in.readNBytes((int) DataFile.MAXIMUM_VALUES / record * record));
      if (bytes.length == 0 || bytes.length % record != 0) {
        throw new DataException(
            file,
            "byte " + bytes.length,
            "expected pictures of "
                + record
                + " bytes (CIFAR-"
                + classes
                + "), the last one has "
                + bytes.length % record);
      }
      read[i] = bytes;
      total += bytes.length / record;
    }
    if (total == 0 || total * CHANNELS * PIXELS > DataFile.MAXIMUM_VALUES) {
      throw new IllegalArgumentException(total + " pictures: none, or too many for memory");
    }
    byte[] labels = new byte[(int) total];
    byte[] pixels = new byte[(int) total * CHANNELS * PIXELS];
    int picture = 0;
    for (int i = 0; i < read.length; i++) {
      byte[] bytes = read[i];
      for (int at = 0; at < bytes.length; at += record) {
        labels[picture] = bytes[at + header - 1];
        if ((labels[picture] & 0xff) >= classes) {
          throw new DataException(
              files.get(i),
              "byte " + (at + header - 1),
              "label " + (labels[picture] & 0xff) + " is not one of " + classes + " classes");
        }
        for (int j = 0; j < CHANNELS * PIXELS; j++) {
          int into = picture * CHANNELS * PIXELS + j % PIXELS * CHANNELS + j / PIXELS;
          pixels[into] = bytes[at + header + j];
        }
        picture++;
      }
    }
    return new ByteDataset(new int[] {SIDE, SIDE, CHANNELS}, pixels, labels);
  }
}
