package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelFileTest {
  private static final ModelSpec SPEC = ModelSpec.builder(2).dense(2, Activation.SOFTMAX).build();
  private static final ModelFile MODEL = ModelFile.of(SPEC, new float[] {1, 2, 3, 4, 0.5f, -1});

  /** The format as published: length, JSON, padding, then the numbers. */
  @Test
  void toBytes_isTheSafetensorsFormat() {
    String json =
        "{\"__metadata__\":{\"tributary.model\":\"{\\\"input\\\":[2],\\\"layers\\\":[{\\\"dense\\\":"
            + "{\\\"units\\\":2,\\\"activation\\\":\\\"softmax\\\"}}],"
            + "\\\"loss\\\":\\\"sparse_categorical_crossentropy\\\"}\"},"
            + "\"layers.0.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
            + "\"layers.0.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]}}";
    byte[] bytes = MODEL.toBytes();
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) buffer.getLong();
    assertThat((8 + length) % 8).isZero();
    assertThat(new String(bytes, 8, length, StandardCharsets.UTF_8).stripTrailing())
        .isEqualTo(json);
    assertThat(length - json.length()).isBetween(0, 7);
    assertThat(bytes).hasSize(8 + length + 24);
    assertThat(buffer.getFloat(8 + length)).isEqualTo(1f);
    assertThat(buffer.getFloat(8 + length + 20)).isEqualTo(-1f);
    assertThat(MODEL.digest())
        .isEqualTo("bcbe92bd988a31c1bba7c635e319822c90aa2e2b5454377217826e7457d18d55");
  }

  static List<ModelSpec> variety() {
    return Models.variety();
  }

  @ParameterizedTest
  @MethodSource("variety")
  void parse_ofToBytes_isTheSameModel(ModelSpec spec) {
    float[] values = Models.values(spec, 3);
    ModelFile model = ModelFile.of(spec, values);
    ModelFile parsed = ModelFile.parse(model.toBytes());
    assertThat(parsed.spec()).isEqualTo(spec);
    assertThat(parsed.parameters()).isEqualTo(values);
    assertThat(parsed.toBytes()).isEqualTo(model.toBytes());
    assertThat(parsed.digest()).isEqualTo(model.digest()).hasSize(64);
    values[0]++;
    assertThat(model.parameters()).isNotEqualTo(values);
    assertThat(ModelFile.of(spec, values).digest()).isNotEqualTo(model.digest());
  }

  @Test
  void of_wrongNumberOfParameters_isRefused() {
    assertThatThrownBy(() -> ModelFile.of(SPEC, new float[5]))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("a model of 6 parameters, but 5 came with it");
  }

  /** Damaged bytes are refused, or they are another valid model: never another exception. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void parse_ofMutatedBytes_isRefusedOrValid(long seed) {
    Random random = new Random(seed);
    byte[] good = MODEL.toBytes();
    int header = good.length - 24;
    for (int trial = 0; trial < 3_000; trial++) {
      byte[] bytes = good.clone();
      int kind = random.nextInt(4);
      int from = random.nextInt(bytes.length);
      switch (kind) {
        case 0 -> bytes[from] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes = Arrays.copyOf(bytes, from);
        case 2 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(30));
        default -> {
          int to = from + random.nextInt(bytes.length - from);
          for (int i = from; i < to; i++) {
            bytes[i] = (byte) random.nextInt();
          }
        }
      }
      boolean headerIntact =
          bytes.length == good.length && Arrays.equals(bytes, 0, header, good, 0, header);
      byte[] tried = bytes;
      String what = "seed " + seed + ", trial " + trial;
      if (headerIntact) {
        assertThat(ModelFile.parse(tried).toBytes()).as(what).isEqualTo(tried);
      } else {
        assertThatThrownBy(() -> ModelFile.parse(tried))
            .as(what)
            .isInstanceOf(ModelFileException.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE, 1L << 32, 500})
  void parse_ofFalseHeaderLength_isRefused(long length) {
    byte[] bytes = MODEL.toBytes();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    assertThatThrownBy(() -> ModelFile.parse(bytes))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("byte 0: a header of " + Long.toUnsignedString(length) + " bytes");
  }

  /** A header that promises a gigabyte is refused by size, without allocating it. */
  @Test
  void parse_ofModelLargerThanItsFile_isRefusedBySize() {
    ModelSpec huge =
        ModelSpec.builder(1 << 13)
            .dense(1 << 14, Activation.RELU)
            .dense(2, Activation.SOFTMAX)
            .build();
    byte[] header = SafetensorsHeader.of(huge);
    assertThatThrownBy(() -> ModelFile.parse(header))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("expected " + (header.length + 4L * huge.layout().size()) + " bytes");
  }

  @Test
  void parse_ofForeignSafetensors_saysWhatIsMissing() {
    byte[] json =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[8 + json.length];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
    assertThatThrownBy(() -> ModelFile.parse(bytes))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "the header has no description of the model in __metadata__[\"tributary.model\"]");
  }

  @Test
  void write_thenRead_isTheSameAndLeavesNothingElse(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("model.safetensors");
    Files.writeString(file, "older");
    MODEL.write(file);
    assertThat(ModelFile.read(file).digest()).isEqualTo(MODEL.digest());
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void readAndWrite_ofImpossiblePaths_nameTheFile(@TempDir Path directory) throws Exception {
    Path missing = directory.resolve("no.safetensors");
    assertThatThrownBy(() -> ModelFile.read(missing))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(missing + ": cannot read the model: no such file");
    Path damaged = Files.write(directory.resolve("damaged"), new byte[3]);
    assertThatThrownBy(() -> ModelFile.read(damaged))
        .hasMessage(damaged + ": expected 8 bytes with the length of the header, came 3");
    Path nowhere = directory.resolve("none/model");
    assertThatThrownBy(() -> MODEL.write(nowhere))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith(nowhere + ": cannot write the model: no such");
  }
}
