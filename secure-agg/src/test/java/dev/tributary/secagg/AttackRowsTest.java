package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each row of the table of attacks has a test whose name says the row. */
class AttackRowsTest {

  private static final int ROWS = 25;

  private static final Pattern ROW = Pattern.compile("\\brow(\\d+)_(?:row(\\d+)_)?\\w+\\(?");

  @Test
  void everyRow_hasATestOfItsName() throws IOException {
    TreeSet<Integer> named = new TreeSet<>();
    for (String module : new String[] {".", "../client-sdk"}) {
      try (Stream<Path> files = Files.walk(Path.of(module, "src", "test", "java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
          Matcher row = ROW.matcher(Files.readString(file));
          while (row.find()) {
            named.add(Integer.valueOf(row.group(1)));
            if (row.group(2) != null) {
              named.add(Integer.valueOf(row.group(2)));
            }
          }
        }
      }
    }
    assertThat(named).containsAll(IntStream.rangeClosed(1, ROWS).boxed().toList());
  }
}
