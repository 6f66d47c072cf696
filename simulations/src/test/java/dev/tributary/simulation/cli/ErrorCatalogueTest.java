package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.client.ClientException;
import dev.tributary.coordinator.access.TokenException;
import dev.tributary.coordinator.net.ServerException;
import dev.tributary.coordinator.store.StoreException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ErrorCatalogueTest {
  private static final Path PAGE = Path.of("..", "docs", "errors.md");

  @Test
  void page_hasExactlyTheCodes_withTheirExitStatus() throws IOException {
    Matcher section =
        Pattern.compile("(?m)^### ([a-z-]+)\nExit status (\\d+)\\. \\S")
            .matcher(Files.readString(PAGE));
    Map<String, Integer> documented = new LinkedHashMap<>();
    while (section.find()) {
      assertThat(documented.put(section.group(1), Integer.parseInt(section.group(2)))).isNull();
    }
    Map<String, Integer> coded = new LinkedHashMap<>();
    Arrays.stream(ErrorCode.values()).forEach(code -> coded.put(code.word(), code.exitStatus()));
    assertThat(documented).containsExactlyInAnyOrderEntriesOf(coded);
  }

  @Test
  void page_explainsEveryExitStatus() throws IOException {
    String page = Files.readString(PAGE);
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(page).contains("\n| " + code.exitStatus() + " | ");
    }
  }

  @Test
  void modules_useNoCodeThatIsNotInTheCatalogue() throws Exception {
    TreeSet<String> used = new TreeSet<>();
    Arrays.stream(ClientException.Code.values()).forEach(code -> used.add(code.text()));
    List<Field> fields = new ArrayList<>(List.of(StoreException.class.getFields()));
    fields.addAll(List.of(ServerException.class.getFields()));
    fields.addAll(List.of(TokenException.class.getFields()));
    for (Field field : fields) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
        used.add((String) field.get(null));
      }
    }
    used.addAll(codesOfJobProblems());
    assertThat(used).hasSizeGreaterThan(30);
    assertThat(used).allSatisfy(word -> assertThat(ErrorCode.of(word)).as(word).isPresent());
  }

  /** The first argument of every problem that the readers of job files report. */
  private static TreeSet<String> codesOfJobProblems() throws IOException {
    TreeSet<String> codes = new TreeSet<>();
    Pattern word =
        Pattern.compile(
            "(?:problem|refuse|add|new Problem)\\(\\s*(?:section,|[a-z]+,)?\\s*\"([a-z]+(?:-[a-z]+)+)\"");
    Path folder = Path.of("../coordinator/src/main/java/dev/tributary/coordinator/job");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Matcher matcher = word.matcher(Files.readString(file));
        while (matcher.find()) {
          codes.add(matcher.group(1));
        }
      }
    }
    return codes;
  }

  @Test
  void describe_wrappedException_findsTheKnownCause() {
    Throwable thrown =
        new IllegalStateException(
            "listen", new RuntimeException(new BindException("Address in use")));
    assertThat(ErrorCatalogue.describe(thrown).code()).isEqualTo(ErrorCode.PORT_IN_USE);
  }

  @Test
  void describe_noSpaceLeft_isAFullDisk() {
    ErrorCatalogue.Failure failure =
        ErrorCatalogue.describe(new IOException("/data/x: No space left on device"));
    assertThat(failure.code()).isEqualTo(ErrorCode.DISK_FULL);
    assertThat(failure.message()).contains("/data/x", "Free some space");
  }

  @Test
  void describe_unknownException_isABugAndSaysSo() {
    IllegalStateException cyclic = new IllegalStateException("odd");
    cyclic.addSuppressed(new RuntimeException());
    ErrorCatalogue.Failure failure = ErrorCatalogue.describe(cyclic);
    assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(failure.message()).contains("odd", "--verbose");
  }
}
