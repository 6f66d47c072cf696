package dev.tributary.simulation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other programs read of a run: curves, event files, and runs beside each other. */
class CurvesTest {
  @Test
  void curves_areWholePictures() throws Exception {
    List<Curve> curves = new RunCharts(RunRecords.privateRun(80)).curves();
    assertThat(curves)
        .extracting(Curve::name)
        .containsExactly("accuracy", "loss", "f1", "client_accuracy", "epsilon", "survivors");
    for (Curve curve : curves) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(curve.svg().getBytes(StandardCharsets.UTF_8)));
      assertThat(curve.svg()).contains("xmlns", "round 80: ").doesNotContain("var(--");
      assertThat(ImageIO.read(new ByteArrayInputStream(curve.png())).getWidth()).isEqualTo(900);
    }
  }

  /** The records of TensorBoard, taken apart by hand; its own reader accepts them too. */
  @Test
  void events_haveTheirChecksumsAndValues() {
    byte[] file = TensorBoardEvents.of(RunRecords.privateRun(5));
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertThat(in.getInt()).isEqualTo(masked(length));
      byte[] record =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      in.get(record);
      assertThat(in.getInt()).isEqualTo(masked(record));
      records.add(record);
    }
    assertThat(records).hasSize(6);
    assertThat(new String(records.get(0), StandardCharsets.ISO_8859_1)).endsWith("brain.Event:2");
    // Round 5 is evaluated: accuracy 0.8 - 0.5 / 2.25 as a float32 behind its tag.
    byte[] last = records.get(5);
    String text = new String(last, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("evaluation/accuracy") + "evaluation/accuracy".length();
    assertThat(last[at]).isEqualTo((byte) (2 << 3 | 5));
    assertThat(ByteBuffer.wrap(last, at + 1, 4).order(ByteOrder.LITTLE_ENDIAN).getFloat())
        .isEqualTo((float) (0.80 - 0.5 / (1 + 5 / 4.0)));
    assertThat(text).contains("privacy/epsilon", "clients/survivors");
  }

  private static int masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    long value = crc.getValue();
    return (int) (((value >>> 15 | value << 17) + 0xa282ead8L) & 0xffffffffL);
  }

  @Test
  void comparison_showsWhatEachRunCameTo(@TempDir Path folder) throws IOException {
    Path a = run(folder, "first", RunRecords.privateRun(80));
    Path b = run(folder, "second", RunRecords.plainRun());
    RunTable first = RunTable.read(a);
    assertThat(first.name()).isEqualTo("first");
    assertThat(first.completed()).isEqualTo(79);
    assertThat(first.last("accuracy").orElseThrow()).isEqualTo(0.776190);
    assertThat(first.seconds()).isEqualTo(80 * 3.9, org.assertj.core.api.Assertions.within(1e-6));
    Comparison comparison = new Comparison(List.of(first, RunTable.read(b)));
    assertThat(comparison.text().lines().toList().get(1))
        .matches("first +79/80 +77\\.6 % +77\\.6 % .* 4\\.000 .*");
    assertThat(comparison.page())
        .contains(
            "2 runs beside each other",
            "Accuracy, per cent",
            "second, round 10: 65.71 per cent",
            "class=\"line two\"")
        .doesNotContain("<script", "http://", "https://");
  }

  private static Path run(Path folder, String name, RunRecord run) throws IOException {
    Path made = Files.createDirectory(folder.resolve(name));
    Files.writeString(made.resolve("rounds.csv"), RoundsCsv.of(run));
    return made;
  }

  @Test
  void table_thatIsNone_isRefused(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> RunTable.read(folder)).isInstanceOf(NoSuchFileException.class);
    Path other = Files.writeString(folder.resolve("rounds.csv"), "a,b\n1,2\n");
    assertThatThrownBy(() -> RunTable.read(other)).hasMessageContaining("no table of rounds");
    Files.writeString(other, "round,survivors\n1\n");
    assertThatThrownBy(() -> RunTable.read(folder))
        .hasMessageContaining("line 2: expected 2 cells, came 1");
  }
}
