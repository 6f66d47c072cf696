package dev.tributary.nn.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * Pictures and labels in IDX, the format of MNIST and its kin: a big-endian magic number 00 00 type
 * rank, then one 32-bit count per dimension, then the numbers. Plain or gzip, told by content.
 */
public final class Idx {
  private static final int UNSIGNED_BYTE = 8;
  private static final int MAXIMUM_RANK = 4;

  private Idx() {}

  /**
   * Reads pictures of unsigned bytes, scaled to [0, 1], with their labels. Memory: one byte a
   * pixel. A picture of two dimensions gets a third of 1: its channel.
   *
   * @throws DataException if a file is missing, damaged or cut short, or the counts differ
   */
  public static Dataset read(Path images, Path labels) {
    Content pixels = pictures(images);
    Content classes = content(labels);
    if (classes.dimensions.length != 1) {
      throw new DataException(
          labels, "byte 3", "expected labels, so 1 dimension, came " + classes.dimensions.length);
    }
    if (pixels.dimensions[0] != classes.dimensions[0]) {
      throw new DataException(
          labels,
          "byte 4",
          "expected "
              + pixels.dimensions[0]
              + " labels as there are pictures in "
              + images
              + ", came "
              + classes.dimensions[0]
              + ": the two files do not belong together");
    }
    return new ByteDataset(shape(pixels), pixels.bytes, classes.bytes);
  }

  /**
   * As {@link #read(Path, Path)}, without labels: for predictions. Every label is 0.
   *
   * @throws DataException if the file is missing, damaged or cut short
   */
  public static Dataset read(Path images) {
    Content pixels = pictures(images);
    return new ByteDataset(shape(pixels), pixels.bytes, new byte[pixels.dimensions[0]]);
  }

  private static Content pictures(Path images) {
    Content pixels = content(images);
    if (pixels.dimensions.length < 2) {
      throw new DataException(
          images,
          "byte 3",
          "expected pictures, so 2 or more dimensions, came 1: are these labels?");
    }
    return pixels;
  }

  /** Height, width and channels: a dimension that is not there is 1. */
  private static int[] shape(Content pixels) {
    int[] shape = Arrays.copyOfRange(pixels.dimensions, 1, Math.max(4, pixels.dimensions.length));
    for (int i = pixels.dimensions.length - 1; i < shape.length; i++) {
      shape[i] = 1;
    }
    return shape;
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Content(int[] dimensions, byte[] bytes) {}

  private static Content content(Path file) {
    long offset = 0;
    try (InputStream in = DataFile.open(file)) {
      int magic = number(in);
      if (magic >>> 16 != 0 || (magic >>> 8 & 0xff) != UNSIGNED_BYTE) {
        throw new DataException(
            file,
            "byte 0",
            String.format(
                "expected the IDX magic 00 00 08 and the number of dimensions, came %08x", magic));
      }
      int rank = magic & 0xff;
      if (rank < 1 || rank > MAXIMUM_RANK) {
        throw new DataException(
            file, "byte 3", "expected 1 to " + MAXIMUM_RANK + " dimensions, came " + rank);
      }
      offset = 4;
      int[] dimensions = new int[rank];
      long length = 1;
      for (int i = 0; i < rank; i++, offset += 4) {
        dimensions[i] = number(in);
        length = dimensions[i] < 1 ? Long.MAX_VALUE : length * dimensions[i];
        if (length > Integer.MAX_VALUE - 8) {
          throw new DataException(
              file,
              "byte " + offset,
              "a dimension of " + Integer.toUnsignedString(dimensions[i]) + " cannot be");
        }
      }
      // readNBytes grows with what really comes, so a false count allocates nothing.
      byte[] bytes = in.readNBytes((int) length);
      if (bytes.length < length) {
        throw new DataException(
            file,
            "byte " + (offset + bytes.length),
            "expected "
                + length
                + " bytes for "
                + Arrays.toString(dimensions)
                + ", came "
                + bytes.length
                + ": the file is cut short, fetch it again");
      }
      if (in.read() >= 0) {
        throw new DataException(
            file,
            "byte " + (offset + length),
            "expected the end after " + Arrays.toString(dimensions) + ", more bytes came");
      }
      return new Content(dimensions, bytes);
    } catch (NoSuchFileException e) {
      throw new DataException(file, "", "no such file", e);
    } catch (EOFException e) {
      throw new DataException(
          file, "near byte " + offset, "the file is cut short, fetch it again", e);
    } catch (ZipException e) {
      throw new DataException(
          file, "near byte " + offset, "damaged gzip (" + e.getMessage() + "), fetch it again", e);
    } catch (IOException e) {
      throw new DataException(file, "", "cannot be read: " + e.getMessage(), e);
    }
  }

  private static int number(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(4);
    if (bytes.length < 4) {
      throw new EOFException();
    }
    return (bytes[0] & 0xff) << 24
        | (bytes[1] & 0xff) << 16
        | (bytes[2] & 0xff) << 8
        | (bytes[3] & 0xff);
  }
}
