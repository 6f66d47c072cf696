package dev.tributary.simulation.bench;

import com.sun.management.ThreadMXBean;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.TrainingListener;
import dev.tributary.nn.TrainingOptions;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.NoisySum;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** What a step on the {@code java} engine costs beside its time. */
final class StepDetails {
  private static final int EPOCHS = 2;

  private final TrainingCase each;
  private final Dataset data;
  private final ModelFile start;
  private final JavaEngine engine = new JavaEngine();

  StepDetails(TrainingCase each) {
    this.each = each;
    this.data = each.data();
    this.start = ModelFile.of(each.model(), each.model().initialise(1));
  }

  /** The heads of {@link #row}. */
  static List<String> heads() {
    return List.of(
        "java engine",
        "clipped by example / plain",
        "noise of a step, ms",
        "two clients / one",
        "first step, ms",
        "bytes a step");
  }

  /** A line of the table. */
  String row(int rounds, double seconds) {
    double first = firstStep();
    double examples = clippedOverPlain(rounds, seconds);
    double two = twoOverOne(rounds, seconds);
    return String.format(
        Locale.ROOT,
        "| %s | %.2f | %.2f | %.2f | %.1f | %.1f |",
        each.words(),
        examples,
        noise(rounds) * 1e3,
        two,
        first * 1e3,
        bytes());
  }

  /** Seconds from the call to the end of the first step, of an engine that has no program yet. */
  private double firstStep() {
    long[] ended = {0};
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void stepped(int step, long steps, double meanLoss) {
            if (step == 1) {
              ended[0] = System.nanoTime();
            }
          }
        };
    Dataset one = data.subset(IntStream.range(0, each.batch()).toArray());
    long began = System.nanoTime();
    LocalTraining.train(
        new JavaEngine(), start, one, config(1), 1, TrainingOptions.standard().listener(listener));
    return (ended[0] - began) * 1e-9;
  }

  private TrainingConfig config(int epochs) {
    return new TrainingConfig(
        epochs, each.batch(), OptimizerSpec.sgd(0.01, 0, 0), LocalMethod.sgd());
  }

  /** Time of the sum of gradients clipped by example over that of the plain gradient. */
  private double clippedOverPlain(int rounds, double seconds) {
    Batch batch = new Batch(each.model(), each.batch());
    batch.fill(data, IntStream.range(0, each.batch()).toArray(), 0, each.batch());
    double[] fastest = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
    try (Program plain = engine.compile(each.model(), each.batch(), Mode.wholeBatch());
        Program clipped = engine.compile(each.model(), each.batch(), Mode.perExample(0.1))) {
      for (int round = -2; round < rounds; round++) {
        for (int i = 0; i < 2; i++) {
          double time = gradientTime(i == 0 ? plain : clipped, batch, seconds);
          fastest[i] = round < 0 ? fastest[i] : Math.min(fastest[i], time);
        }
      }
    }
    return fastest[1] / fastest[0];
  }

  private double gradientTime(Program program, Batch batch, double seconds) {
    float[] parameters = start.parameters();
    float[] gradient = new float[parameters.length];
    long began = System.nanoTime();
    long from = CpuTime.nanos();
    long count = 0;
    do {
      program.gradient(parameters, batch, gradient);
      count++;
    } while (System.nanoTime() - began < seconds * 1e9);
    return (CpuTime.nanos() - from) * 1e-9 / count;
  }

  /** Seconds that the noise of one release takes. */
  private double noise(int rounds) {
    NoiseSource noise = NoiseSource.secure();
    int length = start.spec().trainable().size();
    return CpuTime.fastest(
        rounds + 2, () -> new NoisySum(length, 1, 1.1).release(each.batch(), noise));
  }

  /** Steps a second of two trainings at once over those of one. */
  private double twoOverOne(int rounds, double seconds) {
    double one = 0;
    double two = 0;
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int round = -2; round < rounds; round++) {
        double alone = 1 / threads.submit(() -> step(engine, seconds)).get();
        Future<Double> left = threads.submit(() -> step(engine, seconds));
        Future<Double> right = threads.submit(() -> step(engine, seconds));
        double together = 1 / left.get() + 1 / right.get();
        one = round < 0 ? one : Math.max(one, alone);
        two = round < 0 ? two : Math.max(two, together);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
    return two / one;
  }

  private double step(Engine engine, double seconds) {
    return each.microseconds(engine, data, seconds, System::nanoTime);
  }

  /** Bytes that a step allocates: those of a long training, less those of a short one. */
  private double bytes() {
    if (!(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads)) {
      return Double.NaN;
    }
    long thread = Thread.currentThread().getId();
    double least = Double.POSITIVE_INFINITY;
    for (int round = 0; round < 3; round++) {
      long before = threads.getThreadAllocatedBytes(thread);
      int few = LocalTraining.train(engine, start, data, config(EPOCHS), 1).steps();
      long between = threads.getThreadAllocatedBytes(thread);
      int many = LocalTraining.train(engine, start, data, config(10 * EPOCHS), 1).steps();
      long after = threads.getThreadAllocatedBytes(thread);
      least = Math.min(least, (double) (after - between - (between - before)) / (many - few));
    }
    return Math.max(0, least);
  }
}
