package dev.tributary.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes are, a reader reads them or refuses them by its one type. */
final class ReaderFuzzTest {
  private static final int TRIALS = 400;

  @TempDir private Path folder;

  private record Reader(byte[] good, Function<Path, Object> read) {}

  private static Reader reader(String good, Function<Path, Object> read) {
    return new Reader(good.getBytes(StandardCharsets.UTF_8), read);
  }

  private Map<String, Reader> readers() throws IOException {
    Map<String, Reader> readers = new LinkedHashMap<>();
    byte[] labels = {0, 0, 8, 1, 0, 0, 0, 2, 7, 3};
    byte[] pictures = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 9, 8, 7, 6};
    readers.put("idx pictures", new Reader(pictures, Idx::read));
    Path two = Files.write(folder.resolve("two"), pictures);
    readers.put("idx labels", new Reader(labels, file -> Idx.read(two, file)));
    readers.put(
        "csv",
        reader(
            "a,b,y\n1,\"x\"\"\",0\nNA,z,1\n", f -> Csv.read(f).label("y").client("b").dataset()));
    readers.put("leaf", reader(Samples.LEAF, file -> Leaf.read(List.of(file))));
    readers.put("roles", reader(Samples.PLAY, file -> RoleText.read(file, 3, 1)));
    readers.put(
        "json lines",
        reader(Samples.JSON_LINES, file -> Csv.readJsonLines(file).label("sick").dataset()));
    readers.put("arff", reader(Samples.ARFF, file -> Csv.readArff(file).label("class").dataset()));
    readers.put("cifar", new Reader(Samples.cifar(1), file -> Cifar.read(List.of(file), 10)));
    readers.put(
        "npz", new Reader(Samples.npz(false), f -> NpzData.read(f, "x", "y", "who", false)));
    return readers;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12})
  void anyBytes_areReadOrRefusedByType(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Path file = folder.resolve("file");
    for (Map.Entry<String, Reader> each : readers().entrySet()) {
      byte[] good = each.getValue().good;
      assertThat(each.getValue().read.apply(Files.write(file, good))).isNotNull();
      for (int trial = 0; trial < TRIALS; trial++) {
        byte[] bytes = bent(good, random);
        Files.write(file, trial % 8 == 7 ? gzip(bytes, random) : bytes);
        try {
          assertThat(each.getValue().read.apply(file)).isNotNull();
        } catch (DataException expected) {
          // refused with its place
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
          String shown = new String(bytes, StandardCharsets.ISO_8859_1);
          fail("%s, seed %d, trial %d: %s".formatted(each.getKey(), seed, trial, shown), e);
        }
      }
    }
  }

  /** Cut short, changed, doubled, or nothing but noise. */
  private static byte[] bent(byte[] good, SplittableRandom random) {
    byte[] bytes = good.clone();
    switch (random.nextInt(5)) {
      case 0 -> bytes = Arrays.copyOf(good, random.nextInt(good.length));
      case 1 -> {
        bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
      }
      case 2 -> {
        int from = random.nextInt(good.length);
        int length = random.nextInt(good.length - from);
        bytes = Arrays.copyOf(good, good.length + length);
        System.arraycopy(good, from, bytes, good.length, length);
      }
      default -> {
        for (int i = random.nextInt(1, 6); i > 0; i--) {
          String likely = "\"',:{}[]\n\t 019eE-.?%@";
          boolean syntax = random.nextBoolean();
          bytes[random.nextInt(bytes.length)] =
              (byte)
                  (syntax ? likely.charAt(random.nextInt(likely.length())) : random.nextInt(256));
        }
      }
    }
    return bytes;
  }

  private static byte[] gzip(byte[] bytes, SplittableRandom random) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    byte[] result = packed.toByteArray();
    result[2 + random.nextInt(result.length - 2)] ^= (byte) (1 << random.nextInt(8));
    return result;
  }
}
