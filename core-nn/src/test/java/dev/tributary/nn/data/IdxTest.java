package dev.tributary.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IdxTest {
  private static final byte[] IMAGES =
      concat(
          header(3, 2, 2, 3),
          new byte[] {0, 51, 102, (byte) 153, (byte) 204, (byte) 255, 1, 2, 3, 4, 5, 6});
  private static final byte[] LABELS = concat(header(1, 2), new byte[] {7, 3});

  @TempDir private Path directory;
  private Path images;
  private Path labels;

  @BeforeEach
  void write() throws IOException {
    images = Files.write(directory.resolve("images"), IMAGES);
    labels = Files.write(directory.resolve("labels"), LABELS);
  }

  @Test
  void read_plainAndGzip_givesScaledPixels() throws IOException {
    Files.write(directory.resolve("images.gz"), gzip(IMAGES));
    for (Path file : new Path[] {images, directory.resolve("images.gz")}) {
      Dataset data = Idx.read(file, labels);
      assertThat(data.size()).isEqualTo(2);
      assertThat(data.featureShape()).containsExactly(2, 3, 1);
      assertThat(data.classes()).isEqualTo(8);
      assertThat(data.label(0)).isEqualTo(7);
      float[] into = new float[6];
      data.features(0, into, 0);
      assertThat(into).containsExactly(0f, 0.2f, 0.4f, 0.6f, 0.8f, 1f);
    }
  }

  @Test
  void read_missingFile_saysSo() {
    refused(directory.resolve("none"), labels, directory.resolve("none") + ": no such file");
  }

  @Test
  void read_wrongMagic_saysWhatCame() throws IOException {
    Files.write(images, concat(new byte[] {0, 0, 13, 3}, Arrays.copyOfRange(IMAGES, 4, 28)));
    refused(images, labels, "byte 0: expected the IDX magic 00 00 08", "came 00000d03");
    Files.write(images, "P5 28 28 255".getBytes());
    refused(images, labels, "byte 0", "came 50352032");
  }

  @Test
  void read_swappedFiles_saysSo() {
    refused(labels, images, labels + ": byte 3", "are these labels?");
    refused(images, images, "byte 3: expected labels, so 1 dimension, came 3");
  }

  @Test
  void read_cutShort_saysWhereAndHowMuch() throws IOException {
    Files.write(images, Arrays.copyOf(IMAGES, 20));
    refused(images, labels, images + ": byte 20: expected 12 bytes for [2, 2, 3], came 4");
    Files.write(images, Arrays.copyOf(IMAGES, 9));
    refused(images, labels, "near byte 8: the file is cut short");
    Files.write(images, new byte[0]);
    refused(images, labels, "near byte 0: the file is cut short");
  }

  @Test
  void read_moreThanPromised_isRefused() throws IOException {
    Files.write(labels, concat(LABELS, new byte[1]));
    refused(images, labels, labels + ": byte 10: expected the end after [2], more bytes came");
  }

  @Test
  void read_differentCounts_namesBoth() throws IOException {
    Files.write(labels, concat(header(1, 3), new byte[3]));
    refused(images, labels, labels + ": byte 4: expected 2 labels", images.toString(), "came 3");
  }

  /**
   * Four gigabytes promised, none there: refused by what is there, not by running out of memory.
   */
  @Test
  void read_falseCounts_allocateNothing() throws IOException {
    Files.write(images, concat(header(3, 2, -1, 3), new byte[12]));
    refused(images, labels, "byte 8: a dimension of 4294967295 cannot be");
    Files.write(images, concat(header(3, 2, 0, 3), new byte[12]));
    refused(images, labels, "byte 8: a dimension of 0 cannot be");
    Files.write(images, concat(header(3, 1 << 15, 1 << 15, 1 << 15), new byte[12]));
    refused(images, labels, "byte 12: a dimension of 32768 cannot be");
    Files.write(images, concat(header(2, 2, 1_000_000_000), new byte[12]));
    refused(images, labels, "byte 24: expected 2000000000 bytes", "came 12");
    Files.write(images, concat(new byte[] {0, 0, 8, 9}, new byte[40]));
    refused(images, labels, "byte 3: expected 1 to 4 dimensions, came 9");
  }

  /** Damaged gzip at any place: refused by name, or (a flipped spare bit) read as it was. */
  @Test
  void read_damagedGzip_isRefusedByName() throws IOException {
    byte[] good = gzip(IMAGES);
    Random random = new Random(5);
    int refused = 0;
    for (int trial = 0; trial < 300; trial++) {
      byte[] bytes = good.clone();
      if (trial % 3 == 0) {
        bytes = Arrays.copyOf(bytes, 2 + random.nextInt(bytes.length - 2));
      } else {
        bytes[2 + random.nextInt(bytes.length - 2)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(images, bytes);
      try {
        assertThat(Idx.read(images, labels).size()).isEqualTo(2);
      } catch (DataException e) {
        assertThat(e.file()).isEqualTo(images.toString());
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(200);
  }

  private static void refused(Path images, Path labels, String... parts) {
    assertThatThrownBy(() -> Idx.read(images, labels))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(parts);
  }

  private static byte[] header(int rank, int... dimensions) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dimensions.length);
    buffer.putInt(0x800 | rank);
    for (int dimension : dimensions) {
      buffer.putInt(dimension);
    }
    return buffer.array();
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
