package dev.tributary.simulation.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.nn.Metrics;
import dev.tributary.privacy.Guarantee;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Sa1;
import dev.tributary.simulation.cli.ResultJson;
import dev.tributary.simulation.cli.Results;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run says about who is bounded by its epsilon, in all its forms. */
class RecordsTest {
  private static final Path JOB = Path.of("../examples/fashion-private.yaml");

  @Test
  void maskedNoiseOfClients_holdsAgainstAllThree() {
    RunRecord run = run(Sa1.ID);

    assertThat(run.privacy().orElseThrow().rows().coordinator()).hasValue(4);
    assertThat(run.rounds())
        .extracting(RoundLine::coordinatorEpsilon)
        .containsExactly(Optional.of(2.0), Optional.of(4.0));
    assertThat(ResultJson.of(run, 1).get("coordinator").asDouble()).isEqualTo(4);
    assertThat(Results.before(run, "none"))
        .contains(
            "holds against: whoever sees the model, the other clients (up to 1 colluding), this"
                + " coordinator\n")
        .doesNotContain("not against");
    assertThat(HtmlReport.of(run))
        .contains(
            "<th scope=\"row\">The coordinator</th><td>4.00</td>",
            "<th scope=\"row\">Other members of a round, up to 1 colluding</th><td>4.00</td>")
        .doesNotContain("Nothing bounds what the coordinator");
  }

  /** A plain sum shows the coordinator single updates, central noise the sums before it. */
  @ParameterizedTest
  @CsvSource({
    "insecure-plain-sum, distributed-discrete-gaussian, ' (up to 1 colluding)', single updates",
    "sa1, central-gaussian, '', sums before their noise",
    "insecure-plain-sum, central-gaussian, '', single updates"
  })
  void plainSumOrCentralNoise_claimsNothingAgainstTheCoordinator(
      String suite, String mechanism, String pooled, String seen) {
    RunRecord run = run(suite, "privacy.mechanism=" + mechanism);

    RunRecord.Rows rows = run.privacy().orElseThrow().rows();
    assertThat(rows.outsider()).hasValue(4);
    assertThat(rows.cohort()).hasValue(4);
    assertThat(rows.coordinator()).isEmpty();
    assertThat(run.rounds())
        .extracting(RoundLine::coordinatorEpsilon)
        .containsOnly(Optional.empty());
    JsonNode json = ResultJson.of(run, 1);
    assertThat(json.get("outsider").asDouble()).isEqualTo(4);
    assertThat(json.get("coordinator").isNull()).isTrue();
    assertThat(Results.before(run, "none"))
        .contains(
            "holds against: whoever sees the model, the other clients" + pooled + "\n",
            "not against the coordinator, which sees " + seen + "\n");
    assertThat(HtmlReport.of(run))
        .contains(
            "<th scope=\"row\">The coordinator</th><td>none: it sees " + seen + "</td>",
            "Nothing bounds what the coordinator of this run learns: it sees " + seen + ".")
        .doesNotContain("coordinator's view");
  }

  /**
   * What each client hides by itself stays hidden whoever sees its update, and whoever colludes.
   */
  @ParameterizedTest
  @CsvSource({
    "sa1, local-gaussian, 1000",
    "insecure-plain-sum, local-gaussian, 1000",
    "insecure-plain-sum, local-laplace, 100000"
  })
  void noiseOfEachClientAlone_holdsAgainstTheCoordinatorToo(
      String suite, String mechanism, int epsilon) {
    RunRecord run = run(suite, "privacy.mechanism=" + mechanism, "privacy.epsilon=" + epsilon);

    assertThat(run.privacy().orElseThrow().rows().coordinator()).hasValue(4);
    assertThat(run.rounds())
        .extracting(RoundLine::coordinatorEpsilon)
        .containsExactly(Optional.of(2.0), Optional.of(4.0));
    assertThat(Results.before(run, "none"))
        .contains(
            "noise made by the clients\n",
            "holds against: whoever sees the model, the other clients, this coordinator\n")
        .doesNotContain("not against", "colluding");
    assertThat(HtmlReport.of(run)).doesNotContain("Nothing bounds what the coordinator");
  }

  @Test
  void postQuantum_isSaidWhereverTheSumIsDescribed() {
    RunRecord run = run(Sa1.POST_QUANTUM);
    String words = "masked with X25519 and ML-KEM-768 (sa1-mlkem768)";
    assertThat(run.sum()).contains(words);
    assertThat(ResultJson.of(run, 1).get("sum").asText()).contains(words);
    assertThat(HtmlReport.of(run)).contains(words);
    assertThat(run(Sa1.ID).sum()).startsWith("masked, any coordinator").doesNotContain("ML-KEM");
  }

  @Test
  void colluders_areThoseOfTheJob() {
    RunRecord run = run(Sa1.ID, "privacy.colluders=3");

    assertThat(ResultJson.of(run, 1).get("colluders").asInt()).isEqualTo(3);
    assertThat(Results.before(run, "none")).contains("the other clients (up to 3 colluding)");
    assertThat(HtmlReport.of(run)).contains("Other members of a round, up to 3 colluding");
    assertThat(Results.before(run, "none"))
        .as("the sum holds against more than the noise does")
        .contains("fewer than 34 corrupt members of a round");
  }

  @Test
  void statistics_areSaidWhereThereWereAny() {
    RunRecord learned = RunRecords.plainRun();
    String words = "mean and deviation of 4 numeric columns, from a sum over 11 of 12 clients";
    assertThat(HtmlReport.of(learned)).contains(words);
    assertThat(Results.after(learned, 1, List.of())).contains("statistics  " + words);
    assertThat(ResultJson.of(learned, 1).get("statistics").toString())
        .isEqualTo("{\"columns\":4,\"survivors\":11,\"dropouts\":1}");
    RunRecord none = run(Sa1.ID);
    assertThat(HtmlReport.of(none)).doesNotContain("standardise with");
    assertThat(Results.after(none, 1, List.of())).doesNotContain("statistics");
    assertThat(ResultJson.of(none, 1).get("statistics").isNull()).isTrue();
  }

  /** Rounds that released nothing cost 0, which a job without privacy must not show as a bound. */
  @Test
  void jobWithoutPrivacy_hasNoEpsilonInItsTables() {
    RunRecord run = run(Sa1.ID, "privacy={mechanism: none}");
    assertThat(run.rounds()).allMatch(round -> round.releasedEpsilon().isEmpty());
    assertThat(RoundsCsv.of(run)).contains("\n1,\"completed\",100,95,5,2,,,");
    assertThat(ResultJson.of(run, 1).get("epsilon").isNull()).isTrue();
  }

  /** A model that left the finite numbers has no loss that a table or drawing could hold. */
  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void lossThatIsNoNumber_isLeftOut(double loss) {
    Guarantee none = new Guarantee(0, 0, Unit.USER, Relation.ZERO_OUT, "none", 1);
    RoundReport report =
        new RoundReport(
            1,
            1,
            RoundReport.Outcome.COMMITTED,
            "",
            "",
            10,
            10,
            new TreeMap<>(),
            new TreeMap<>(),
            none,
            none,
            null,
            new Metrics(4, loss, 1),
            null,
            List.of(),
            List.of(),
            Instant.EPOCH,
            Instant.EPOCH,
            null);
    assertThat(Records.line(report, 0).loss()).isEmpty();
    assertThat(Records.line(report, 0).accuracy()).contains(0.25);
  }

  private static RunRecord run(String suite, String... overrides) {
    Job job = JobFile.read(JOB, List.of(overrides));
    Records.Setting setting =
        new Records.Setting(false, true, 1000, "fashion-mnist-12k", 2000, "java", suite);
    List<RoundLine> rounds = RunRecords.privateRun(4).rounds();
    return Records.run(
        job,
        setting,
        Optional.empty(),
        List.of(rounds.get(0), rounds.get(3)),
        FaultTimeline.NONE,
        "0".repeat(64),
        Optional.empty());
  }
}
