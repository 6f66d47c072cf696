package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.access.TokenException;
import dev.tributary.coordinator.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/errors.md} lists what the coordinator answers, by status, and nothing else. */
class RefusalsPageTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/tributary/coordinator");
  private static final Pattern REFUSAL = Pattern.compile("\\bKind\\.([A-Z_]+),\\s*([^,;]+),");
  private static final Pattern LITERAL = Pattern.compile("\"(-?[a-z]+(?:-[a-z]+)*-?)\"");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d{3}|receipt) \\| ([^|]+) \\|");
  private static final Pattern CODE = Pattern.compile("`([a-z-]+)`");

  @Test
  void page_listsWhatIsAnswered_byStatus() throws IOException {
    TreeSet<String> listed = new TreeSet<>();
    Matcher row = ROW.matcher(Files.readString(Path.of("../docs/errors.md")));
    while (row.find()) {
      String status = row.group(1);
      CODE.matcher(row.group(2))
          .results()
          .forEach(code -> listed.add(status + " " + code.group(1)));
    }
    assertThat(listed).containsExactlyElementsOf(answered());
  }

  private static TreeSet<String> answered() throws IOException {
    TreeSet<String> all = new TreeSet<>(ofOtherExceptions());
    for (Path file : sources()) {
      String text = Files.readString(file);
      Matcher refusal = REFUSAL.matcher(text);
      while (refusal.find()) {
        int status = Problems.status(Kind.valueOf(refusal.group(1)));
        for (String word : words(LITERAL, refusal.group(2))) {
          for (String code : whole(word, text)) {
            all.add(status + " " + code);
          }
        }
      }
    }
    String desk = Files.readString(SOURCES.resolve("AdminDesk.java"));
    words(Pattern.compile("unknown\\(\"([a-z-]+)\""), desk).forEach(code -> all.add("401 " + code));
    String job = Files.readString(SOURCES.resolve("LiveJob.java"));
    words(Pattern.compile("(?:refused\\(|setAccepted\\(true\\)\\.setCode\\()\"([a-z-]+)\""), job)
        .forEach(code -> all.add("receipt " + code));
    return all;
  }

  /** A part of a code is made whole by what stands before it, or behind. */
  private static List<String> whole(String word, String text) {
    if (word.startsWith("-")) {
      return List.of("check-in" + word, "withdrawal" + word);
    }
    return word.endsWith("-")
        ? words(Pattern.compile("refused\\(\\s*\"([a-z-]+)\""), text).stream()
            .map(what -> word + what)
            .toList()
        : List.of(word);
  }

  /** Codes that an answer takes from what went wrong. */
  private static List<String> ofOtherExceptions() {
    return List.of(
        "400 " + TokenException.MALFORMED,
        "404 " + TokenException.UNKNOWN,
        "409 " + TokenException.TAKEN,
        "409 " + StoreException.AUDIT_LOG_DAMAGED,
        "500 internal",
        "503 " + StoreException.FULL,
        "503 " + StoreException.READ_ONLY);
  }

  private static List<String> words(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).toList();
  }

  private static List<Path> sources() throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(SOURCES)) {
      all.filter(file -> file.toString().endsWith(".java"))
          .filter(RefusalsPageTest::refuses)
          .forEach(files::add);
    }
    assertThat(files).hasSizeGreaterThan(10);
    return files;
  }

  private static boolean refuses(Path file) {
    try {
      return Files.readString(file).contains("FrontDoorException");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
