package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.nn.ModelFile;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole simulations through the command line. */
class SimulateTest {
  private static final String DIGITS = "../examples/digits.yaml";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void simulate_twiceWithOneSeed_writesTheSameBytes(boolean fast) throws IOException {
    Path one = run("one", fast, 7, "--threads", "1");
    Path two = run("two", fast, 7, "--threads", "3");
    assertThat(files(one))
        .containsOnlyKeys(
            "curves/accuracy.png",
            "curves/accuracy.svg",
            "curves/loss.png",
            "curves/loss.svg",
            "curves/survivors.png",
            "curves/survivors.svg",
            "faults.csv",
            "job.yaml",
            "ledger.json",
            "model.card.json",
            "model.safetensors",
            "report.html",
            "rounds.csv",
            "tensorboard/events.out.tfevents.0.tributary");
    assertThat(files(two)).isEqualTo(files(one));
    assertThat(files(run("three", fast, 8)).get("model.safetensors"))
        .isNotEqualTo(files(one).get("model.safetensors"));
  }

  /** Dropouts at every phase: up to the input a client is in neither sum, after it in both. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void simulate_fastAndFull_giveBitIdenticalModels(long seed) throws IOException {
    Path fast = run("fast", true, seed, "--faults", "0.08");
    Path full = run("full", false, seed, "--faults", "0.08");
    assertThat(files(full).get("model.safetensors"))
        .as("seed %d", seed)
        .isEqualTo(files(fast).get("model.safetensors"));
    assertThat(files(full).get("rounds.csv"))
        .as("seed %d: nobody is lost for a reason of one suite alone", seed)
        .doesNotContain("aborted")
        .isNotEqualTo(files(fast).get("rounds.csv"));
  }

  /** Masks of ML-KEM-768 and X25519 cancel like others, with dropouts at every phase. */
  @Test
  void simulate_postQuantum_givesTheSameModel() throws IOException {
    String suite = "secureAggregation.suite=sa1-mlkem768";
    Path without = run("without", false, 1, "--faults", "0.08");
    Path with = run("with", false, 1, "--faults", "0.08", "--set", suite);
    assertThat(files(with).get("model.safetensors"))
        .isEqualTo(files(without).get("model.safetensors"));
    assertThat(Files.readString(with.resolve("model.card.json")))
        .contains("masked with X25519 and ML-KEM-768 (sa1-mlkem768)");
    assertThat(Files.readString(without.resolve("model.card.json"))).doesNotContain("ML-KEM");
  }

  /** Correlated noise through the deployed code: one epsilon from the first round to the last. */
  @ParameterizedTest
  @ValueSource(strings = {"central-tree", "central-banded", "central-blt"})
  void simulate_correlatedNoise_isChargedOnce_andFastAndFullAgree(String mechanism)
      throws IOException {
    String[] more = {
      "--set",
      "privacy={mechanism: " + mechanism + ", epsilon: 4, delta: 1e-5, clipNorm: 0.3}",
      "--rounds",
      "3",
      "--set",
      "training.engine=java",
      "--set",
      "cohort.size=20",
      "--set",
      "cohort.minimum=16",
      "--set",
      "simulation.data.partition.iid.clients=100",
    };
    Path fast = run("../examples/fashion-private.yaml", "fast", true, 3, more);
    Path full = run("../examples/fashion-private.yaml", "full", false, 3, more);
    assertThat(files(full).get("model.safetensors"))
        .isEqualTo(files(fast).get("model.safetensors"));
    assertThat(coordinatorEpsilons(full)).isEqualTo(List.of("", "", ""));
    assertThat(Files.readString(full.resolve("rounds.csv")).lines().skip(1))
        .hasSize(3)
        .allMatch(line -> line.matches("[0-9]+,\"completed\",20,.*"))
        .extracting(line -> line.split(",", -1)[6])
        .allMatch(epsilon -> epsilon.startsWith("3.99") || epsilon.startsWith("4.00"))
        .containsOnly(
            Files.readString(fast.resolve("rounds.csv"))
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow()
                .split(",", -1)[6]);
  }

  /** Cohorts drawn by coins: amplified for whoever sees models alone, and for nobody else. */
  @Test
  void simulate_sampledCohorts_areChargedAsDrawn_andFastAndFullAgree() throws IOException {
    String[] more = {
      "--set",
      "privacy={mechanism: central-gaussian, relation: replace-one, epsilon: 4, delta: 1e-5,"
          + " clipNorm: 0.3}",
      "--set",
      "cohort={size: 20, minimum: 16, sampling: fixed-size}",
      "--rounds",
      "4",
      "--set",
      "training.engine=java",
      "--set",
      "simulation.data.partition.iid.clients=100",
      "--json",
      folder.resolve("result.json").toString()
    };
    Path fast = run("../examples/fashion-private.yaml", "fast", true, 3, more);
    Path full = run("../examples/fashion-private.yaml", "full", false, 3, more);
    assertThat(files(full).get("model.safetensors"))
        .isEqualTo(files(fast).get("model.safetensors"));
    assertThat(coordinatorEpsilons(full)).isEqualTo(List.of("", "", "", ""));
    JsonNode result = new ObjectMapper().readTree(folder.resolve("result.json").toFile());
    assertThat(result.get("epsilon")).isEqualTo(result.get("outsider"));
    assertThat(result.get("outsider").asDouble()).isBetween(3.9, 4.0);
    assertThat(result.get("cohort").asDouble()).isGreaterThan(1.5 * 4);
    assertThat(result.get("coordinator").isNull()).isTrue();
    JsonNode ledger = new ObjectMapper().readTree(full.resolve("ledger.json").toFile());
    List<String> reserved =
        Stream.of(ledger.toString().split("\"reserved "))
            .skip(1)
            .map(text -> URLDecoder.decode(text.split("\"")[0], StandardCharsets.UTF_8))
            .toList();
    assertThat(reserved).hasSize(4);
    for (int round = 1; round <= 4; round++) {
      assertThat(reserved.get(round - 1))
          .contains("event=fixed-size(population=100,sample=20,floor=16,event=discrete-gaussian(")
          .endsWith(" participations=" + round);
    }
    CommandRun report = CommandRun.of("privacy", "report", full.toString());
    assertThat(report.out())
        .contains("event      fixed-size, noise multiplier")
        .containsPattern("outsider +" + number(result, "outsider"))
        .containsPattern("cohort member +" + number(result, "cohort"))
        .containsPattern("coordinator +none");
    assertThat(Files.readString(full.resolve("report.html")))
        .contains("every round asks 20 of 100 clients, each choice equally likely")
        .contains("Sampling helps against nobody who learns who was in a round")
        .doesNotContain("no amplification is claimed");
  }

  private static String number(JsonNode result, String name) {
    return String.format(Locale.ROOT, "%.6g", result.get(name).asDouble()).replace(".", "[.]");
  }

  /** Clients say whether they were within the clip, which moves: through the deployed code. */
  @Test
  void simulate_adaptiveClip_keepsTheBudget_andFastAndFullAgree() throws IOException {
    String[] more = {
      "--set",
      "privacy.adaptiveClip={bitNoise: 4, quantile: 0.6}",
      "--rounds",
      "3",
      "--set",
      "training.engine=java",
      "--set",
      "cohort.size=20",
      "--set",
      "cohort.minimum=16",
      "--set",
      "simulation.data.partition.iid.clients=100",
      "--json",
      folder.resolve("result.json").toString()
    };
    Path fast = run("../examples/fashion-private.yaml", "fast", true, 3, more);
    Path full = run("../examples/fashion-private.yaml", "full", false, 3, more);
    assertThat(files(full).get("model.safetensors"))
        .isEqualTo(files(fast).get("model.safetensors"));
    assertThat(Files.readString(full.resolve("rounds.csv")).lines().skip(1))
        .hasSize(3)
        .allMatch(line -> line.matches("[0-9]+,\"completed\",20,.*"));
    List<Double> norms = new ArrayList<>();
    new ObjectMapper()
        .readTree(folder.resolve("result.json").toFile())
        .get("clipNorms")
        .forEach(norm -> norms.add(norm.asDouble()));
    assertThat(norms).hasSize(3).doesNotHaveDuplicates().startsWith(0.3);
    List<String> csv = Files.readAllLines(full.resolve("rounds.csv"));
    int column = List.of(csv.get(0).split(",")).indexOf("clip_norm");
    for (int round = 1; round <= 3; round++) {
      assertThat(Double.parseDouble(csv.get(round).split(",")[column]))
          .isCloseTo(norms.get(round - 1), within(1e-6));
    }
    assertThat(Files.readString(full.resolve("report.html")))
        .contains("Clip norm of the updates", "at first, then as drawn above");
  }

  /** Every mechanism whose noise clients make, from the job file to the report. */
  @ParameterizedTest
  @CsvSource({
    "distributed-discrete-gaussian, 4, false",
    "distributed-skellam, 4, false",
    "local-gaussian, 1000, true",
    "local-laplace, 100000, true"
  })
  void simulate_private_fastAndFull_giveBitIdenticalModels(
      String mechanism, String epsilon, boolean alone) throws IOException {
    String[] more = {
      "--set",
      "privacy.mechanism=" + mechanism,
      "--set",
      "privacy.epsilon=" + epsilon,
      "--rounds",
      "2",
      "--set",
      "training.engine=java",
      "--set",
      "cohort.size=20",
      "--set",
      "cohort.minimum=16",
      "--set",
      "simulation.data.partition.iid.clients=100",
    };
    Path fast = run("../examples/fashion-private.yaml", "fast", true, 3, more);
    Path full = run("../examples/fashion-private.yaml", "full", false, 3, more);
    assertThat(files(full).get("model.safetensors"))
        .isEqualTo(files(fast).get("model.safetensors"));
    // What differs is what is claimed: a plain sum shows the coordinator single updates.
    assertThat(coordinatorEpsilons(full)).hasSize(2).doesNotContain("");
    assertThat(coordinatorEpsilons(fast))
        .isEqualTo(alone ? coordinatorEpsilons(full) : List.of("", ""));
  }

  /** The ring lattice, from the job file through the coordinator to 300 clients and back. */
  @Test
  void simulate_300InCuriousMode_runOnTheLattice_andGiveTheModelOfThePlainSum() throws IOException {
    sparse(300, 250, "curious");
  }

  /** The neighbours that clients choose, in the same way; takes a minute of processor time. */
  @Test
  @Tag("nightly")
  void simulate_1030InMaliciousMode_chooseNeighbours_andGiveTheModelOfThePlainSum()
      throws IOException {
    sparse(1030, 900, "malicious");
  }

  private void sparse(int clients, int minimum, String mode) throws IOException {
    String[] more = {
      "--rounds",
      "1",
      "--faults",
      "0.05",
      "--set",
      "cohort={size: " + clients + ", minimum: " + minimum + "}",
      "--set",
      "secureAggregation={suite: sa1, mode: "
          + mode
          + ", corruptFraction: 0.05, dropoutFraction: 0.1}",
      "--set",
      "simulation.data.partition={iid: {clients: " + clients + "}}"
    };
    Path full = run(DIGITS, "full", false, 2, more);
    assertThat(Files.readString(full.resolve("rounds.csv")))
        .contains("1,\"completed\"," + clients + ",");
    Path fast = run(DIGITS, "fast", true, 2, more);
    assertThat(files(full).get("model.safetensors"))
        .isEqualTo(files(fast).get("model.safetensors"));
  }

  /** Options of training and metrics by name, from the job file to the clients and the table. */
  @Test
  void simulate_withTrainingOptions_trainsByThemAndReportsMetrics() throws IOException {
    String[] options = {
      "--set", "training.optimizer={adagrad: {learningRate: 0.05}}",
      "--set", "training.method={prox: {mu: 0.1}}",
      "--set", "training.schedule={linear: {from: 0.5}}",
      "--set", "training.gradientClip=1",
      "--set", "evaluation.metrics=[accuracy, f1, top_3]"
    };
    Path with = run("with", true, 4, options);
    options[3] = "training.method=sgd";
    Path without = run("without", true, 4, options);
    assertThat(files(with).get("model.safetensors"))
        .isNotEqualTo(files(without).get("model.safetensors"));
    List<String> lines = Files.readAllLines(with.resolve("rounds.csv"));
    List<String> names = List.of(lines.get(0).split(","));
    String[] last = lines.get(3).split(",");
    double f1 = Double.parseDouble(last[names.indexOf("f1")]);
    double top3 = Double.parseDouble(last[names.indexOf("top_3")]);
    assertThat(f1).isBetween(0.05, 1.0);
    assertThat(top3).isBetween(Double.parseDouble(last[names.indexOf("accuracy")]), 1.0);
  }

  /** Clients that hide single examples: the same model by both sums, and a promise of its own. */
  @Test
  void simulate_withExamplePrivacy_fastAndFull_giveBitIdenticalModels() throws IOException {
    Path file = folder.resolve("examples.json");
    String[] options = {
      "--set",
      "training.examplePrivacy={clipNorm: 1, noiseMultiplier: 2, epsilon: 20}",
      "--json",
      file.toString()
    };
    Path fast = run("fast", true, 3, options);
    Path full = run("full", false, 3, options);
    assertThat(files(full).get("model.safetensors"))
        .isEqualTo(files(fast).get("model.safetensors"))
        .isNotEqualTo(files(run("plain", true, 3)).get("model.safetensors"));
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertThat(json.get("exampleEpsilon").asDouble()).isEqualTo(20);
    assertThat(json.get("exampleDelta").asDouble()).isEqualTo(1e-5);
    assertThat(json.get("epsilon").isNull()).isTrue();
  }

  private static List<String> coordinatorEpsilons(Path directory) throws IOException {
    List<String> lines = Files.readAllLines(directory.resolve("rounds.csv"));
    int column = List.of(lines.get(0).split(",")).indexOf("epsilon_coordinator");
    return lines.stream().skip(1).map(line -> line.split(",")[column]).toList();
  }

  /**
   * Only the trainable tensors are the update; those that are frozen are after every run the same.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void simulate_withFrozenParts_movesTheOthersAlone(boolean fast) {
    String[] frozen = {
      "--set",
      "model.layers=[{dense: {units: 12, activation: relu}}, {dense: {units: 10, activation:"
          + " softmax}}]",
      "--set",
      "model.trainable=[layers.1.weight, '*.1.bias']",
    };
    ModelFile one =
        ModelFile.read(run(DIGITS, "f1", fast, 5, more(frozen, "1")).resolve("model.safetensors"));
    ModelFile two =
        ModelFile.read(run(DIGITS, "f2", fast, 5, more(frozen, "3")).resolve("model.safetensors"));
    assertThat(two.spec().trainable().size()).isEqualTo(12 * 10 + 10);
    int first = 64 * 12 + 12;
    assertThat(Arrays.copyOf(two.parameters(), first))
        .isEqualTo(Arrays.copyOf(one.parameters(), first));
    assertThat(two.spec().trainable().gather(two.parameters()))
        .isNotEqualTo(one.spec().trainable().gather(one.parameters()));
  }

  private static String[] more(String[] some, String rounds) {
    String[] all = Arrays.copyOf(some, some.length + 2);
    all[some.length] = "--rounds";
    all[some.length + 1] = rounds;
    return all;
  }

  @Test
  void json_hasEveryFieldOfItsPage_andTheModelsDigest() throws Exception {
    Path file = folder.resolve("result.json");
    Path out =
        run(
            "../examples/vowel-by-speaker.yaml",
            "json",
            true,
            1,
            "--rounds",
            "3",
            "--json",
            file.toString());
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    String page = Files.readString(Path.of("..", "docs", "result-json.md"));
    json.fieldNames().forEachRemaining(name -> assertThat(page).contains("| `" + name + "` |"));
    assertThat(page.lines().filter(line -> line.startsWith("| `")).count()).isEqualTo(json.size());
    assertThat(json.get("completedRounds").asInt() + json.get("abortedRounds").asInt())
        .isEqualTo(3);
    assertThat(json.get("survivors").asInt() + json.get("dropouts").asInt()).isEqualTo(45);
    byte[] digest =
        java.security.MessageDigest.getInstance("SHA-256")
            .digest(Files.readAllBytes(out.resolve("model.safetensors")));
    assertThat(json.get("modelSha256").asText())
        .isEqualTo(java.util.HexFormat.of().formatHex(digest));
  }

  /** The message names the key that lets the fewest clients go. */
  @ParameterizedTest
  @CsvSource({"0.2, lower cohort.minimum", "0.1, lets 3 of 30 clients go (cohort.minimum lets 6)"})
  void simulate_everybodyDropsOut_failsAndSaysSo(String fraction, String words) {
    CommandRun run =
        CommandRun.of(
            "simulate",
            DIGITS,
            "--fast",
            "--rounds",
            "2",
            "--faults",
            "0.95",
            "--set",
            "secureAggregation.dropoutFraction=" + fraction,
            "--out",
            folder.resolve("lost").toString());
    assertThat(run.err()).contains(words);
    run.failedWith(dev.tributary.simulation.cli.ErrorCode.NO_ROUND_COMPLETED);
    assertThat(folder.resolve("lost/report.html")).exists();
  }

  /** Nobody drops out: they train for longer than a round lasts. */
  @Test
  void simulate_everybodyIsTooSlow_namesTheDeadline() {
    CommandRun run =
        CommandRun.of(
            "simulate",
            DIGITS,
            "--fast",
            "--rounds",
            "2",
            "--set",
            "simulation.trainingSeconds={constant: {seconds: 100}}",
            "--out",
            folder.resolve("slow").toString());
    run.failedWith(dev.tributary.simulation.cli.ErrorCode.NO_ROUND_COMPLETED);
    assertThat(run.err())
        .contains("NO_INPUT", "raise deadline")
        .doesNotContain("Let fewer clients drop out");
  }

  /** Files of an earlier run in the folder are not left beside those of this one. */
  @Test
  void simulate_intoAFolderOfAnotherRun_leavesNoneOfItsCurves() throws IOException {
    Path out = run("again", true, 1, "--set", "evaluation.metrics=[accuracy, f1]");
    assertThat(files(out)).containsKeys("curves/f1.svg", "curves/f1.png");
    run("again", true, 1);
    assertThat(files(out))
        .containsKey("curves/accuracy.svg")
        .doesNotContainKeys("curves/f1.svg", "curves/f1.png");
  }

  private Path run(String name, boolean fast, long seed, String... more) {
    return run(
        DIGITS,
        name,
        fast,
        seed,
        Stream.concat(Stream.of("--rounds", "3"), Stream.of(more)).toArray(String[]::new));
  }

  private Path run(String job, String name, boolean fast, long seed, String... more) {
    Path out = folder.resolve(name);
    Stream<String> fixed =
        Stream.of("simulate", job, "--seed", Long.toString(seed), "--out", out.toString());
    Stream<String> mode = fast ? Stream.of("--fast") : Stream.empty();
    CommandRun.of(Stream.concat(Stream.concat(fixed, mode), Stream.of(more)).toArray(String[]::new))
        .succeeded();
    return out;
  }

  private static Map<String, String> files(Path directory) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        contents.put(
            directory.relativize(file).toString().replace('\\', '/'),
            new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1));
      }
    }
    return contents;
  }
}
