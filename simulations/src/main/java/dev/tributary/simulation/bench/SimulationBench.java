package dev.tributary.simulation.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.tributary.client.Refusal;
import dev.tributary.client.Trained;
import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.plan.Plan;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.Probe;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Rounds of a simulation in the shape of pfl-research's benchmark (Granqvist et al. 2024, arXiv
 * 2404.06430, section 4.1: 1,000 users of 50 points, cohorts of 50, one local epoch, batches of 10,
 * a CNN of two convolutions), over Fashion-MNIST. The processor time of the clients' own training
 * is taken within the run, and is the floor: what the process did beside it is what a client costs.
 */
final class SimulationBench {
  static final String HEAD =
      "| framework | model | clients | of a round | threads | clients a second | its training, ms |"
          + " beside it, ms | heap at the end, MiB |\n|---|---|---|---|---|---|---|---|---|";

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** A model that clients train. */
  enum Shape {
    cnn(
        """
            - conv2d: {filters: 32, kernelSize: 3, activation: relu}
            - max_pooling2d: {poolSize: 2}
            - conv2d: {filters: 64, kernelSize: 3, activation: relu}
            - max_pooling2d: {poolSize: 2}
            - flatten
            - dense: {units: 10, activation: softmax}
        """),
    softmax(
        """
            - flatten
            - dense: {units: 10, activation: softmax}
        """);

    private final String layers;

    Shape(String layers) {
      this.layers = layers;
    }
  }

  private final Shape shape;
  private final int clients;
  private final int points;
  private final int cohort;
  private final boolean full;
  private final int warmUp;
  private final Job job;

  SimulationBench(
      Shape shape, int clients, int points, int cohort, int warmUp, int rounds, boolean full) {
    this.shape = shape;
    this.clients = clients;
    this.points = points;
    this.cohort = cohort;
    this.warmUp = warmUp;
    this.full = full;
    String text =
        """
        apiVersion: tributary/v1
        name: bench
        model:
          input: [28, 28, 1]
          layers:
        %s
          loss: sparse_categorical_crossentropy
        training: {localEpochs: 1, batchSize: 10, optimizer: {sgd: {learningRate: 0.05}}, engine: java}
        strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
        rounds: %d
        cohort: {size: %d, minimum: %d}
        privacy: {mechanism: none}
        secureAggregation: {suite: sa1, mode: curious}
        deadline: 1h
        evaluation: {every: 1000000, metrics: [loss]}
        simulation:
          seed: 1
          data: {source: fashion-mnist-12k, partition: {drawn: {clients: %d, rows: %d}}}
        """
            .formatted(shape.layers, rounds + warmUp, cohort, cohort, clients, points);
    job = JobFile.parse("bench.yaml", text, List.of());
  }

  /**
   * What rounds took.
   *
   * @param clients that trained
   * @param wall seconds by the clock
   * @param processor seconds of processor time, of all that ran
   * @param training seconds of these in steps of SGD
   */
  record Took(long clients, double wall, double processor, double training) {
    /** Milliseconds of processor time for each client that were no step of SGD. */
    double beside() {
      return 1e3 * (processor - training) / clients;
    }
  }

  /** What it took, and the bytes of heap in use after a collection at the end. */
  record Figures(Took took, long heap) {}

  /** Runs the job on so many threads. */
  Figures run(Path folder, int threads) throws InterruptedException {
    Stopwatch watch = new Stopwatch();
    new Experiment(job, !full).run(folder, threads, watch, watch);
    long trained = (long) (job.rounds() - warmUp) * cohort;
    return new Figures(
        new Took(
            trained,
            (watch.ended - watch.began) / 1e9,
            (watch.processorEnded - watch.processorBegan) / 1e9,
            (watch.trainingEnded - watch.trainingBegan) / 1e9),
        watch.heap);
  }

  /** The same rounds in a framework whose script answers for it. */
  Took run(PythonPeer peer) throws IOException {
    int rounds = job.rounds() - warmUp;
    double[] answer =
        peer.ask(String.format("%s %d %d %d %d", shape, clients, points, cohort, rounds), 3);
    return new Took((long) rounds * cohort, answer[0], answer[1], answer[2]);
  }

  /** A row of the table; {@code heap} in bytes, negative where it is not known. */
  String row(String framework, int threads, Took took, long heap) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %,d | %,d | %d | %,.0f | %.2f | %.2f | %s |",
        framework,
        shape,
        clients,
        cohort,
        threads,
        took.clients() / took.wall(),
        1e3 * took.training() / took.clients(),
        took.beside(),
        heap < 0 ? "" : String.format(Locale.ROOT, "%,d", heap >> 20));
  }

  /** Times training, and rounds from the end of the last one that warms up. */
  private final class Stopwatch implements Probe, RoundListener {
    private final LongAdder training = new LongAdder();
    private volatile long began;
    private volatile long ended;
    private volatile long trainingBegan;
    private volatile long trainingEnded;
    private volatile long processorBegan;
    private volatile long processorEnded;
    private volatile long heap;

    @Override
    public void onRound(RoundReport report) {
      if (report.round() == warmUp) {
        trainingBegan = training.sum();
        processorBegan = PROCESS.getProcessCpuTime();
        began = System.nanoTime();
      } else if (report.round() == job.rounds()) {
        ended = System.nanoTime();
        processorEnded = PROCESS.getProcessCpuTime();
        trainingEnded = training.sum();
        System.gc();
        heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      }
    }

    @Override
    public Trainer trainer(int client, Trainer own) {
      return new Trainer() {
        @Override
        public Optional<Refusal> check(Plan plan) {
          return own.check(plan);
        }

        @Override
        public float[] train(TrainingRequest request) throws Exception {
          return trained(request).update();
        }

        @Override
        public Trained trained(TrainingRequest request) throws Exception {
          long from = THREADS.getCurrentThreadCpuTime();
          try {
            return own.trained(request);
          } finally {
            training.add(THREADS.getCurrentThreadCpuTime() - from);
          }
        }
      };
    }
  }
}
