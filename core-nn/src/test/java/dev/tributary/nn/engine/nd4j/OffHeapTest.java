package dev.tributary.nn.engine.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Initializer;
import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import dev.tributary.nn.Presets;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Memory outside the heap: nothing per step, all of it back on close. Measured as resident memory
 * in a process with a small heap of fixed size, so that the heap's own growth does not count.
 */
@Tag("nd4j")
final class OffHeapTest {
  private static final int STEPS = 20_000;
  private static final int LAYER_STEPS = 1_000;
  private static final int PROGRAMS = 60;

  @Test
  void stepsAndClosedPrograms_leaveNothingBehind() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms96m",
                "-Xmx96m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                OffHeapTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    String lastLine = output.strip().substring(output.strip().lastIndexOf('\n') + 1);
    String[] growth = lastLine.split(" ");
    // The least that a step could leave is a batch of outputs: 1,280 bytes, so 25 MB in all.
    assertThat(Long.parseLong(growth[0])).as("bytes by steps").isLessThan(12_000_000);
    // Each program holds at least 8 MB of parameters and gradients, so 480 MB in all.
    assertThat(Long.parseLong(growth[1])).as("bytes by programs").isLessThan(150_000_000);
    // The smallest array of these models is one of 8 KB, so 8 MB in all.
    assertThat(Long.parseLong(growth[2])).as("bytes by steps of layers").isLessThan(4_000_000);
    // Some of it is on the heap, which was resident before.
    assertThat(Double.parseDouble(growth[3])).as("held / stated").isBetween(0.8, 1.2);
  }

  /**
   * Prints the growth in bytes by steps, then by programs made and closed, then by steps of other
   * layers, and what a large program holds over what {@code Engine.bytes} says.
   */
  public static void main(String[] arguments) {
    long steps = growthBySteps(Models.mlp(200, 20, 10), STEPS);
    long programs = growthByPrograms();
    long layers = growthBySteps(layers(), LAYER_STEPS);
    System.out.println(steps + " " + programs + " " + layers + " " + heldOverStated());
  }

  private static ModelSpec layers() {
    Initializer start = Initializer.GLOROT_UNIFORM;
    return ModelSpec.builder(3, 16)
        .layer(new Layer.LayerNormalization(1e-5))
        .layer(new Layer.Residual(List.of(new Layer.MultiHeadAttention(2, true, start)), List.of()))
        .layer(new Layer.GroupNormalization(4, 1e-5))
        .layer(new Layer.Dense(16, Activation.GELU))
        .layer(new Layer.BatchNormalization(0.9, 1e-5))
        .layer(new Layer.Lstm(16, true, start))
        .layer(new Layer.Gru(16, false, start))
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  private static double heldOverStated() {
    ModelSpec spec = Presets.gpt(64, 64, 64, 4, 2);
    Nd4jEngine engine = new Nd4jEngine();
    long resident = Pointer.physicalBytes();
    try (Program program = engine.compile(spec, 64, Mode.wholeBatch())) {
      return (double) (Pointer.physicalBytes() - resident)
          / engine.bytes(spec, program.batchSize(), Mode.wholeBatch());
    }
  }

  private static long growthBySteps(ModelSpec spec, int steps) {
    float[] parameters = Models.values(spec, 1);
    float[] gradient = new float[parameters.length];
    Batch batch = new Batch(spec, 32);
    batch.fill(Models.noise(spec, 32, 1), Models.order(32), 0, 32);
    try (Program program = new Nd4jEngine().compile(spec, 32, Mode.wholeBatch())) {
      for (int i = 0; i < steps; i++) { // compiled code takes memory too: warm up first
        program.gradient(parameters, batch, gradient);
      }
      long resident = Pointer.physicalBytes();
      for (int i = 0; i < steps; i++) {
        program.gradient(parameters, batch, gradient);
      }
      return Pointer.physicalBytes() - resident;
    }
  }

  private static long growthByPrograms() {
    ModelSpec spec = Models.mlp(1000, 1000, 10);
    Nd4jEngine engine = new Nd4jEngine();
    long resident = 0;
    for (int i = -5; i < PROGRAMS; i++) {
      if (i == 0) {
        resident = Pointer.physicalBytes();
      }
      Batch batch = new Batch(spec, 4);
      batch.fill(Models.noise(spec, 4, 1), Models.order(4), 0, 4);
      float[] parameters = new float[spec.layout().size()];
      try (Program program = engine.compile(spec, 4, Mode.wholeBatch())) {
        program.gradient(parameters, batch, parameters.clone());
      }
    }
    return Pointer.physicalBytes() - resident;
  }
}
