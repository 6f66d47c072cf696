package dev.tributary.simulation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShippedDataTest {
  private static final ShippedData SHIPPED = ShippedData.load();

  static List<ShippedData.Entry> entries() {
    return SHIPPED.entries();
  }

  @ParameterizedTest
  @MethodSource("entries")
  void file_everyOne_hasTheSizeAndDigestOfTheRegister(ShippedData.Entry entry) throws IOException {
    for (ShippedData.FileEntry file : entry.files()) {
      assertThat(Files.size(SHIPPED.file(entry, file.role()))).isEqualTo(file.bytes());
    }
    assertThat(entry.licence()).matches("(MIT|CC BY 4\\.0).*");
  }

  @ParameterizedTest
  @MethodSource("entries")
  void csv_columnsAndRows_areThoseOfTheRegister(ShippedData.Entry entry) throws IOException {
    if (!entry.format().equals("csv")) {
      assertThat(entry.format()).isEqualTo("idx");
      return;
    }
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(SHIPPED.file(entry, "table"))),
                StandardCharsets.UTF_8))) {
      List<String> header = List.of(lines.readLine().split(","));
      assertThat(header).isEqualTo(entry.columns()).contains(entry.label().orElseThrow());
      entry.client().ifPresent(client -> assertThat(header).contains(client));
      assertThat(lines.lines()).hasSize(entry.rows());
    }
  }

  @Test
  void notice_namesEveryDataSet() throws IOException {
    String notice = Files.readString(Path.of("..", "NOTICE"));
    assertThat(SHIPPED.entries())
        .hasSize(5)
        .allSatisfy(entry -> assertThat(notice).contains("  " + entry.name() + " "));
  }

  @Test
  void entry_unknownName_isRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> SHIPPED.entry("mnist"))
        .isInstanceOf(UnknownDataException.class)
        .hasMessageContaining("'mnist'")
        .hasMessageContaining("fashion-mnist-12k, digits, vowel, ames, wdbc");
  }
}
