package dev.tributary.nn.engine.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
  }

  /** Prints the growth in bytes by steps, then by programs made and closed. */
  public static void main(String[] arguments) {
    System.out.println(growthBySteps() + " " + growthByPrograms());
  }

  private static long growthBySteps() {
    ModelSpec spec = Models.mlp(200, 20, 10);
    float[] parameters = Models.values(spec, 1);
    float[] gradient = new float[parameters.length];
    Batch batch = new Batch(spec, 32);
    batch.fill(Models.noise(spec, 32, 1), Models.order(32), 0, 32);
    try (Program program = new Nd4jEngine().compile(spec, 32, Mode.wholeBatch())) {
      for (int i = 0; i < STEPS; i++) { // compiled code takes memory too: warm up first
        program.gradient(parameters, batch, gradient);
      }
      long resident = Pointer.physicalBytes();
      for (int i = 0; i < STEPS; i++) {
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
