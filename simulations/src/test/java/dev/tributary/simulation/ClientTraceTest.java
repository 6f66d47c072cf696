package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientTraceTest {
  @TempDir private Path folder;

  private ClientTrace read(String text) throws IOException {
    return ClientTrace.read(Files.writeString(folder.resolve("trace.csv"), text));
  }

  @Test
  void client_isThereFromAndUpToItsSeconds_andTheTraceBeginsAnew() throws IOException {
    ClientTrace trace = read("client,from,to\n3,10,20\n3,20.5,30\n900,0,5\n900,95,100\n");
    assertThat(trace.clients()).isEqualTo(2);
    assertThat(trace.knowsTraining()).isFalse();
    assertThat(trace.there(0, 9.9)).isFalse();
    assertThat(trace.there(0, 10)).isTrue();
    assertThat(trace.there(0, 19.9)).isTrue();
    assertThat(trace.there(0, 20)).isFalse();
    assertThat(trace.there(0, 20.5)).isTrue();
    assertThat(trace.there(0, 30)).isFalse();
    assertThat(trace.there(1, 0)).isTrue();
    assertThat(trace.there(1, 99)).isTrue();
    assertThat(trace.there(1, 104)).isTrue();
    assertThat(trace.there(1, 105)).isFalse();
    assertThat(trace.there(0, 1_000_010)).isTrue();
  }

  @Test
  void clientsOfTheFile_areDealtInTurn() throws IOException {
    ClientTrace trace =
        read("\uFEFFclient,from,to,trainingSeconds\r\n0,0,1,2.5\r\n1,1,2,7\r\n7,0,2,9\r\n");
    assertThat(trace.there(3, 0)).isTrue();
    assertThat(trace.there(4, 0)).isFalse();
    assertThat(trace.trainingSeconds(3)).isEqualTo(2.5);
    assertThat(trace.trainingSeconds(1_000_000)).isEqualTo(7);
    assertThat(trace.knowsTraining()).isTrue();
  }

  /** Beyond the arrays that it begins with. */
  @Test
  void longTrace_isRead() throws IOException {
    StringBuilder text = new StringBuilder("client,from,to\n");
    for (int line = 0; line < 50_000; line++) {
      text.append(line / 10).append(',').append(line % 10).append(',').append(line % 10 + 0.5);
      text.append('\n');
    }
    ClientTrace trace = read(text.toString());
    assertThat(trace.clients()).isEqualTo(5_000);
    assertThat(trace.there(4_999, 9)).isTrue();
    assertThat(trace.there(4_999, 8.5)).isFalse();
    assertThat(trace.there(0, 9.25)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "client,from,until~0,0,1 | line 1 | client,from,to",
        "client,from,to~0,0 | line 2 | 2 cells",
        "client,from,to~0,0,1,3 | line 2 | 4 cells",
        "client,from,to~0,0,1~x,0,1 | line 3 | client x",
        "client,from,to~-1,0,1 | line 2 | client -1",
        "client,from,to~0,a,1 | line 2 | from a",
        "client,from,to~0,0,NaN | line 2 | to NaN",
        "client,from,to~0,0,1e10 | line 2 | to 1e10",
        "client,from,to~0,-1,1 | line 2 | from -1",
        "client,from,to~0,1,1 | line 2 | not after",
        "client,from,to~0,0,2~0,1,3 | line 3 | before the line above ends",
        "client,from,to~1,0,2~0,1,3 | line 3 | sort",
        "client,from,to~0,0,2~1,0,2~0,3,4 | line 4 | sort",
        "client,from,to,trainingSeconds~0,0,2,1~0,3,4,2 | line 3 | trainingSeconds",
        "client,from,to,trainingSeconds~0,0,2,0 | line 2 | trainingSeconds 0",
        "client,from,to,trainingSeconds~0,0,2,1e7 | line 2 | trainingSeconds",
        "client,from,to~0,0,1~~1,0,1 | line 3 | 1 cells",
        "client,from,to | trace.csv | no line",
      })
  void wrongLine_isNamed(String text, String where, String what) {
    assertThatThrownBy(() -> read(text.replace('~', '\n')))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(where)
        .hasMessageContaining(what);
  }

  @Test
  void emptyFile_lineWithoutEnd_andNoFile_areRefused() throws IOException {
    assertThatThrownBy(() -> read(""))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("empty");
    assertThatThrownBy(() -> read("client,from,to\n" + "1".repeat(100_000)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("longer");
    Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xC3, 0x28, 10});
    for (String name : new String[] {"nothing.csv", "bytes"}) {
      assertThatThrownBy(() -> ClientTrace.read(folder.resolve(name)))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("cannot be read");
    }
  }
}
