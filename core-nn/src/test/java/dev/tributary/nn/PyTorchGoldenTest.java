package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.nd4j.Nd4jEngine;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Forward, backward and five optimizer steps as PyTorch has them in double precision; {@code
 * src/test/python/pytorch_golden.py} makes the file.
 */
final class PyTorchGoldenTest {

  /** A case, shown by its name. */
  record Golden(JsonNode node) {
    @Override
    public String toString() {
      return node.get("name").textValue();
    }

    ModelSpec spec() {
      return ModelSpec.fromJson(node.get("model").toString());
    }

    Dataset data() {
      int classes = node.get("classes").intValue();
      int[] shape = spec().inputShape();
      float[] features = floats("features");
      if (classes == 1) {
        return Dataset.regression(shape, features, floats("targets"));
      }
      int[] labels = new int[node.get("labels").size()];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = node.get("labels").get(i).intValue();
      }
      return Dataset.of(shape, classes, features, labels);
    }

    float[] floats(String key) {
      return of(node.get(key));
    }

    static float[] of(JsonNode list) {
      float[] values = new float[list.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) list.get(i).doubleValue();
      }
      return values;
    }
  }

  static List<Golden> cases() throws IOException {
    List<Golden> cases = new ArrayList<>();
    try (InputStream in =
        Objects.requireNonNull(
            PyTorchGoldenTest.class.getResourceAsStream("pytorch-golden.json"))) {
      new ObjectMapper().readTree(in).forEach(node -> cases.add(new Golden(node)));
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void java_isPyTorch(Golden golden) {
    compare(golden, new JavaEngine());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void nd4j_isPyTorch(Golden golden) {
    compare(golden, new Nd4jEngine());
  }

  private static void compare(Golden golden, Engine engine) {
    ModelSpec spec = golden.spec();
    Dataset data = golden.data();
    int rows = data.size();
    float[] parameters = golden.floats("parameters");
    assertThat(parameters).hasSize(spec.layout().size());
    float[] gradient = new float[parameters.length];
    float[] outputs = new float[rows * spec.outputs()];
    try (Program program = engine.compile(spec, rows, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, rows);
      batch.fill(data, LocalTraining.order(rows), 0, rows);
      double loss = program.forward(parameters, batch, outputs);
      near(golden + ", loss", new float[] {(float) (loss / rows)}, loss(golden), 1e-5);
      near(golden + ", outputs", outputs, golden.floats("outputs"), 1e-5);
      program.gradient(parameters, batch, gradient);
      near(golden + ", gradient", gradient, golden.floats("gradient"), 1e-5);
      for (JsonNode step : golden.node().get("steps")) {
        near(
            golden + " by " + step.get("optimizer"),
            trained(program, parameters, batch, step),
            Golden.of(step.get("parameters")),
            5e-5);
      }
    }
  }

  private static float[] loss(Golden golden) {
    return new float[] {(float) golden.node().get("loss").doubleValue()};
  }

  private static float[] trained(Program program, float[] start, Batch batch, JsonNode step) {
    Map<String, Double> settings = new TreeMap<>();
    step.get("settings")
        .fields()
        .forEachRemaining(entry -> settings.put(entry.getKey(), entry.getValue().doubleValue()));
    Optimizer optimizer =
        new OptimizerSpec(step.get("optimizer").textValue(), new TreeMap<>(settings))
            .create(start.length);
    float[] parameters = start.clone();
    float[] gradient = new float[start.length];
    for (int i = 0; i < 5; i++) {
      program.gradient(parameters, batch, gradient);
      optimizer.step(parameters, gradient, 0, start.length, 1);
      optimizer.endStep();
    }
    return parameters;
  }

  private static void near(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual).as(what).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i]))
          .as("%s, number %d: %s instead of %s", what, i, actual[i], expected[i])
          .isLessThanOrEqualTo((float) (tolerance * (1 + Math.abs(expected[i]))));
    }
  }
}
