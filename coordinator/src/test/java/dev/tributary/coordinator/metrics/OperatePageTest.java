package dev.tributary.coordinator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.privacy.Guarantee;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.StepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of {@code docs/operate.md}: every metric with its labels, every migration. */
class OperatePageTest {
  private static final Pattern METRIC = Pattern.compile("`(tributary_\\w+)(?:\\{([\\w,]+)})?`");
  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^(tributary_\\w+)(?:\\{([^}]*)})? \\S+$");

  /** Names of labels of a metric that is the process's, and not a job's, come last in the table. */
  @Test
  void metrics_areThoseOfThePage_withTheirLabels() throws IOException {
    List<MatchResult> rows = new ArrayList<>();
    for (String row : page().split("\n", -1)) {
      if (row.startsWith("| `tributary_")) {
        METRIC.matcher(row.substring(0, row.indexOf(" | "))).results().forEach(rows::add);
      }
    }
    TreeSet<String> listed = new TreeSet<>();
    for (int i = 0; i < rows.size(); i++) {
      TreeSet<String> labels = new TreeSet<>();
      if (rows.get(i).group(2) != null) {
        labels.addAll(Arrays.asList(rows.get(i).group(2).split(",", -1)));
      }
      if (i < rows.size() - 6) {
        labels.add("job");
      }
      listed.add(rows.get(i).group(1) + labels);
    }

    TreeSet<String> scraped = new TreeSet<>();
    SAMPLE
        .matcher(everything().scrape())
        .results()
        .forEach(
            sample -> {
              TreeSet<String> labels = new TreeSet<>();
              if (sample.group(2) != null) {
                for (String label : sample.group(2).split(",", -1)) {
                  labels.add(label.replaceAll("=.*", ""));
                }
              }
              scraped.add(
                  sample.group(1).replaceAll("_seconds_(count|sum|max)$", "_seconds") + labels);
            });
    assertThat(listed).containsExactlyElementsOf(scraped);
  }

  private static CoordinatorMetrics everything() {
    CoordinatorMetrics metrics = new CoordinatorMetrics();
    metrics.onLimited();
    metrics.onSlowBody();
    metrics.onToldToComeBack();
    metrics.onCertificateRefused("client-certificate-missing");
    metrics.onAdministrationRefused(401);
    Guarantee nothing = new Guarantee(0, 1e-5, Unit.USER, Relation.ADD_REMOVE, "test", 2);
    Instant now = Instant.EPOCH;
    metrics
        .of("a")
        .onRound(
            new RoundReport(
                1,
                2,
                RoundReport.Outcome.ABORTED,
                "",
                "",
                1,
                1,
                new TreeMap<>(),
                new TreeMap<>(),
                nothing,
                nothing,
                null,
                null,
                null,
                List.of(),
                List.of(new StepReport("INPUT", now, now.plusSeconds(7), 1, 1)),
                now,
                now.plusSeconds(9),
                null));
    metrics.of("a").onJoined(1);
    assertThat(metrics.scrape())
        .contains("tributary_step_duration_seconds_sum{job=\"a\",step=\"INPUT\"} 7.0")
        .contains("tributary_round_duration_seconds_sum{job=\"a\"} 9.0");
    return metrics;
  }

  @Test
  void migrations_areThoseOfThePage() throws IOException {
    Path scripts = Path.of("src/main/resources/dev/tributary/coordinator/store/migrations");
    try (Stream<Path> files = Files.list(scripts)) {
      List<String> all =
          files.map(file -> file.getFileName().toString().replaceAll("__.*", "")).toList();
      List<String> listed =
          Pattern.compile("(?m)^\\| (V\\d+) \\| ")
              .matcher(page())
              .results()
              .map(row -> row.group(1))
              .toList();
      assertThat(listed).containsExactlyInAnyOrderElementsOf(all);
    }
  }

  private static String page() throws IOException {
    return Files.readString(Path.of("../docs/operate.md"));
  }
}
