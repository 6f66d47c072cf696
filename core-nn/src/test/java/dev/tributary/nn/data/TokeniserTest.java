package dev.tributary.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokeniserTest {
  private static final Path FILES = Path.of("src/test/resources/tokens");

  /** What the tokenizers library makes of these texts; make_tokens.py writes the file. */
  @Test
  void bytePairs_referenceTexts_agree() throws IOException {
    Tokeniser tokeniser = Tokeniser.bytePairs(FILES.resolve("merges.txt"));
    assertThat(tokeniser.size()).isEqualTo(300);
    int texts = 0;
    for (String line : Files.readAllLines(FILES.resolve("encoded.txt"))) {
      String[] fields = line.split("\t", 2);
      int[] tokens =
          Arrays.stream(fields[0].split(" "))
              .filter(word -> !word.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      String text = new ObjectMapper().readValue(fields[1], String.class);
      assertThat(tokeniser.encode(text)).as(text).isEqualTo(tokens);
      assertThat(tokeniser.decode(tokens)).isEqualTo(text);
      texts++;
    }
    assertThat(texts).isEqualTo(7);
  }

  @Test
  void bytePairs_anyText_comesBack() {
    Tokeniser tokeniser = Tokeniser.bytePairs(FILES.resolve("merges.txt"));
    for (long seed = 0; seed < 200; seed++) {
      int[] points =
          new Random(seed)
              .ints(30, 0, seed % 2 == 0 ? 0x80 : 0x10ffff)
              .filter(point -> point < 0xd800 || point > 0xdfff)
              .toArray();
      String text = new String(points, 0, points.length);
      assertThat(tokeniser.decode(tokeniser.encode(text))).as("seed %d", seed).isEqualTo(text);
    }
    assertThatThrownBy(() -> tokeniser.decode(300)).hasMessage("token 300 is not in [0, 300)");
  }

  @Test
  void bytePairs_brokenFiles_areRefusedByLine(@TempDir Path folder) throws IOException {
    refused(folder, "#version: 0.2\na b\nab c d\n", "line 3: expected two tokens");
    refused(folder, "a b\nab cd\n", "line 2: \"cd\" is no token before it");
    refused(folder, "a b\nab c\na bc\n", "line 3: \"bc\" is no token");
    refused(folder, "a b\na b\n", "line 2: there is a token of these characters already");
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> Tokeniser.bytePairs(none))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cannot be read");
  }

  private static void refused(Path folder, String content, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("merges"), content);
    assertThatThrownBy(() -> Tokeniser.bytePairs(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  @Test
  void characters_areNumberedByCodePoint() {
    Tokeniser tokeniser = Tokeniser.characters("ba🙂ab\n");
    assertThat(tokeniser.size()).isEqualTo(4);
    assertThat(tokeniser.encode("ab🙂\n")).containsExactly(1, 2, 3, 0);
    assertThat(tokeniser.decode(3, 2, 1)).isEqualTo("🙂ba");
    assertThatThrownBy(() -> tokeniser.encode("a🙂c"))
        .hasMessage("character 2, U+0063, is not in the alphabet");
    assertThatThrownBy(() -> tokeniser.decode(-1)).hasMessage("token -1 is not in [0, 4)");
  }
}
