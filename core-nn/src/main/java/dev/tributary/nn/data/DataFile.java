package dev.tributary.nn.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Opens files of examples, plain or gzip, and names what goes wrong with them. */
final class DataFile {
  /** Numbers that a data set may have: 1 GiB of float32. */
  static final long MAXIMUM_VALUES = 1L << 28;

  /** Unpacked bytes that no file is suspected for. */
  private static final long UNSUSPICIOUS = 64L << 20;

  /** Deflate packs real data hardly ever this well; at worst it packs 1,032 to 1. */
  private static final long MAXIMUM_RATIO = 200;

  private DataFile() {}

  /** What is done with an open file. */
  interface Body<T> {
    T read(InputStream in) throws IOException;
  }

  /**
   * Reads a file and closes it.
   *
   * @throws DataException for whatever is wrong with it
   */
  static <T> T read(Path file, Body<T> body) {
    try (InputStream in = open(file)) {
      return body.read(in);
    } catch (NoSuchFileException e) {
      throw new DataException(file, "", "no such file", e);
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
      throw new DataException(file, where, "no valid JSON: " + e.getOriginalMessage(), e);
    } catch (CharacterCodingException e) {
      throw new DataException(file, "", "not UTF-8: save the file as UTF-8", e);
    } catch (EOFException e) {
      throw new DataException(file, "", "the file is cut short, fetch it again", e);
    } catch (ZipException e) {
      throw new DataException(file, "", "damaged (" + e.getMessage() + "), fetch it again", e);
    } catch (IOException e) {
      throw new DataException(file, "", "cannot be read: " + e.getMessage(), e);
    }
  }

  /** The bytes of a file, unpacked if they begin as gzip does, within bounds. */
  static InputStream open(Path file) throws IOException {
    BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(2);
      boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      return gzip
          ? new Bounded(file, new GZIPInputStream(in, 1 << 16), mayUnpackTo(Files.size(file)))
          : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Bytes that a packed file of so many may become before it is taken for a bomb. */
  static long mayUnpackTo(long packed) {
    return Math.max(UNSUSPICIOUS, MAXIMUM_RATIO * packed);
  }

  static DataException bomb(Path file, long bytes) {
    return new DataException(
        file,
        "",
        "unpacks to more than "
            + bytes
            + " bytes, over "
            + MAXIMUM_RATIO
            + " times its size: refused as a bomb; unpack it yourself if it is what you mean");
  }

  /** Ends a stream that grows beyond all measure. */
  private static final class Bounded extends FilterInputStream {
    private final Path file;
    private final long most;
    private long count;

    Bounded(Path file, InputStream in, long most) {
      super(in);
      this.file = file;
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      int next = super.read();
      count(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      count(Math.max(0, read));
      return read;
    }

    private void count(int more) {
      count += more;
      if (count > most) {
        throw bomb(file, most);
      }
    }
  }
}
