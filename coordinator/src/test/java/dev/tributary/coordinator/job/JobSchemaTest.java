package dev.tributary.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Holds the published schema and page to the code that reads job files, in both directions. */
class JobSchemaTest {
  private static final Path DOCS = Path.of("..", "docs");

  private static final String ADAM = "adam: {learningRate: 1}";

  /** Between them these ask for every key that the code knows. */
  private static final List<List<String>> FILES =
      List.of(
          List.of(),
          List.of(
              "model.layers=[{rescaling: {scale: 2}}, {conv2d: {filters: 4, kernelSize: [3, 3]}},"
                  + " {max_pooling2d: {strides: 1}}, average_pooling2d, {dropout: {rate: 0.1}},"
                  + " {activation: {activation: relu}}, global_average_pooling2d, {flatten: {}},"
                  + " {dense: {units: 10, activation: softmax}}]",
              "training.batchSize=2"),
          List.of(
              "model.input=[8, 8, 1]",
              "model.layers=[{conv2d_transpose: {filters: 4, kernelSize: 3}}, batch_normalization,"
                  + " {group_normalization: {groups: 2}}, layer_normalization, {residual: {layers:"
                  + " [layer_normalization]}}, flatten, {dense: {units: 10, activation: softmax}}]"),
          List.of(
              "model.input=[8, 4]",
              "model.layers=[{simple_rnn: {units: 4, returnSequences: true}}, {lstm: {units: 4,"
                  + " returnSequences: true}}, positional_encoding, {multi_head_attention: {numHeads:"
                  + " 2}}, {gru: {units: 4}}, {dense: {units: 10, activation: softmax}}]"),
          List.of(
              "training.optimizer={" + ADAM + "}",
              "strategy={fedavg: {serverOptimizer: {adam: {learningRate: 1, decay: {linear: {}}}}}}",
              "simulation.data={idx: {images: a, labels: b}, partition: {shards: {clients: 1000}}}"),
          optimizer("nesterov", "{linear: {}}"),
          optimizer("adamw", "{cosine: {}}"),
          optimizer("rmsprop", "{staircase: {every: 2, factor: 0.5}}"),
          optimizer("adagrad", "linear"),
          List.of("training.method={prox: {mu: 1}}"),
          List.of("strategy={fedavgm: {decay: linear}}"),
          List.of("strategy={scaffold: {decay: linear}}"),
          List.of(
              "strategy={fedbn: {decay: linear}}",
              "model.layers=[flatten, {dense: {units: 4}}, layer_normalization, {dense: {units: 10,"
                  + " activation: softmax}}]"),
          List.of("strategy={fedprox: {mu: 1, decay: linear}}"),
          List.of(
              "strategy={fednova: {maximumExamples: 10, decay: linear}}",
              "privacy={mechanism: none}"),
          List.of("strategy={fedadagrad: {learningRate: 1, decay: linear}}"),
          List.of("strategy={fedadam: {learningRate: 1, decay: linear}}"),
          List.of("strategy={fedyogi: {learningRate: 1, decay: linear}}"),
          List.of("training.method={sgd: {}}"),
          List.of("privacy.adaptiveClip={quantile: 0.6}"),
          List.of("evaluation.clients={}", "simulation.data.split=perClient"),
          List.of("training.examplePrivacy={clipNorm: 1, noiseMultiplier: 1.1, epsilon: 8}"),
          List.of(
              "simulation.data={csv: {file: a, label: b}, partition: {dirichlet: {clients: 1000,"
                  + " alpha: 1}}}"),
          List.of("model.trainable=['*.bias']"),
          List.of("simulation.data.partition={byColumn: {column: speaker}}"),
          List.of("simulation.faults.script=[{fault: drop, round: 1, client: 0}]"),
          List.of(
              "simulation.availability={random: {share: 1}}",
              "simulation.trainingSeconds={constant: {seconds: 1}}"),
          List.of(
              "simulation.availability={daily: {hours: 8}}",
              "simulation.trainingSeconds={uniform: {from: 1, to: 1}}"),
          List.of(
              "simulation.availability={trace: {file: a}}",
              "simulation.trainingSeconds={lognormal: {median: 1, sigma: 1}}"),
          List.of("simulation.availability={always: {}}"),
          data("arff: {file: a, label: b}", "labels: {clients: 1000}"),
          data("jsonl: {file: a, label: b}", "powerLaw: {clients: 1000}"),
          federated("csv"),
          federated("arff"),
          federated("jsonl"),
          data("jsonl: {file: a, label: b}", "drawn: {clients: 1000, rows: 10}"),
          data("leaf: {train: a}", "featureNoise: {clients: 1000, sigma: 1}"),
          data("cifar: {train: [a, b]}", "dirichletSizes: {clients: 1000, alpha: 1}"),
          data("npz: {file: a, client: who}", "byClient: {}"),
          data("text: {file: a}", "byClient: {}"),
          data("synthetic: {clients: 1000}", "byClient: {}"),
          List.of(
              "model.loss={sparse_categorical_crossentropy: {classWeights: [1, 2, 1, 1, 1, 1, 1, 1, 1, 1]}}"),
          List.of("model.loss={categorical_crossentropy: {labelSmoothing: 0.1}}"),
          List.of(
              "model.layers=[flatten, {dense: {units: 10, activation: sigmoid}}]",
              "model.loss={binary_crossentropy: {}}"),
          List.of("model.loss={squared_error: {}}"),
          List.of("model.loss={absolute_error: {}}"),
          List.of("model.loss={huber: {delta: 2}}"),
          List.of(
              "model.input=[8]",
              "model.layers=[{embedding: {inputDim: 9, outputDim: 2}}, {dense: {units: 9,"
                  + " activation: softmax}}]",
              "model.loss={next_token: {}}"));

  private static List<String> data(String rows, String partition) {
    return List.of("simulation.data={" + rows + ", partition: {" + partition + "}}");
  }

  private static List<String> federated(String format) {
    return List.of(
        "privacy={mechanism: none}",
        "simulation.data={"
            + format
            + ": {file: a, label: b, standardise: federated, maximumExamples: 9, ranges: [{from: 0,"
            + " to: 1}]}, partition: {iid: {clients: 1000}}}");
  }

  private static List<String> optimizer(String name, String schedule) {
    return List.of(
        "training.optimizer={" + name + ": {learningRate: 1}}",
        "training.schedule=" + schedule,
        "training.gradientClip=1",
        "strategy={fedavg: {serverOptimizer: {"
            + name
            + ": {learningRate: 1, decay: {linear: {}}}}}}");
  }

  @Test
  void schema_hasEveryKeyOfTheCodeAndNoOther() throws IOException {
    assertThat(keysOfTheSchema()).isEqualTo(keysOfTheCode());
  }

  @Test
  void page_explainsEveryKeyOfTheSchema() throws IOException {
    String page = Files.readString(DOCS.resolve("job-file.md"));
    for (String key : keysOfTheSchema()) {
      assertThat(page).contains("| `" + key + "` |");
    }
    assertThat(page.lines().filter(line -> line.startsWith("| `") && line.contains("` | ")).count())
        .isGreaterThanOrEqualTo(keysOfTheSchema().size());
  }

  @Test
  void page_jobToStartFrom_isAccepted() throws IOException {
    String page = Files.readString(DOCS.resolve("job-file.md"));
    int start = page.indexOf("```yaml\n") + "```yaml\n".length();

    Job job =
        JobFile.parse("job-file.md", page.substring(start, page.indexOf("```", start)), List.of());

    assertThat(job.name()).isEqualTo("fashion-private");
  }

  @Test
  void schema_wordsOfAChoice_areThoseThatTheCodeTakes() throws IOException {
    JsonNode schema = schema();
    assertThat(schema.at("/properties/evaluation/properties/metrics/items/enum"))
        .extracting(JsonNode::asText)
        .contains("loss")
        .containsAll(
            java.util.Arrays.stream(dev.tributary.nn.metric.Metric.values())
                .map(dev.tributary.nn.metric.Metric::key)
                .toList());
    assertThat(
            schema.at("/properties/training/properties/optimizer/anyOf/0/properties").fieldNames())
        .toIterable()
        .containsExactly(TrainingReader.OPTIMIZERS);
    assertThat(schema.at("/properties/privacy/properties/mechanism/enum"))
        .extracting(JsonNode::asText)
        .containsExactlyElementsOf(Job.Privacy.MECHANISMS);
    assertThat(
            schema.at(
                "/properties/model/properties/layers/items/anyOf/1/properties/dense/properties"
                    + "/activation/enum"))
        .extracting(JsonNode::asText)
        .containsExactlyInAnyOrderElementsOf(
            java.util.Arrays.stream(dev.tributary.nn.Activation.values())
                .map(dev.tributary.nn.Activation::key)
                .toList());
  }

  /** {@code partition: byClient} for {@code partition: {byClient: {}}}, and all others like it. */
  @Test
  void schema_choicesThatNeedNoKeys_mayBeWrittenAsWords() throws IOException {
    SortedMap<String, Set<String>> missing = new TreeMap<>();
    wordless(schema(), "", missing);
    assertThat(missing).isEmpty();
  }

  private static void wordless(JsonNode node, String path, SortedMap<String, Set<String>> missing) {
    Set<String> words = new TreeSet<>();
    node.path("anyOf")
        .forEach(shape -> shape.path("enum").forEach(word -> words.add(word.asText())));
    for (JsonNode shape : node.path("anyOf")) {
      if (shape.path("maxProperties").asInt() == 1) {
        Set<String> free = new TreeSet<>();
        shape
            .get("properties")
            .fields()
            .forEachRemaining(
                choice -> {
                  if (!choice.getValue().has("required")) {
                    free.add(choice.getKey());
                  }
                });
        free.removeAll(words);
        if (!free.isEmpty()) {
          missing.put(path, free);
        }
      }
      wordless(shape, path, missing);
    }
    if (node.has("items")) {
      wordless(node.get("items"), path + "[]", missing);
    }
    node.path("properties")
        .fields()
        .forEachRemaining(
            property -> wordless(property.getValue(), path + "." + property.getKey(), missing));
  }

  /** The number next to each end of a range, outside of it; and each end that belongs to it. */
  @Test
  void schema_rangesOfNumbers_areThoseThatTheCodeKeeps() throws IOException {
    SortedMap<String, JsonNode> numbers = new TreeMap<>();
    numbers(schema(), "", numbers);
    Set<String> seen = new TreeSet<>();
    for (List<String> variant : FILES) {
      Set<String> asked = new TreeSet<>();
      JobFile.parse("all.yaml", JobFileTest.PRIVATE, variant, Path.of(""), asked::add);
      asked.retainAll(numbers.keySet());
      asked.removeAll(seen);
      seen.addAll(asked);
      for (String key : asked) {
        JsonNode range = numbers.get(key);
        boolean whole = range.get("type").asText().equals("integer");
        for (String end : List.of("minimum", "maximum")) {
          int out = end.equals("minimum") ? -1 : 1;
          if (range.has(end)) {
            double bound = range.get(end).asDouble();
            double beyond = whole ? bound + out : bound + out * Math.ulp(bound);
            assertThat(inRange(variant, key, bound)).as("%s at %s", key, bound).isTrue();
            assertThat(inRange(variant, key, beyond)).as("%s at %s", key, beyond).isFalse();
          }
          String open =
              "exclusive" + end.substring(0, 1).toUpperCase(Locale.ROOT) + end.substring(1);
          if (range.has(open)) {
            double bound = range.get(open).asDouble();
            assertThat(inRange(variant, key, bound)).as("%s at %s", key, bound).isFalse();
          }
        }
      }
    }
    assertThat(seen).hasSizeGreaterThan(40);
  }

  private static boolean inRange(List<String> variant, String key, double value) {
    List<String> overrides = new ArrayList<>(variant);
    overrides.add(key + "=" + new BigDecimal(value).toPlainString());
    try {
      JobFile.parse("all.yaml", JobFileTest.PRIVATE, overrides, Path.of(""), asked -> {});
      return true;
    } catch (JobFileException e) {
      // Combinations may refuse a number too, in other words.
      return e.problems().stream()
          .noneMatch(
              problem ->
                  problem.key().equals(key)
                      && problem.code().equals("job-out-of-range")
                      && problem.rule().startsWith("must be "));
    }
  }

  /** Every number of the schema but those inside lists, and but seeds, which have no upper end. */
  private static void numbers(JsonNode node, String path, SortedMap<String, JsonNode> found) {
    for (JsonNode shape : node.path("anyOf")) {
      numbers(shape, path, found);
    }
    node.path("properties")
        .fields()
        .forEachRemaining(
            property -> {
              String key = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
              String type = property.getValue().path("type").asText();
              if ((type.equals("number") || type.equals("integer")) && !key.endsWith(".seed")) {
                found.put(key, property.getValue());
              }
              numbers(property.getValue(), key, found);
            });
  }

  private static SortedSet<String> keysOfTheCode() {
    SortedSet<String> keys = new TreeSet<>();
    for (List<String> overrides : FILES) {
      JobFile.parse("all.yaml", JobFileTest.PRIVATE, overrides, Path.of(""), keys::add);
      // Inside a residual stand the same layers again.
      keys.removeIf(key -> key.matches(".*residual\\.(layers|shortcut)\\[].*"));
    }
    return keys;
  }

  private static SortedSet<String> keysOfTheSchema() throws IOException {
    SortedSet<String> keys = new TreeSet<>();
    collect(schema(), "", keys);
    return keys;
  }

  private static void collect(JsonNode node, String path, SortedSet<String> keys) {
    for (JsonNode shape : node.path("anyOf")) {
      collect(shape, path, keys);
    }
    if (node.has("items")) {
      collect(node.get("items"), path + "[]", keys);
    }
    node.path("properties")
        .fields()
        .forEachRemaining(
            property -> {
              String key = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
              keys.add(key);
              collect(property.getValue(), key, keys);
            });
  }

  private static JsonNode schema() throws IOException {
    return new ObjectMapper().readTree(DOCS.resolve("job-file.schema.json").toFile());
  }
}
