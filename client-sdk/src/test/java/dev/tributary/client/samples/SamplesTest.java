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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplesTest {
  private static final Path SOURCES = Path.of("src/test/java/dev/tributary/client/samples");

  @TempDir Path directory;

  @Test
  void sample_isShorterThanSixtyLines() throws IOException {
    assertThat(Files.readAllLines(SOURCES.resolve("SampleApp.java"))).hasSizeLessThan(60);
  }

  @Test
  void documentation_showsTheCompiledLines() throws IOException {
    String page = Files.readString(Path.of("../docs/sdk.md"));
    assertThat(page).contains(tagged("SampleApp.java", "embed"));
    assertThat(page).contains(tagged("PlainJavaTrainer.java", "trainer"));
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
