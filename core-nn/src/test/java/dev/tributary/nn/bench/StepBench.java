package dev.tributary.nn.bench;

import dev.tributary.nn.Activation;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.java.PlainKernels;
import dev.tributary.nn.engine.nd4j.Nd4jEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Microseconds of a training step (gather, forward, loss, backward, SGD) on one thread, all engines
 * in one run: rounds of all engines in turn, the fastest round of each (the least disturbed one),
 * and the ratio to nd4j.
 */
public final class StepBench {
  private static final int ROUNDS = 9;

  private StepBench() {}

  private record Case(String name, ModelSpec spec, int batchSize, int examples, int epochs) {}

  public static void main(String[] arguments) {
    ModelSpec softmax = ModelSpec.builder(784).dense(10, Activation.SOFTMAX).build();
    ModelSpec mlp =
        ModelSpec.builder(784)
            .dense(128, Activation.RELU)
            .dense(64, Activation.RELU)
            .dense(10, Activation.SOFTMAX)
            .build();
    ModelSpec twoNn =
        ModelSpec.builder(784)
            .dense(200, Activation.RELU)
            .dense(200, Activation.RELU)
            .dense(10, Activation.SOFTMAX)
            .build();
    ModelSpec logistic = ModelSpec.builder(100).dense(2, Activation.SOFTMAX).build();
    List<Case> cases =
        List.of(
            new Case("client 10 x 784-10, batch 10, 10 epochs", softmax, 10, 10, 10),
            new Case("softmax 784-10, batch 32", softmax, 32, 320, 20),
            new Case("logistic 100-2, batch 32", logistic, 32, 320, 50),
            new Case("2NN 784-200-200-10, batch 10", twoNn, 10, 100, 10),
            new Case("MLP 784-128-64-10, batch 32", mlp, 32, 320, 10),
            new Case("MLP 784-128-64-10, batch 256", mlp, 256, 1024, 5));
    List<Engine> engines = new ArrayList<>();
    engines.add(new Nd4jEngine());
    JavaEngine best = new JavaEngine();
    engines.add(best);
    engines.add(new JavaEngine(PlainKernels::new));
    System.out.printf(
        "| %-40s | nd4j us | java (%s) us | java (plain) us | nd4j / java | nd4j / plain |%n",
        "step", best.loops());
    for (Case each : cases) {
      double[] fastest = measure(each, engines);
      System.out.printf(
          "| %-40s | %7.1f | %7.1f | %7.1f | %.2f | %.2f |%n",
          each.name,
          fastest[0],
          fastest[1],
          fastest[2],
          fastest[0] / fastest[1],
          fastest[0] / fastest[2]);
    }
  }

  private static double[] measure(Case each, List<Engine> engines) {
    Random random = new Random(1);
    int inputs = each.spec.inputs();
    float[] features = new float[each.examples * inputs];
    int[] labels = new int[each.examples];
    for (int i = 0; i < features.length; i++) {
      features[i] = random.nextFloat();
    }
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(each.spec.outputs());
    }
    Dataset data = Dataset.of(new int[] {inputs}, each.spec.outputs(), features, labels);
    ModelFile model = ModelFile.of(each.spec, each.spec.initialise(1));
    TrainingConfig config =
        new TrainingConfig(
            each.epochs, each.batchSize, OptimizerSpec.sgd(0.01, 0, 0), LocalMethod.sgd());
    double[][] times = new double[engines.size()][ROUNDS];
    for (int round = -3; round < ROUNDS; round++) {
      for (int e = 0; e < engines.size(); e++) {
        long until = System.nanoTime() + (round < 0 ? 700_000_000L : 150_000_000L);
        long steps = 0;
        long start = System.nanoTime();
        while (System.nanoTime() < until) {
          steps += LocalTraining.train(engines.get(e), model, data, config, 1).steps();
        }
        if (round >= 0) {
          times[e][round] = (System.nanoTime() - start) / 1e3 / steps;
        }
      }
    }
    return Arrays.stream(times).mapToDouble(t -> Arrays.stream(t).min().orElseThrow()).toArray();
  }
}
