package dev.tributary.coordinator.job;

import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.Schedule;
import dev.tributary.plan.ExamplePrivacy;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Mode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A job as its file describes it: values within their ranges and combinations that can run. {@link
 * JobFile} makes it.
 *
 * @param name the task's name; with the coordinator's key it names the task to every client
 * @param deadline how long a round may take; every other timing follows from it
 * @param simulation only simulations read it; null where the file has none
 * @param source the text of the file, with each override as a comment line below it
 */
public record Job(
    String name,
    ModelSpec model,
    Training training,
    ServerStrategy strategy,
    int rounds,
    Cohort cohort,
    Privacy privacy,
    SecureAggregation secureAggregation,
    Duration deadline,
    Evaluation evaluation,
    @Nullable Simulation simulation,
    String source) {

  /**
   * What a client does with its data.
   *
   * @param engine {@code auto}, {@code java} or {@code nd4j}; where the coordinator itself computes
   * @param schedule of the learning rate over the steps of a round
   * @param gradientClip largest L2 norm of the gradient of a step; 0 where it is not clipped
   * @param examplePrivacy how clients hide single examples, where they do
   */
  public record Training(
      int localEpochs,
      int batchSize,
      String engine,
      LocalMethod method,
      OptimizerSpec optimizer,
      Schedule schedule,
      double gradientClip,
      Optional<ExamplePrivacy> examplePrivacy) {
    /** The same by another method. */
    Training with(LocalMethod other) {
      return new Training(
          localEpochs, batchSize, engine, other, optimizer, schedule, gradientClip, examplePrivacy);
    }
  }

  /** What the mean of the updates is divided by. */
  public enum Denominator {
    /** The cohort's size as planned: fixed, so that it tells nothing about who took part. */
    COHORT,
    /** The clients in the sum: data-dependent, so only for jobs without privacy. */
    SURVIVORS
  }

  /**
   * What the coordinator does with the mean update.
   *
   * @param name the strategy, such as {@code fedavg}
   * @param decayFrom the part of the rounds, in [0, 1], after which the server's learning rate
   *     falls linearly to 0; 1 where it never falls
   * @param maximumExamples clients count by their examples, up to so many; 0 where all count alike
   * @param settings of a strategy of the class path
   */
  public record ServerStrategy(
      String name,
      OptimizerSpec serverOptimizer,
      double decayFrom,
      Denominator denominator,
      int maximumExamples,
      SortedMap<String, Double> settings) {
    /** One that comes with the coordinator, with clients that count alike. */
    public ServerStrategy(
        String name, OptimizerSpec serverOptimizer, double decayFrom, Denominator denominator) {
      this(name, serverOptimizer, decayFrom, denominator, 0, Collections.emptySortedMap());
    }

    public ServerStrategy {
      settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }
  }

  /**
   * Who takes part.
   *
   * @param size members of a round
   * @param minimum survivors without which no sum is released
   * @param population live: clients awaited before the job starts; null where not said
   * @param sampling how cohorts are drawn
   * @param joining whether clients may join once the job has begun
   * @param spares clients that are drawn with each cohort, for members who are not there
   * @param participations rounds that a client is in at most; all where cohorts are sampled
   * @param separation least difference between the numbers of two rounds of one client
   */
  public record Cohort(
      int size,
      int minimum,
      @Nullable Integer population,
      Sampling sampling,
      Joining joining,
      int spares,
      int participations,
      int separation) {}

  /** Whether clients may join a job that has begun. */
  public enum Joining {
    /** Nobody may. */
    CLOSED,
    /** Whoever checks in is drawn from the next pass of the schedule on. */
    BETWEEN_PASSES
  }

  /** How cohorts are drawn. */
  public enum Sampling {
    /** By a schedule that everybody may know. */
    SCHEDULE,
    /** Anew in every round, by secret coins: each cohort of the size is equally likely. */
    FIXED_SIZE
  }

  /** Clients that there will be, where the file says so. */
  public @Nullable Integer clients() {
    if (cohort.population() != null) {
      return cohort.population();
    }
    return simulation == null ? null : simulation.clients();
  }

  /** Whether cohorts are drawn by secret coins. */
  public boolean sampled() {
    return cohort.sampling() != Sampling.SCHEDULE;
  }

  /**
   * What the released models may tell.
   *
   * @param mechanism one of {@link #MECHANISMS}
   * @param population the name under which the ledger keeps the budget
   * @param epsilon budget; infinite without privacy
   * @param delta budget
   * @param clipNorm largest L2 norm of one client's update, in model units
   * @param colluders cohort members whose noise shares do not count
   * @param noiseMultiplier standard deviation over clip norm; null where it is calibrated
   * @param ringBits width of the ring; null where it is chosen
   * @param populationEpsilon budget of all jobs of the population together
   * @param operator public key of who may raise that; empty if nobody may
   * @param adaptiveClip how the clip norm moves, {@code clipNorm} being the first; null where it
   *     stays
   * @param finestGrid whether sums without noise are on the finest grid that the ring holds; no job
   *     file asks for it
   */
  public record Privacy(
      String mechanism,
      String population,
      Unit unit,
      Relation relation,
      double epsilon,
      double delta,
      double clipNorm,
      int colluders,
      @Nullable Double noiseMultiplier,
      @Nullable Integer ringBits,
      double populationEpsilon,
      String operator,
      @Nullable AdaptiveClipping adaptiveClip,
      boolean finestGrid) {
    /** With the grid that an update needs. */
    public Privacy(
        String mechanism,
        String population,
        Unit unit,
        Relation relation,
        double epsilon,
        double delta,
        double clipNorm,
        int colluders,
        @Nullable Double noiseMultiplier,
        @Nullable Integer ringBits,
        double populationEpsilon,
        String operator,
        @Nullable AdaptiveClipping adaptiveClip) {
      this(
          mechanism,
          population,
          unit,
          relation,
          epsilon,
          delta,
          clipNorm,
          colluders,
          noiseMultiplier,
          ringBits,
          populationEpsilon,
          operator,
          adaptiveClip,
          false);
    }

    public static final String NONE = "none";
    public static final String DISTRIBUTED = "distributed-discrete-gaussian";
    public static final String SKELLAM = "distributed-skellam";
    public static final String LOCAL_GAUSSIAN = "local-gaussian";
    public static final String LOCAL_LAPLACE = "local-laplace";
    public static final String CENTRAL = "central-gaussian";
    public static final String TREE = "central-tree";
    public static final String BANDED = "central-banded";
    public static final String BLT = "central-blt";

    /** The words that a job file may write for {@code mechanism}. */
    public static final List<String> MECHANISMS =
        List.of(
            NONE, DISTRIBUTED, SKELLAM, LOCAL_GAUSSIAN, LOCAL_LAPLACE, CENTRAL, TREE, BANDED, BLT);

    /** Whether the job adds no noise, and so promises nothing. */
    public boolean none() {
      return mechanism.equals(NONE);
    }

    /** Whether the noise of a round depends on that of the rounds before. */
    public boolean correlated() {
      return mechanism.equals(TREE) || mechanism.equals(BANDED) || mechanism.equals(BLT);
    }

    /** Whether each client makes a share of the noise. */
    public boolean distributed() {
      return mechanism.equals(DISTRIBUTED) || mechanism.equals(SKELLAM);
    }

    /** Whether the clients make the noise, shares of it or each its own. */
    public boolean madeByClients() {
      return distributed() || mechanism.equals(LOCAL_GAUSSIAN) || mechanism.equals(LOCAL_LAPLACE);
    }
  }

  /**
   * How the clip norm follows a quantile of the updates' norms.
   *
   * @param quantile share of updates that it should let through
   * @param learningRate eta, how fast it moves
   * @param bitNoise standard deviation of the noise on the number of updates within it; null for a
   *     20th of the cohort, as in the experiments of Andrew et al. 2021
   */
  public record AdaptiveClipping(double quantile, double learningRate, @Nullable Double bitNoise) {
    /** The same for a cohort of this size. */
    public double bitNoise(int cohortSize) {
      return bitNoise == null ? cohortSize / 20.0 : bitNoise;
    }
  }

  /**
   * How the sum is made.
   *
   * @param suite the protocol: {@code sa1}, or {@code sa1-mlkem768} with ML-KEM-768 beside X25519
   * @param corruptFraction part of a cohort that may be corrupt, gamma
   * @param dropoutFraction part of a cohort whose loss a round survives, delta of the protocol
   */
  public record SecureAggregation(
      String suite, Mode mode, double corruptFraction, double dropoutFraction) {}

  /**
   * When the model is evaluated, and what is reported.
   *
   * @param clients how clients evaluate the model of each round; null where they do not
   */
  public record Evaluation(int every, List<String> metrics, @Nullable ClientEvaluation clients) {
    /** By the coordinator alone. */
    public Evaluation(int every, List<String> metrics) {
      this(every, metrics, null);
    }

    public Evaluation {
      metrics = List.copyOf(metrics);
    }
  }

  /**
   * How clients tell the accuracy of the model on rows of their own.
   *
   * @param bins values that an accuracy is rounded to, from 0 to 1 in equal steps
   * @param noise standard deviation of the noise on the number of clients in a bin; null for three
   *     times the noise multiplier, and without privacy
   */
  public record ClientEvaluation(int bins, @Nullable Double noise) {}

  /**
   * What only a simulation needs.
   *
   * @param split which rows are kept for evaluation
   * @param availability who is there when a round begins
   * @param trainingSeconds how long clients train; null for half a second to one and a half, or
   *     what a trace says
   */
  public record Simulation(
      long seed,
      Data data,
      Partition partition,
      Split split,
      Faults faults,
      Availability availability,
      @Nullable TrainingSeconds trainingSeconds) {
    /** The files that a simulation reads. */
    public List<Path> files() {
      return availability instanceof Availability.Trace trace
          ? Stream.concat(data.files().stream(), Stream.of(trace.file())).toList()
          : data.files();
    }

    /** How many clients that makes; null where the data decides. */
    public @Nullable Integer clients() {
      return partition instanceof Partition.ByClient && data instanceof Data.Synthetic made
          ? Integer.valueOf(made.clients())
          : partition.clients();
    }
  }

  /** Which rows are kept for evaluation where the data names none. */
  public enum Split {
    /** A part of all rows, before they are dealt. */
    POOLED,
    /** The same part of every client's rows. */
    PER_CLIENT
  }

  /** With whose statistics numeric columns of a table get mean 0 and deviation 1. */
  public enum Standardise {
    NONE,
    /** Those of all rows together, which no client could know by itself. */
    POOLED,
    /** Each client its own. */
    PER_CLIENT,
    /** Those of all clients together, learned from sums over them before the first round. */
    FEDERATED
  }

  /**
   * Where the values of a numeric column lie for its federated statistics; others are clipped.
   *
   * @param column empty for every column that no other range names
   */
  public record Range(String column, double from, double to) {}

  /** Where simulated clients' rows and the evaluation rows come from. */
  public sealed interface Data {
    /** The files that are read; whether they are there nobody has looked. */
    default List<Path> files() {
      return List.of();
    }

    /** A data set that ships or was fetched, by name. */
    record Source(String name) implements Data {}

    /**
     * IDX files; without test files the part {@code holdOut} of the rows is kept for evaluation.
     */
    record Idx(
        Path images,
        Path labels,
        @Nullable Path testImages,
        @Nullable Path testLabels,
        double holdOut)
        implements Data {
      @Override
      public List<Path> files() {
        return Stream.of(images, labels, testImages, testLabels).filter(Objects::nonNull).toList();
      }
    }

    /**
     * A table; without a test file the part {@code holdOut} of the rows is kept for evaluation.
     *
     * @param format {@code csv}, {@code arff} or {@code jsonl}
     * @param client column that says whose row it is; empty where none does
     * @param missing what a missing cell looks like; empty for the usual
     * @param ranges of the numeric columns, where statistics are federated
     * @param maximumExamples rows that a client counts for in them at most
     */
    record Table(
        String format,
        Path file,
        String label,
        String client,
        List<String> drop,
        List<String> numeric,
        List<String> categorical,
        List<String> missing,
        Standardise standardise,
        List<Range> ranges,
        int maximumExamples,
        @Nullable Path test,
        double holdOut)
        implements Data {
      @Override
      public List<Path> files() {
        return Stream.of(file, test).filter(Objects::nonNull).toList();
      }

      public Table {
        ranges = List.copyOf(ranges);
        drop = List.copyOf(drop);
        numeric = List.copyOf(numeric);
        categorical = List.copyOf(categorical);
        missing = List.copyOf(missing);
      }
    }

    /**
     * Files of LEAF.
     *
     * @param shape of an example; empty for a row of numbers
     */
    record Leaf(List<Path> train, List<Path> test, List<Integer> shape, double holdOut)
        implements Data {
      @Override
      public List<Path> files() {
        return Stream.concat(train.stream(), test.stream()).toList();
      }

      public Leaf {
        train = List.copyOf(train);
        test = List.copyOf(test);
        shape = List.copyOf(shape);
      }
    }

    /** Binary files of CIFAR. */
    record Cifar(List<Path> train, List<Path> test, int classes, double holdOut) implements Data {
      @Override
      public List<Path> files() {
        return Stream.concat(train.stream(), test.stream()).toList();
      }

      public Cifar {
        train = List.copyOf(train);
        test = List.copyOf(test);
      }
    }

    /** Arrays of a .npz by name; empty names for what it does not have. */
    record Npz(
        Path file,
        String features,
        String labels,
        String client,
        String testFeatures,
        String testLabels,
        double holdOut)
        implements Data {
      @Override
      public List<Path> files() {
        return List.of(file);
      }
    }

    /** A play: windows of characters, roles as clients. */
    record Text(Path file, int length, int stride, double holdOut) implements Data {
      @Override
      public List<Path> files() {
        return List.of(file);
      }
    }

    /** Synthetic(alpha, beta) of Li et al. 2020 (FedProx), with clients of its own. */
    record Synthetic(int clients, double alpha, double beta, boolean iid, double holdOut)
        implements Data {}
  }

  /** How rows are given to simulated clients. */
  public sealed interface Partition {
    /** How many clients that makes; null where the data decides. */
    @Nullable Integer clients();

    record Iid(Integer clients) implements Partition {}

    /** Labels by a Dirichlet distribution with concentration alpha. */
    record Dirichlet(Integer clients, double alpha) implements Partition {}

    /** Sizes by a Dirichlet distribution with concentration alpha. */
    record DirichletSizes(Integer clients, double alpha) implements Partition {}

    /** Rows sorted by label and cut into shards, {@code perClient} for each. */
    record Shards(Integer clients, int perClient) implements Partition {}

    /** Rows of {@code perClient} labels for each. */
    record Labels(Integer clients, int perClient) implements Partition {}

    /** Sizes that fall as rank^-exponent. */
    record PowerLaw(Integer clients, double exponent) implements Partition {}

    /** Equal parts at random, with noise on the features that grows from client to client. */
    record FeatureNoise(Integer clients, double sigma) implements Partition {}

    /**
     * So many rows for each client, drawn for it alone out of all: rows of two clients may be the
     * same, and no client is there before it is asked.
     *
     * @param alpha concentration of the Dirichlet distribution of a client's labels; 0 for the mix
     *     of all rows
     */
    record Drawn(Integer clients, int rows, double alpha) implements Partition {}

    /** One client for each value of a column. */
    record ByColumn(String column) implements Partition {
      @Override
      public @Nullable Integer clients() {
        return null;
      }
    }

    /** The clients that the data itself has. */
    record ByClient() implements Partition {
      @Override
      public @Nullable Integer clients() {
        return null;
      }
    }
  }

  /** Who is there when a round begins. */
  public sealed interface Availability {
    /** Everybody. */
    record Always() implements Availability {}

    /** Each client with this probability, drawn for it in each round. */
    record Random(double share) implements Availability {}

    /**
     * Each client for so many hours of a day, from an hour of its own.
     *
     * @param spread hours of the day, from its beginning, that these hours are spread over evenly
     * @param every between the beginnings of two rounds; null for the job's deadline
     */
    record Daily(double hours, double spread, @Nullable Duration every) implements Availability {}

    /**
     * As a file says.
     *
     * @param every between the beginnings of two rounds; null for the job's deadline
     */
    record Trace(Path file, @Nullable Duration every) implements Availability {}
  }

  /** How long a client trains in a round, in seconds, drawn once for each. */
  public sealed interface TrainingSeconds {
    /** All the same. */
    record Constant(double seconds) implements TrainingSeconds {}

    /** Evenly between two ends. */
    record Uniform(double from, double to) implements TrainingSeconds {}

    /** {@code median} times e^(sigma N), N standard normal. */
    record Lognormal(double median, double sigma) implements TrainingSeconds {}
  }

  /**
   * What goes wrong in a simulation.
   *
   * @param dropout part of every cohort that leaves
   * @param phases the steps before which they leave, equally likely
   * @param coordinatorCrashes chance that the coordinator's process dies at an event
   * @param seed draws a script, beside the one that is written; null for none
   * @param script in any order
   */
  public record Faults(
      double dropout,
      List<String> phases,
      double coordinatorCrashes,
      @Nullable Long seed,
      List<Fault> script) {
    public Faults {
      phases = List.copyOf(phases);
      script = List.copyOf(script);
    }

    /** Whether single faults are told, by a script or by the seed of one. */
    public boolean scripted() {
      return seed != null || !script.isEmpty();
    }
  }

  /**
   * One thing that goes wrong.
   *
   * @param client number in the population, from 0
   * @param at word of the message that it happens to, the client's or the coordinator's to it
   * @param seconds how much later, for kinds that know it
   */
  public record Fault(FaultKind kind, int round, int client, String at, double seconds) {}

  /** What can go wrong with a message, or at it. */
  public enum FaultKind {
    /** The client says nothing from this message on. */
    DROP,
    /** The message is lost on the way. */
    LOSE,
    /** The message comes later, and what follows on its line after it. */
    DELAY,
    /** The message comes later, and what follows overtakes it. */
    REORDER,
    /** The message comes again. */
    DUPLICATE,
    /** A bit of the message flips. */
    CORRUPT,
    /** The client is malicious: it says something else, under its own key. */
    LIE,
    /** The client trains for longer. */
    SLOW,
    /** The coordinator's process dies at the message and is started again. */
    CRASH;

    /** The word of the job file. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
