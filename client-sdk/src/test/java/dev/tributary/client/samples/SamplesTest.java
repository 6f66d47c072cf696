package dev.tributary.client.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.client.ClientException;
import dev.tributary.client.Cohort;
import dev.tributary.client.NnTrainer;
import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import dev.tributary.nn.Evaluation;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.plan.TrainingTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplesTest {
  private static final Path SOURCES = Path.of("src/test/java/dev/tributary/client/samples");

  @TempDir Path directory;

  @Test
  void sample_isShorterThanSixtyLines() throws IOException {
    assertThat(Files.readAllLines(SOURCES.resolve("SampleApp.java"))).hasSizeLessThan(60);
  }

  /** Every piece of Java in the documents is a piece of a class that was compiled with this one. */
  @ParameterizedTest
  @ValueSource(strings = {"../docs/sdk.md", "../README.md"})
  void documentation_showsCompiledLines(String file) throws IOException {
    String page = Files.readString(Path.of(file));
    Matcher blocks = Pattern.compile("(?ms)^```java\\n(.*?)^```").matcher(page);
    List<String> compiled = new ArrayList<>();
    for (String source : List.of("SampleApp.java", "SampleCalls.java", "PlainJavaTrainer.java")) {
      Matcher tags =
          Pattern.compile("tag::([a-z-]+)\\[\\]")
              .matcher(Files.readString(SOURCES.resolve(source)));
      while (tags.find()) {
        compiled.add(tagged(source, tags.group(1)).stripTrailing() + "\n");
      }
    }
    int count = 0;
    while (blocks.find()) {
      assertThat(compiled).as("a piece of Java in %s", file).contains(blocks.group(1));
      count++;
    }
    assertThat(count).isPositive();
  }

  @Test
  void documentation_hasAWorkingDependency() throws IOException {
    String page = Files.readString(Path.of("../docs/sdk.md"));
    assertThat(page)
        .contains(
            "<groupId>dev.tributary</groupId>\n"
                + "  <artifactId>tributary-client-sdk</artifactId>\n"
                + "  <version>"
                + version()
                + "</version>")
        .contains("dev.tributary:tributary-client-sdk:" + version());
  }

  private static String version() throws IOException {
    Matcher version =
        Pattern.compile("<version>(.*?)</version>")
            .matcher(Files.readString(Path.of("../bom/pom.xml")));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }

  @Test
  void documentation_namesEveryCode() throws IOException {
    String page = Files.readString(Path.of("../docs/sdk.md"));
    for (ClientException.Code code : ClientException.Code.values()) {
      assertThat(page).contains("| `" + code.text() + "` |");
    }
    Pattern refusal = Pattern.compile("new Refusal\\(\\s*\"([a-z-]+)\"");
    Path main = Path.of("src/main/java/dev/tributary/client");
    List<String> codes = new ArrayList<>();
    try (Stream<Path> files = Files.walk(main)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        refusal.matcher(Files.readString(file)).results().forEach(m -> codes.add(m.group(1)));
      }
    }
    assertThat(codes).hasSizeGreaterThan(15).allMatch(code -> page.contains("`" + code + "`"));
  }

  /** The lines between the tags, with the indentation of the first taken off. */
  private static String tagged(String file, String tag) throws IOException {
    List<String> lines = Files.readAllLines(SOURCES.resolve(file));
    int from = lines.stream().map(String::strip).toList().indexOf("// tag::" + tag + "[]") + 1;
    int to = lines.stream().map(String::strip).toList().indexOf("// end::" + tag + "[]");
    List<String> chosen = new ArrayList<>(lines.subList(from, to));
    int indent = chosen.get(0).length() - chosen.get(0).stripLeading().length();
    chosen.replaceAll(line -> line.length() < indent ? line : line.substring(indent));
    return String.join("\n", chosen);
  }

  @Test
  void trainers_learnTheSameKindOfThing_withAndWithoutAnEngine() throws IOException {
    Dataset data = twoClouds();
    Engine java = Engines.byName("java");
    ModelFile start = Cohort.model(2, 2);
    double before = Evaluation.evaluate(java, start, data).accuracy();
    for (Trainer trainer : List.of(new PlainJavaTrainer(data), NnTrainer.over(data, java))) {
      float[] update = run(trainer, start);
      float[] trained = start.parameters();
      for (int i = 0; i < trained.length; i++) {
        trained[i] += update[i];
      }
      double after =
          Evaluation.evaluate(java, ModelFile.of(start.spec(), trained), data).accuracy();
      assertThat(after).as("%s", trainer.getClass()).isGreaterThan(Math.max(0.95, before));
    }
  }

  private static float[] run(Trainer trainer, ModelFile start) {
    TrainingTask task =
        new TrainingTask(
            20, 5, "sgd", new TreeMap<>(), "sgd", new TreeMap<>(Map.of("learningRate", 0.2)));
    try {
      return trainer.train(new TrainingRequest("task", 0, start, task, 42));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Dataset twoClouds() throws IOException {
    Random random = new Random(1);
    StringBuilder csv = new StringBuilder("height,weight,diagnosis\n");
    for (int i = 0; i < 60; i++) {
      int label = i % 2;
      csv.append(label * 3 + random.nextGaussian() * 0.5).append(',');
      csv.append(label * -3 + random.nextGaussian() * 0.5).append(',').append(label).append('\n');
    }
    Path file = Files.writeString(directory.resolve("rows.csv"), csv);
    return Csv.read(file).label("diagnosis").standardise().dataset();
  }
}
