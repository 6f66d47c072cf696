package dev.tributary.simulation.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Noise;
import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.cli.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole audits through the command line, of a small form of the white-box job. */
class AuditCommandTest {
  private static final String JOB = "../examples/audit-white-box.yaml";
  private static final List<String> SMALL =
      List.of(
          "--set",
          "cohort.size=100",
          "--set",
          "cohort.minimum=100",
          "--set",
          "simulation.data.partition.iid.clients=100");

  @TempDir private Path folder;

  private CommandRun audit(String name, String... more) {
    return auditOf(Path.of(JOB), name, more);
  }

  private CommandRun auditOf(Path job, String name, String... more) {
    List<String> words = new ArrayList<>(List.of("audit", job.toString()));
    words.addAll(SMALL);
    words.addAll(List.of("--out", folder.resolve(name).toString()));
    words.addAll(List.of("--json", folder.resolve(name + ".json").toString()));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray(String[]::new));
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name + ".json").toFile());
  }

  /** With a tenth of the noise every canary is told right, and the claim of 2 falls. */
  @Test
  void audit_withATenthOfTheNoise_refutesTheClaim() throws IOException {
    CommandRun run = audit("tenth", "--no-attacks", "--noise-factor", "0.1");
    assertThat(run.exit()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).contains("REFUTED", "only 0.1 of the declared noise");
    JsonNode json = json("tenth");
    assertThat(json.get("epsilonLowerBound").asDouble())
        .isGreaterThan(json.get("claimedEpsilon").asDouble());
    assertThat(json.get("refuted").asBoolean()).isTrue();
    assertThat(json.get("pValue").asDouble()).isLessThanOrEqualTo(0.05);
    assertThat(json.get("correct").asInt()).isEqualTo(json.get("guesses").asInt());
  }

  /** On one thread or three, an audit is the same. */
  @Test
  void audit_ofTheDeclaredNoise_refutesNothing_andRepeatsItself() throws IOException {
    CommandRun run = audit("one", "--no-attacks", "--runs", "2", "--threads", "1");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("not refuted, which is no proof");
    audit("two", "--no-attacks", "--runs", "2", "--threads", "3");
    assertThat(json("two")).isEqualTo(json("one"));
    assertThat(Files.readString(folder.resolve("two/audit.html")))
        .isEqualTo(Files.readString(folder.resolve("one/audit.html")));
    assertThat(json("one").get("canaries").asInt()).isEqualTo(200);
    assertThat(json("one").get("claimedEpsilon").asDouble()).isLessThanOrEqualTo(2);
  }

  /** What is audited with the plain sum is what the whole protocol does. */
  @Test
  void audit_masked_findsTheSame() throws IOException {
    String[] few = {
      "--no-attacks",
      "--set",
      "cohort.size=16",
      "--set",
      "cohort.minimum=16",
      "--set",
      "simulation.data.partition.iid.clients=16"
    };
    audit("plain", few).succeeded();
    String[] masked = Arrays.copyOf(few, few.length + 1);
    masked[few.length] = "--masked";
    audit("masked", masked).succeeded();
    assertThat(json("masked")).isEqualTo(json("plain"));
  }

  @Test
  void audit_withAttacks_writesTableJsonAndPage() throws IOException {
    CommandRun run = audit("whole", "--set", "rounds=1");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("what an attacker gets from", "membership: AUC by loss");
    JsonNode json = json("whole");
    String page = Files.readString(Path.of("../docs/audit.md"));
    json.fieldNames().forEachRemaining(name -> assertThat(page).contains("| `" + name + "` |"));
    JsonNode alone = row(json, "rows recovered, clients with one row");
    assertThat(alone.get("updates").asDouble()).isGreaterThan(0.95);
    assertThat(alone.get("sums").asDouble()).isLessThan(0.05);
    assertThat(alone.get("job").asDouble()).isLessThan(0.05);
    JsonNode membership = row(json, "AUC by loss");
    assertThat(membership.get("updates").asDouble())
        .isGreaterThan(membership.get("job").asDouble());
    assertThat(Files.readString(folder.resolve("whole/audit.html")))
        .contains("What an attacker gets", "from this job", "What this rests on")
        .doesNotContain("<script", "http://", "https://", "url(", "NaN", "Infinity");
  }

  private static JsonNode row(JsonNode json, String measure) {
    for (JsonNode row : json.get("attacks")) {
      if (row.get("measure").asText().equals(measure)) {
        return row;
      }
    }
    throw new AssertionError(measure + " is not in " + json);
  }

  /** Some clients can be canaries, others train; those that drop out do not hurt. */
  @ParameterizedTest
  @ValueSource(strings = {"local-gaussian", "central-gaussian", "central-banded"})
  void audit_ofOtherMechanisms_refutesNothing(String mechanism) throws IOException {
    CommandRun run =
        audit(
            mechanism,
            "--no-attacks",
            "--canaries",
            "60",
            "--faults",
            "0.05",
            "--set",
            "cohort.minimum=85",
            "--set",
            "cohort.schedule.participations=2",
            "--rounds",
            "2",
            "--set",
            "privacy.mechanism=" + mechanism,
            "--set",
            "privacy.colluders=0");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(json(mechanism).get("canaries").asInt()).isBetween(50, 60);
    assertThat(json(mechanism).get("claimedEpsilon").isNull()).isFalse();
  }

  /** Without noise every guess is right, and nothing is claimed that could be refuted. */
  @Test
  void audit_withoutPrivacy_tellsEveryCanary() {
    CommandRun run =
        CommandRun.of(
            "audit",
            "../examples/digits.yaml",
            "--no-attacks",
            "--rounds",
            "2",
            "--out",
            folder.resolve("none").toString());
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("claimed     nothing")
        .containsPattern("([0-9]+) guesses, \\1 of them right")
        .doesNotContain("verdict");
  }

  @Test
  void audit_ofReplacement_sendsTheOpposite_andRefutesTheDrillAlone() {
    String[] replace = {"--no-attacks", "--set", "privacy.relation=replace-one"};
    CommandRun declared = audit("replace", replace);
    assertThat(declared.exit()).as(declared.err()).isZero();
    assertThat(declared.out()).contains("or the opposite");
    CommandRun drill = audit("drill", replace[0], replace[1], replace[2], "--noise-factor", "0.1");
    assertThat(drill.exit()).as(drill.err()).isEqualTo(1);
  }

  /** The signal is as long as the clip norm of its round, which changes. */
  @Test
  void audit_ofAnAdaptiveClipNorm_refutesTheDrillAlone() throws IOException {
    String[] adaptive = {
      "--no-attacks",
      "--rounds=3",
      "--set=privacy.adaptiveClip.quantile=0.3",
      "--set=cohort.schedule.participations=3"
    };
    CommandRun declared = audit("adaptive", adaptive);
    assertThat(declared.exit()).as(declared.err()).isZero();
    CommandRun drill = audit("adaptive-drill", with(adaptive, "--noise-factor=0.1"));
    assertThat(drill.exit()).as(drill.err()).isEqualTo(1);
    assertThat(json("adaptive-drill").get("correct").asInt())
        .isEqualTo(json("adaptive-drill").get("guesses").asInt());
  }

  /** The claim counts on nobody knowing who was in a round, so the audit does not either. */
  @Test
  void audit_ofSampledCohorts_refutesTheDrillAlone() throws IOException {
    String[] sampled = {
      "--no-attacks",
      "--rounds=6",
      "--set=cohort.size=50",
      "--set=cohort.minimum=40",
      "--set=cohort.population=100",
      "--set=cohort.sampling=fixed-size",
      "--set=privacy.mechanism=central-gaussian",
      "--set=privacy.relation=zero-out",
      "--set=privacy.colluders=0"
    };
    String scheduled = ", schedule: {participations: 1, separation: 1}";
    String text = Files.readString(Path.of(JOB));
    assertThat(text).contains(scheduled);
    Path job = Files.writeString(folder.resolve("sampled.yaml"), text.replace(scheduled, ""));
    CommandRun declared = auditOf(job, "sampled", sampled);
    assertThat(declared.exit()).as(declared.err()).isZero();
    assertThat(json("sampled").get("canaries").asInt()).isEqualTo(100);
    CommandRun drill =
        auditOf(job, "sampled-drill", with(with(sampled, "--runs=5"), "--noise-factor=0.05"));
    assertThat(drill.exit()).as(drill.err()).isEqualTo(1);
  }

  private static String[] with(String[] words, String last) {
    String[] more = Arrays.copyOf(words, words.length + 1);
    more[words.length] = last;
    return more;
  }

  @Test
  void executedJob_keepsTheDeclaredNoise_unlessItIsADrill() {
    Job job = JobFile.read(Path.of(JOB), List.of());
    double declared = Noise.of(job).mechanism().noiseMultiplier();
    assertThat(Noise.of(CanaryAudit.executed(job, 1, 7)).mechanism().noiseMultiplier())
        .isEqualTo(declared);
    assertThat(Noise.of(CanaryAudit.executed(job, 0.5, 7)).mechanism().noiseMultiplier())
        .isEqualTo(declared / 2);
    assertThat(CanaryAudit.claim(job).epsilon()).hasValueCloseTo(2.0, within(1e-3));
  }

  @Test
  void audit_ofWhatCannotBe_isRefused() throws IOException {
    audit("a", "--canaries", "101").failedWith(ErrorCode.USAGE);
    audit("b", "--runs", "0").failedWith(ErrorCode.USAGE);
    audit("c", "--confidence", "0.5").failedWith(ErrorCode.USAGE);
    audit("d", "--noise-factor", "2").failedWith(ErrorCode.USAGE);
    audit("e", "--faults", "0.95", "--no-attacks", "--set", "cohort.minimum=90")
        .failedWith(ErrorCode.NO_ROUND_COMPLETED);
    Path live = folder.resolve("live.yaml");
    String text = Files.readString(Path.of(JOB));
    Files.writeString(live, text.substring(0, text.indexOf("simulation:")));
    CommandRun.of("audit", live.toString()).failedWith(ErrorCode.JOB_MISSING_KEY);
  }

  /** The drill belongs to the audit: nothing that trains can be told to draw less noise. */
  @Test
  void noiseFactor_isNoOptionOfACommandThatTrains() {
    for (String command : List.of("simulate " + JOB, "demo", "serve --job " + JOB)) {
      String[] words = (command + " --noise-factor=0.5").split(" ", -1);
      CommandRun run = CommandRun.of(words);
      run.failedWith(ErrorCode.USAGE);
      assertThat(run.err()).contains("--noise-factor");
    }
  }
}
