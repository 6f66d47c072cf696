package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The documents keep their word: their links lead somewhere, and their commands are commands. What
 * the README's commands do is seen by {@code .ci/run}, which runs them.
 */
class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\\n(.*?)^```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  static List<Path> documents() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT, 4)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !ROOT.relativize(file).toString().matches("(?s)(.*/)?(target|build)/.*"))
          .sorted()
          .toList();
    }
  }

  /** The lines of all {@code sh} blocks of a document. */
  private static List<String> commands(Path document) throws IOException {
    List<String> lines = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(document));
    while (block.find()) {
      block.group(1).lines().filter(line -> !line.isBlank()).forEach(lines::add);
    }
    return lines;
  }

  static List<String> tributaryCommands() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path document : documents()) {
      for (String line : commands(document)) {
        if (line.startsWith("./tributary ")) {
          lines.add(line);
        }
      }
    }
    return lines;
  }

  @Test
  void readme_firstCommands_areTheDemoAndTheTests() throws IOException {
    assertThat(commands(ROOT.resolve("README.md"))).startsWith("./tributary demo", "./mvnw verify");
  }

  @ParameterizedTest
  @MethodSource("tributaryCommands")
  void command_inADocument_isUnderstood(String line) {
    String[] words = line.replaceAll("\\s+#.*", "").split(" +", -1);
    String[] arguments = Arrays.copyOfRange(words, 1, words.length);
    assertThatCode(() -> Tributary.commandLine().parseArgs(arguments))
        .as(line)
        .doesNotThrowAnyException();
  }

  @Test
  void benchmarks_eachClassThatMeasures_isNamedWithItsCommand() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/benchmarks.md"));
    List<String> classes = new ArrayList<>();
    for (String module : List.of("core-nn", "privacy", "secure-agg", "client-sdk", "coordinator")) {
      Path sources = ROOT.resolve(module).resolve("src/test/java");
      try (Stream<Path> files = Files.walk(sources)) {
        files
            .map(file -> sources.relativize(file).toString())
            .filter(file -> file.matches(".*(Bench|Benchmark|Speed)\\.java"))
            .map(file -> file.replace(".java", "").replaceAll("[/\\\\]", "."))
            .forEach(classes::add);
      }
    }
    assertThat(classes).hasSizeGreaterThanOrEqualTo(3);
    assertThat(classes)
        .allSatisfy(
            name ->
                assertThat(page).containsPattern("(?m)^java .* " + Pattern.quote(name) + "\\b"));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void link_toAFile_leadsToOne(Path document) throws IOException {
    Matcher link = LINK.matcher(Files.readString(document));
    while (link.find()) {
      String target = link.group(1).replaceAll("#.*", "");
      if (!target.isEmpty() && !target.matches("[a-z]+:.*")) {
        assertThat(document.resolveSibling(target)).as("%s: %s", document, target).exists();
      }
    }
  }
}
