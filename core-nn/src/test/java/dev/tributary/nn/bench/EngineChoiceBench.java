package dev.tributary.nn.bench;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Initializer;
import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Presets;
import dev.tributary.nn.Samples;
import dev.tributary.nn.Size;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.java.PlainKernels;
import dev.tributary.nn.engine.nd4j.Nd4jEngine;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Microseconds of processor time of a gradient on the engines in turns, the fastest of seven: what
 * {@code Engines.best} rests on. One model a process, named by the first argument, since what C2
 * has learned of one slows the next; with a second argument the java engine runs plain loops.
 */
public final class EngineChoiceBench {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Initializer GLOROT = Initializer.GLOROT_UNIFORM;

  private EngineChoiceBench() {}

  private record Case(ModelSpec spec, int batchSize) {}

  private static Map<String, Case> cases() {
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("resnet8-8x8x3", new Case(Presets.resNet8(8, 8, 3, 10), 32));
    cases.put("resnet8-16x16x3", new Case(Presets.resNet8(16, 16, 3, 10), 32));
    cases.put("resnet8-28x28x1", new Case(Presets.resNet8(28, 28, 1, 10), 32));
    cases.put("resnet8-32x32x3", new Case(Presets.resNet8(32, 32, 3, 10), 32));
    cases.put("residual-128", new Case(residual(128), 16));
    cases.put("residual-256", new Case(residual(256), 8));
    cases.put("mcmahan-cnn", new Case(Presets.mcMahanCnn(), 32));
    cases.put("leaf-cnn", new Case(Presets.leafFemnistCnn(), 32));
    cases.put("lstm-128", new Case(sequence(64, 128, new Layer.Lstm(128, false, GLOROT)), 32));
    cases.put("lstm-512", new Case(sequence(32, 256, new Layer.Lstm(512, false, GLOROT)), 32));
    cases.put("lstm-1024", new Case(sequence(16, 256, new Layer.Lstm(1024, false, GLOROT)), 32));
    cases.put("gru-128", new Case(sequence(64, 128, new Layer.Gru(128, false, GLOROT)), 32));
    cases.put("gru-768", new Case(sequence(16, 256, new Layer.Gru(768, false, GLOROT)), 32));
    cases.put("transformer-128", new Case(transformer(128, 4, Activation.GELU), 16));
    cases.put("transformer-512", new Case(transformer(512, 8, Activation.GELU), 8));
    cases.put("transformer-512-relu", new Case(transformer(512, 8, Activation.RELU), 8));
    cases.put("norm-128", new Case(norms(128), 32));
    cases.put("norm-1024", new Case(norms(1024), 32));
    return cases;
  }

  public static void main(String[] arguments) {
    Case one = arguments.length == 0 ? null : cases().get(arguments[0]);
    if (one == null) {
      System.out.println("name one of " + cases().keySet());
      return;
    }
    Engine java = arguments.length > 1 ? new JavaEngine(PlainKernels::new) : new JavaEngine();
    double[] micros = measure(one, List.of(java, new Nd4jEngine()));
    System.out.printf(
        "| %s, batch %d | %,d | %,.0f | %,.0f | %.2f |%n",
        arguments[0],
        one.batchSize,
        one.spec.layout().size(),
        micros[0],
        micros[1],
        micros[1] / micros[0]);
  }

  private static double[] measure(Case one, List<Engine> engines) {
    float[] parameters = one.spec.initialise(1);
    float[] gradient = new float[parameters.length];
    Batch batch = new Batch(one.spec, one.batchSize);
    batch.fill(
        Samples.data(one.spec, one.batchSize, 1), Models.order(one.batchSize), 0, one.batchSize);
    List<Program> programs = new ArrayList<>();
    engines.forEach(e -> programs.add(e.compile(one.spec, one.batchSize, Mode.wholeBatch())));
    double[] fastest = new double[engines.size()];
    Arrays.fill(fastest, Double.MAX_VALUE);
    for (int round = -2; round < 7; round++) {
      for (int e = 0; e < fastest.length; e++) {
        long until = System.nanoTime() + (round < 0 ? 900_000_000L : 250_000_000L);
        long start = THREADS.getCurrentThreadCpuTime();
        int steps = 0;
        do {
          batch.seed(steps);
          programs.get(e).gradient(parameters, batch, gradient);
          steps++;
        } while (System.nanoTime() < until);
        if (round >= 0) {
          double micros = (THREADS.getCurrentThreadCpuTime() - start) / 1e3 / steps;
          fastest[e] = Math.min(fastest[e], micros);
        }
      }
    }
    programs.forEach(Program::close);
    return fastest;
  }

  private static ModelSpec residual(int channels) {
    Layer norm = new Layer.GroupNormalization(8, 1e-5);
    Layer relu = new Layer.Activated(Activation.RELU);
    Layer block = new Layer.Residual(List.of(norm, relu, convolution(channels)), List.of());
    return ModelSpec.builder(16, 16, 3)
        .layer(convolution(channels))
        .layer(block)
        .layer(block)
        .layer(new Layer.GlobalAveragePooling2d())
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  private static Layer convolution(int filters) {
    return new Layer.Conv2d(
        filters, Size.of(3), Size.of(1), Padding.SAME, 1, Activation.LINEAR, GLOROT);
  }

  private static ModelSpec sequence(int length, int channels, Layer cells) {
    return ModelSpec.builder(length, channels).layer(cells).dense(10, Activation.SOFTMAX).build();
  }

  private static ModelSpec transformer(int channels, int heads, Activation activation) {
    Layer norm = new Layer.LayerNormalization(1e-5);
    Layer attention = new Layer.MultiHeadAttention(heads, false, GLOROT);
    Layer wide = new Layer.Dense(4 * channels, activation);
    Layer narrow = new Layer.Dense(channels, Activation.LINEAR);
    return ModelSpec.builder(64, channels)
        .layer(new Layer.Residual(List.of(norm, attention), List.of()))
        .layer(new Layer.Residual(List.of(norm, wide, narrow), List.of()))
        .flatten()
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  private static ModelSpec norms(int units) {
    ModelSpec.Builder model = ModelSpec.builder(784);
    for (int i = 0; i < 2; i++) {
      model
          .dense(units, Activation.LINEAR)
          .layer(new Layer.LayerNormalization(1e-5))
          .layer(new Layer.Activated(Activation.RELU))
          .layer(new Layer.Dropout(0.2));
    }
    return model.dense(10, Activation.SOFTMAX).build();
  }
}
