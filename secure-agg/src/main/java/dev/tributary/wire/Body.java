package dev.tributary.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Bulk bytes beside a message: a vector packed by {@link RingPacking}. May be opened many times.
 */
public interface Body {

  /** Length in bytes. */
  long length();

  /** A fresh stream from the first byte; the caller closes it. */
  InputStream open() throws IOException;

  /** SHA-256 of the bytes, where whoever took them in has computed it; else null. */
  default byte @Nullable [] sha256() {
    return null;
  }

  /** A body over these bytes, which nobody changes any more. */
  static Body of(byte[] bytes) {
    return new Body() {
      @Override
      public long length() {
        return bytes.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(bytes);
      }

      @Override
      public String toString() {
        return "Body[" + bytes.length + " bytes]";
      }
    };
  }

  /** A body over a file that nobody changes any more. */
  static Body of(Path file) {
    return of(file, null);
  }

  /**
   * The same.
   *
   * @param sha256 of its bytes; null if it is not known
   */
  static Body of(Path file, byte @Nullable [] sha256) {
    long length;
    try {
      length = Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the size of " + file, e);
    }
    return new Body() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public InputStream open() throws IOException {
        return Files.newInputStream(file);
      }

      @Override
      public byte @Nullable [] sha256() {
        return sha256 == null ? null : sha256.clone();
      }

      @Override
      public String toString() {
        return "Body[" + file + ", " + length + " bytes]";
      }
    };
  }
}
