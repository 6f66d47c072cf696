package dev.tributary.nn.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** What came from numpy and the safetensors library was made by make_interchange.py. */
final class TensorsTest {
  private static final Path FILES = Path.of("src/test/resources/interchange");
  private static final float[] GRID = {0, 0.25f, 0.5f, 0.75f, 1, 1.25f};
  private static final float[] HALVES = {1.5f, -0f, 0x1p-24f, 65504, Float.POSITIVE_INFINITY};

  @Test
  void npz_ofNumpy_isRead() throws IOException {
    Tensors tensors = Npz.parse(Files.readAllBytes(FILES.resolve("numpy.npz")));
    assertThat(tensors.names())
        .containsExactly("single", "double", "half", "fortran", "scalar", "vector");
    assertThat(tensors.shape("single")).containsExactly(2, 3);
    assertThat(tensors.values("single")).containsExactly(GRID);
    assertThat(tensors.values("double")).containsExactly(-1, -0.75f, -0.5f, -0.25f, 0, 0.25f);
    assertThat(tensors.values("half")).containsExactly(HALVES);
    assertThat(tensors.shape("fortran")).containsExactly(2, 3, 4);
    for (int i = 0; i < 24; i++) {
      assertThat(tensors.values("fortran")[i]).isEqualTo(i);
    }
    assertThat(tensors.shape("scalar")).isEmpty();
    assertThat(tensors.values("scalar")).containsExactly(2.5f);
    assertThat(tensors.shape("vector")).containsExactly(2);
  }

  @Test
  void safetensors_ofPython_isRead() throws IOException {
    Tensors tensors = Safetensors.parse(Files.readAllBytes(FILES.resolve("python.safetensors")));
    assertThat(tensors.names()).containsExactlyInAnyOrder("single", "double", "half", "scalar");
    assertThat(tensors.values("single")).containsExactly(GRID);
    assertThat(tensors.values("double")).containsExactly(-1, -0.75f, -0.5f, -0.25f, 0, 0.25f);
    assertThat(tensors.values("half")).containsExactly(HALVES);
    assertThat(tensors.shape("scalar")).isEmpty();
    Tensors brain = Safetensors.parse(Files.readAllBytes(FILES.resolve("bfloat16.safetensors")));
    assertThat(brain.values("b")).containsExactly(1f, -2.5f, Float.MIN_NORMAL);
  }

  @Test
  void bothFormats_giveBackWhatWasWritten() {
    Random random = new Random(1);
    Tensors tensors = Tensors.none();
    int[][] shapes = {{}, {0}, {3}, {2, 0, 4}, {2, 3, 4}, {1, 1, 1, 1, 1, 1, 1, 2}};
    for (int i = 0; i < shapes.length; i++) {
      float[] values = new float[Tensors.length("t", shapes[i])];
      for (int j = 0; j < values.length; j++) {
        values[j] = Float.intBitsToFloat(random.nextInt());
      }
      tensors = tensors.with("t." + i, shapes[i], values);
    }
    for (Tensors read :
        new Tensors[] {
          Npz.parse(Npz.toBytes(tensors)), Safetensors.parse(Safetensors.toBytes(tensors))
        }) {
      assertThat(read.toString()).isEqualTo(tensors.toString());
      for (String name : tensors.names()) {
        assertThat(read.values(name)).as(name).isEqualTo(tensors.values(name));
      }
    }
    assertThat(Npz.toBytes(tensors)).isEqualTo(Npz.toBytes(tensors));
  }

  @Test
  void model_goesThroughBothFormats() {
    for (ModelSpec spec : Models.variety()) {
      ModelFile model = ModelFile.of(spec, Models.values(spec, 1));
      Tensors tensors = Tensors.of(model);
      assertThat(Npz.parse(Npz.toBytes(tensors)).model(spec).digest()).isEqualTo(model.digest());
      assertThat(Safetensors.parse(Safetensors.toBytes(tensors)).model(spec).digest())
          .isEqualTo(model.digest());
      assertThat(Safetensors.parse(model.toBytes()).model(spec).digest())
          .as("a saved model is a safetensors file")
          .isEqualTo(model.digest());
    }
  }

  /** As PyTorch's nn.Linear(2, 3) keeps it: weight [outputs, inputs]. */
  @Test
  void model_fromAnotherWorld_takesNamesAndOrders() {
    ModelSpec spec =
        ModelSpec.fromJson(
            "{\"input\":[2],\"layers\":[{\"dense\":{\"units\":3,\"activation\":\"softmax\"}}],"
                + "\"loss\":\"sparse_categorical_crossentropy\"}");
    Tensors torch =
        Tensors.none()
            .with("fc.weight", new int[] {3, 2}, 1, 2, 3, 4, 5, 6)
            .with("fc.bias", new int[] {3}, 7, 8, 9);
    ModelFile model =
        torch
            .transposed("fc.weight", 1, 0)
            .renamed("fc.weight", "layers.0.weight")
            .renamed("fc.bias", "layers.0.bias")
            .model(spec);
    assertThat(model.parameters()).containsExactly(1, 3, 5, 2, 4, 6, 7, 8, 9);
    assertThatThrownBy(() -> torch.model(spec))
        .isInstanceOf(InterchangeException.class)
        .hasMessage(
            "the tensors are not the model's: missing [layers.0.bias, layers.0.weight],"
                + " too many [fc.bias, fc.weight]");
    assertThatThrownBy(
            () ->
                torch
                    .renamed("fc.weight", "layers.0.weight")
                    .renamed("fc.bias", "layers.0.bias")
                    .model(spec))
        .hasMessage("layers.0.weight: the model has shape [2, 3], came [3, 2]");
    assertThatThrownBy(() -> torch.transposed("fc.weight", 1, 1)).hasMessageContaining("axes");
    assertThatThrownBy(() -> torch.renamed("fc", "x")).hasMessageContaining("no tensor \"fc\"");
    assertThatThrownBy(() -> torch.renamed("fc.bias", "fc.weight")).hasMessageContaining("already");
    assertThatThrownBy(() -> torch.with("x", new int[] {2}, 1)).hasMessage("x[2]: 1 values came");
  }

  @Test
  void transposed_permutesAsNumpyDoes() {
    float[] values = new float[24];
    for (int i = 0; i < 24; i++) {
      values[i] = i;
    }
    Tensors turned = Tensors.none().with("t", new int[] {2, 3, 4}, values).transposed("t", 2, 0, 1);
    assertThat(turned.shape("t")).containsExactly(4, 2, 3);
    // Element [k, i, j] is that of [i, j, k]: 12 i + 4 j + k.
    assertThat(Arrays.copyOf(turned.values("t"), 7)).containsExactly(0, 4, 8, 12, 16, 20, 1);
  }

  /** Whatever one byte is changed to, the reader answers with tensors or its own exception. */
  @Test
  void damagedFiles_areRefusedByName() {
    Tensors tensors = Tensors.none().with("a", new int[] {2, 2}, 1, 2, 3, 4);
    Random random = new Random(7);
    for (byte[] good : new byte[][] {Npz.toBytes(tensors), Safetensors.toBytes(tensors)}) {
      for (int trial = 0; trial < 4_000; trial++) {
        byte[] bad = good.clone();
        if (trial % 4 == 0) {
          bad = Arrays.copyOf(bad, random.nextInt(bad.length));
        } else {
          bad[random.nextInt(bad.length)] = (byte) random.nextInt();
        }
        try {
          Tensors read = good[0] == 'P' ? Npz.parse(bad) : Safetensors.parse(bad);
          assertThat(read.names()).hasSize(1);
        } catch (InterchangeException e) {
          assertThat(e.getMessage()).as("trial %d", trial).isNotBlank();
        }
      }
    }
  }

  @Test
  void safetensors_thatLie_areRefusedBeforeAllocation() {
    assertThatThrownBy(() -> Safetensors.parse(new byte[3])).hasMessageContaining("8 bytes");
    byte[] endless = new byte[16];
    Arrays.fill(endless, (byte) 0xff);
    assertThatThrownBy(() -> Safetensors.parse(endless))
        .hasMessage("byte 0: a header of 18446744073709551615 bytes cannot be in a file of 16");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[268435456],\"data_offsets\":[0,1073741824]}}", 4)
        .hasMessageContaining("the header tells of");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[99999,99999],\"data_offsets\":[0,4]}}", 4)
        .hasMessageContaining("more than 268435456 values");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4)
        .hasMessageContaining("whole number");
    refused("{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8)
        .hasMessage("a: dtype must be one of [F16, BF16, F32, F64], is \"I64\"");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8)
        .hasMessage("a: its values must begin at 0, begin at 4");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4)
        .hasMessage("a: its shape takes 8 bytes, data_offsets give 4");
    refused("{\"a\":1,\"a\":2}", 0).hasMessageContaining("not JSON");
    refused("[1]", 0).hasMessage("the header is no JSON object");
    refused("{\"a\":{}}", 0).hasMessageContaining("dtype must be one of");
  }

  private static AbstractThrowableAssert<?, ?> refused(String header, int values) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + values).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);
    return assertThatThrownBy(() -> Safetensors.parse(file.array()))
        .isInstanceOf(InterchangeException.class);
  }

  @Test
  void npz_thatLies_isRefused() throws IOException {
    assertThat(array()).contains("'shape': (1,), }");
    changed("(1,)", "(2,)").hasMessage("a[2]: expected 8 bytes of values, came 4");
    changed("(1,)", "(0,)").hasMessage("a[0]: expected 0 bytes of values, came more");
    changed("(1,), }  ", "(99999999").hasMessageContaining("not one of numpy");
    changed("(1,), }            ", "(99999, 99999), }  ")
        .hasMessageContaining("more than 268435456 values");
    changed("(1,), }            ", "(200000000,), }    ")
        .hasMessage("a[200000000]: expected 800000000 bytes of values, came 4");
    changed("<f4", "|O8").hasMessage("a: descr must be <f2, <f4 or <f8, is |O8");
    changed("NUMPY", "PICKL").hasMessageContaining("is no .npy");
    assertThatThrownBy(() -> Npz.parse(zip("a.txt", array())))
        .hasMessage("a.txt: expected entries *.npy alone");
    String dimensions = "1,".repeat(30_000);
    String start = "\u0093NUMPY\u0002\u0000";
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + dimensions + "), }\n";
    String length = "" + (char) (header.length() & 255) + (char) (header.length() >> 8) + "\0\0";
    assertThatThrownBy(() -> Npz.parse(zip("a.npy", start + length + header)))
        .hasMessage("a: at most 8 dimensions, came 30000");
    assertThatThrownBy(() -> Npz.parse(new byte[100])).hasMessageContaining("no zip");
  }

  /** The .npy of one number, a character a byte. */
  private static String array() throws IOException {
    byte[] file = Npz.toBytes(Tensors.none().with("a", new int[] {1}, 1));
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(file))) {
      assertThat(zip.getNextEntry()).isNotNull();
      return new String(zip.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static byte[] zip(String name, String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content.getBytes(StandardCharsets.ISO_8859_1));
    }
    return bytes.toByteArray();
  }

  private static AbstractThrowableAssert<?, ?> changed(String from, String to) throws IOException {
    assertThat(from).hasSameSizeAs(to);
    assertThat(array()).contains(from);
    byte[] bad = zip("a.npy", array().replace(from, to));
    return assertThatThrownBy(() -> Npz.parse(bad)).isInstanceOf(InterchangeException.class);
  }
}
