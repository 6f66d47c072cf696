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
      "| model | clients | of a round | threads | clients a second | its training, ms |"
          + " beside it, ms | heap at the end, MiB |\n|---|---|---|---|---|---|---|---|";

  private static final int WARM_UP = 10;

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
  private final int cohort;
  private final boolean full;
  private final Job job;

  SimulationBench(Shape shape, int clients, int points, int cohort, int rounds, boolean full) {
    this.shape = shape;
    this.clients = clients;
    this.cohort = cohort;
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
            .formatted(shape.layers, rounds + WARM_UP, cohort, cohort, clients, points);
    job = JobFile.parse("bench.yaml", text, List.of());
  }

  /** Runs the job on so many threads, and says what it took. */
  String row(Path folder, int threads) throws InterruptedException {
    Stopwatch watch = new Stopwatch();
    new Experiment(job, !full).run(folder, threads, watch, watch);
    long trained = (long) (job.rounds() - WARM_UP) * cohort;
    double wall = (watch.ended - watch.began) / 1e9;
    double own = (watch.trainingEnded - watch.trainingBegan) / 1e6 / trained;
    double all = (watch.processorEnded - watch.processorBegan) / 1e6 / trained;
    return String.format(
        Locale.ROOT,
        "| %s | %,d | %,d | %d | %,.0f | %.2f | %.2f | %,d |",
        shape,
        clients,
        cohort,
        threads,
        trained / wall,
        own,
        all - own,
        watch.heap >> 20);
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
      if (report.round() == WARM_UP) {
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
