package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.client.Policy;
import dev.tributary.coordinator.RoundTimes;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Step;
import dev.tributary.simulation.CommandRun;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tributary job explain}: what it says is what the code does. */
class JobExplainCommandTest {
  private static final String JOB = "../examples/fashion-private.yaml";

  private static Map<String, RoundTimes> times(String deadline) {
    return RoundTimes.of(JobFile.read(Path.of(JOB), List.of("deadline=" + deadline))).stream()
        .collect(Collectors.toMap(RoundTimes::what, Function.identity()));
  }

  private static Duration constant(String type, String name) throws ReflectiveOperationException {
    Field field = Class.forName(type).getDeclaredField(name);
    field.setAccessible(true);
    return (Duration) field.get(null);
  }

  @Test
  void times_thatFollowFromTheDeadline_scaleWithIt_andNoOthersDo() {
    Map<String, RoundTimes> one = times("100s");
    Map<String, RoundTimes> three = times("300s");
    assertThat(three.keySet()).isEqualTo(one.keySet());
    one.forEach(
        (what, time) ->
            assertThat(three.get(what).time())
                .as(what)
                .isEqualTo(time.fromDeadline() ? time.time().multipliedBy(3) : time.time()));
    var job = JobFile.read(Path.of(JOB), List.of());
    Sa1 suite = Sa1.of(job.secureAggregation().suite());
    double used = 0;
    for (Step step : suite.steps(new Planner(job, suite.id()).sum())) {
      used += step.share();
      assertThat(one.get("step " + step.name()).time())
          .isEqualTo(Duration.ofMillis(Math.round(used * 100_000)));
    }
    assertThat(one.get("round").time()).isEqualTo(Duration.ofSeconds(100));
  }

  @Test
  void timesOfClients_areThoseOfTheSdk() throws ReflectiveOperationException {
    Map<String, Duration> said =
        JobExplainCommand.CLIENT.stream()
            .collect(
                Collectors.toMap(
                    JobExplainCommand.ClientTime::what, JobExplainCommand.ClientTime::time));
    assertThat(said)
        .containsEntry("poll asked", constant("dev.tributary.client.LongPoll", "LONGEST"))
        .containsEntry("poll least", constant("dev.tributary.client.LongPoll", "SHORTEST"))
        .containsEntry("first retry", constant("dev.tributary.client.Backoff", "FIRST_CEILING"))
        .containsEntry("last retry", constant("dev.tributary.client.Backoff", "LAST_CEILING"))
        .containsEntry("deadline", longest())
        .hasSize(5);
    assertThat(said.get("poll asked")).isLessThan(times("1s").get("poll held").time());
  }

  @Test
  void filesThatAreNotThere_areNamed_andWhatComesBeforeTheFirstRound(@TempDir Path folder)
      throws IOException {
    Files.writeString(folder.resolve("people.csv"), "x,y\n1,0\n");
    Path job =
        Files.writeString(
            folder.resolve("job.yaml"), Files.readString(Path.of("../examples/digits.yaml")));
    String data =
        "simulation.data={csv: {file: people.csv, label: y, test: gone.csv%s}, partition: {iid:"
            + " {clients: 100}}}";
    CommandRun run = explain(job, data.formatted(""));
    assertThat(run.out()).contains("gone.csv is not there").doesNotContain("people.csv");
    Files.writeString(folder.resolve("gone.csv"), "x,y\n1,0\n");
    assertThat(explain(job, data.formatted("")).out()).doesNotContain("Simulated:");
    assertThat(
            explain(job, data.formatted(", standardise: federated, ranges: [{from: 0, to: 1}]"))
                .out())
        .contains("one round of all clients comes before the first");
    String leaf =
        "simulation.data={leaf: {train: [a, b], test: c}, partition: {iid: {clients: 100}}}";
    assertThat(explain(job, leaf).out().lines().filter(line -> line.contains("is not there")))
        .hasSize(3);
  }

  private static CommandRun explain(Path job, String data) {
    CommandRun run =
        CommandRun.of(
            "job", "explain", job.toString(), "--set", data, "--set", "privacy={mechanism: none}");
    run.succeeded();
    return run;
  }

  private static Duration longest() throws ReflectiveOperationException {
    Field field = Policy.class.getDeclaredField("maximumDeadline");
    field.setAccessible(true);
    return (Duration) field.get(Policy.atLeast());
  }

  @Test
  void explain_printsEachStepOfTheJob() {
    CommandRun run = CommandRun.of("job", "explain", JOB, "--set", "deadline=40s").succeeded();
    assertThat(run.out())
        .contains("deadline 40.000 s")
        .containsPattern("\\* round +40\\.000 s")
        .containsPattern("poll held +30\\.000 s");
    CommandRun.of("job", "explain", "nothing.yaml").failedWith(ErrorCode.JOB_UNREADABLE);
  }
}
