package dev.tributary.coordinator.job;

import dev.tributary.coordinator.Evaluator;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.metric.Metric;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the keys of a job into {@link Job}, one method for each section. */
final class JobReader {
  static final String API_VERSION = "tributary/v1";
  static final int MAXIMUM_COHORT = 1 << 20;
  static final int MAXIMUM_ROUNDS = 1_000_000;

  private static final Rule EPSILON = Rule.between(1e-3, 1e6).orElse(1);
  private static final Rule CLIP_NORM = Rule.between(1e-9, 1e6).orElse(1);
  private static final Rule CLIP_RATE = Rule.between(1e-3, 10).orElse(0.2);
  private static final Rule BIT_NOISE = Rule.between(1e-3, 1e6).orElse(5);
  private static final Rule COUNT_NOISE = Rule.between(1e-3, 1e9).orElse(10);
  private static final Rule NOISE_MULTIPLIER = Rule.between(1e-3, 1e6).orElse(1);

  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofDays(30);

  private final Section job;
  private final String source;
  private final Path base;

  /**
   * @param base the folder that relative paths start from
   */
  JobReader(Section job, String source, Path base) {
    this.job = job;
    this.source = source;
    this.base = base;
  }

  Job read() {
    job.oneOf("apiVersion", Map.of(API_VERSION, API_VERSION), null);
    String name = name();
    int rounds = job.integer("rounds", null, 1, MAXIMUM_ROUNDS);
    Job.Privacy privacy = privacy(job.section("privacy", true));
    Job.Cohort cohort = cohort(job.section("cohort", true), rounds, privacy);
    ModelSpec model = new ModelReader(job.section("model", true)).read();
    Job.Training training = TrainingReader.read(job.section("training", true));
    StrategyReader strategy = new StrategyReader(job, privacy, training);
    Job read =
        new Job(
            name,
            strategy.model(model),
            strategy.training(),
            strategy.strategy(),
            rounds,
            cohort,
            privacy,
            secureAggregation(job.section("secureAggregation", false), cohort, privacy),
            deadline(),
            evaluation(job.section("evaluation", false), model),
            new SimulationReader(job, base).read(),
            source);
    job.end();
    return read;
  }

  private String name() {
    String name = job.text("name", null);
    if (!name.isEmpty() && !name.matches("[a-z0-9][a-z0-9-]{0,63}")) {
      job.problem(
          "job-out-of-range",
          "name",
          "is not a name of small letters, digits and hyphens",
          "Write something like fashion-private, at most 64 characters.");
    }
    return name;
  }

  /** Long enough for steps of whole milliseconds, and short enough for every clock. */
  private Duration deadline() {
    Duration deadline = job.duration("deadline", Duration.ofSeconds(60));
    if (deadline.compareTo(SHORTEST) < 0 || deadline.compareTo(LONGEST) > 0) {
      job.problem(
          "job-out-of-range",
          "deadline",
          "must be between 100ms and 720h",
          "Choose another deadline.");
    }
    return deadline;
  }

  private static Job.Cohort cohort(Section s, int rounds, Job.Privacy privacy) {
    int size = s.integer("size", null, 2, MAXIMUM_COHORT);
    int minimum = s.integer("minimum", null, 2, MAXIMUM_COHORT);
    Integer population =
        s.has("population") ? (Integer) s.integer("population", 2, 2, 1 << 30) : null;
    if (population == null) {
      s.integer("population", 2, 2, 1 << 30);
    }
    Job.Sampling sampling = sampling(s);
    boolean sampled = sampling != Job.Sampling.SCHEDULE;
    Job.Joining joining =
        s.oneOf(
            "joining",
            Map.of("closed", Job.Joining.CLOSED, "between-passes", Job.Joining.BETWEEN_PASSES),
            Job.Joining.CLOSED);
    int spares = s.integer("spares", 0, 0, MAXIMUM_COHORT);
    boolean stated = s.has("schedule");
    Section schedule = s.section("schedule", !privacy.none() && !sampled);
    Integer any = privacy.none() || sampled ? (Integer) rounds : null;
    Job.Cohort cohort =
        new Job.Cohort(
            size,
            minimum,
            population,
            sampling,
            joining,
            spares,
            schedule.integer("participations", any, 1, MAXIMUM_ROUNDS),
            schedule.integer("separation", 1, 1, MAXIMUM_ROUNDS));
    schedule.end();
    s.end();
    if (sampled && stated) {
      s.problem(
          "sampling-not-covered",
          "schedule",
          "would let a client's earlier rounds decide who may be drawn",
          "Leave schedule out: with samples any client may be in every round.");
    }
    if (sampled && joining != Job.Joining.CLOSED) {
      s.problem(
          "sampling-not-covered",
          "joining",
          "would change the number of clients that samples are drawn from, which the budget rests on",
          "Leave joining out, or write sampling: schedule.");
    }
    if (sampled && spares > 0) {
      s.problem(
          "sampling-not-covered",
          "spares",
          "would let who is there decide who is in a sample",
          "Leave spares out, or write sampling: schedule.");
    }
    return cohort;
  }

  private static Job.Sampling sampling(Section s) {
    String written = s.shown("sampling");
    if (List.of("poisson", "truncated-poisson").contains(written)) {
      s.text("sampling", "schedule");
      s.problem(
          "sampling-not-covered",
          "sampling",
          "draws cohorts of any size, and a masked sum of too few is never released: whether one"
              + " was tells how many were drawn, and of so many each choice is equally likely, as"
              + " with fixed-size",
          "Write sampling: fixed-size.");
      return Job.Sampling.SCHEDULE;
    }
    return s.oneOf(
        "sampling",
        Map.of("schedule", Job.Sampling.SCHEDULE, "fixed-size", Job.Sampling.FIXED_SIZE),
        Job.Sampling.SCHEDULE);
  }

  private static Job.Privacy privacy(Section s) {
    String mechanism = mechanism(s);
    boolean none = mechanism.equals(Job.Privacy.NONE);
    boolean distributed = mechanism.startsWith("distributed");
    boolean central = none || mechanism.startsWith("central");
    Double required = null;
    double epsilon =
        s.number("epsilon", none ? (Double) Double.POSITIVE_INFINITY : required, EPSILON);
    Job.Privacy privacy =
        new Job.Privacy(
            mechanism,
            s.text("population", "default"),
            s.oneOf("unit", Map.of("user", Unit.USER, "example", Unit.EXAMPLE), Unit.USER),
            s.oneOf(
                "relation",
                Map.of(
                    "add-remove", Relation.ADD_REMOVE,
                    "zero-out", Relation.ZERO_OUT,
                    "replace-one", Relation.REPLACE_ONE),
                central ? Relation.ADD_REMOVE : Relation.ZERO_OUT),
            epsilon,
            s.number("delta", none ? (Double) 1e-5 : required, Rule.inside(0, 1)),
            s.number("clipNorm", none ? (Double) 10.0 : required, CLIP_NORM),
            s.integer("colluders", distributed ? 1 : 0, 0, MAXIMUM_COHORT),
            optionalNumber(s, "noiseMultiplier", NOISE_MULTIPLIER),
            s.has("ringBits") ? (Integer) s.integer("ringBits", 32, 8, 32) : skip(s),
            s.number("populationEpsilon", epsilon, EPSILON),
            s.text("operator", ""),
            adaptiveClip(s));
    s.end();
    if (privacy.populationEpsilon() < epsilon) {
      s.problem(
          "budget-too-small",
          "populationEpsilon",
          "is less than the epsilon of this job alone",
          "Write epsilon or more, or leave it out.");
    }
    if (!privacy.operator().matches("([0-9a-f]{64})?")) {
      s.problem(
          "job-out-of-range",
          "operator",
          "is no Ed25519 public key",
          "Write the 64 hex digits that tributary privacy key printed.");
    }
    if (!privacy.population().matches("\\S(.{0,62}\\S)?")) {
      s.problem(
          "job-out-of-range",
          "population",
          "is not a name on one line",
          "Write something like phones-europe, at most 64 characters.");
    }
    return privacy;
  }

  private static Job.@Nullable AdaptiveClipping adaptiveClip(Section s) {
    boolean stated = s.has("adaptiveClip");
    Section a = s.section("adaptiveClip", false);
    if (!stated) {
      return null;
    }
    Job.AdaptiveClipping read =
        new Job.AdaptiveClipping(
            a.number("quantile", 0.5, Rule.between(0, 1)),
            a.number("learningRate", 0.2, CLIP_RATE),
            optionalNumber(a, "bitNoise", BIT_NOISE));
    a.end();
    return read;
  }

  private static Job.@Nullable ClientEvaluation clientEvaluation(Section s) {
    boolean stated = s.has("clients");
    Section c = s.section("clients", false);
    if (!stated) {
      return null;
    }
    Job.ClientEvaluation read =
        new Job.ClientEvaluation(
            c.integer("bins", 21, 2, 1001), optionalNumber(c, "noise", COUNT_NOISE));
    c.end();
    return read;
  }

  private static @Nullable Integer skip(Section s) {
    s.integer("ringBits", 32, 8, 32);
    return null;
  }

  private static @Nullable Double optionalNumber(Section s, String key, Rule rule) {
    double value = s.number(key, 1.0, rule);
    return s.has(key) ? (Double) value : null;
  }

  private static String mechanism(Section s) {
    Map<String, String> known = new LinkedHashMap<>();
    Job.Privacy.MECHANISMS.forEach(word -> known.put(word, word));
    String written = s.shown("mechanism");
    if (List.of("tree", "banded", "blt").contains(written)) {
      s.text("mechanism", Job.Privacy.DISTRIBUTED);
      s.problem(
          "noise-not-for-clients",
          "mechanism",
          "makes noise that is correlated between rounds, from numbers that no client may hold",
          "Write mechanism: "
              + Job.Privacy.DISTRIBUTED
              + ", or central-"
              + written
              + " where the coordinator is trusted with the sums.");
      return Job.Privacy.DISTRIBUTED;
    }
    return s.oneOf("mechanism", known, null);
  }

  private static Job.SecureAggregation secureAggregation(
      Section s, Job.Cohort cohort, Job.Privacy privacy) {
    int lost = Math.max(0, cohort.size() - cohort.minimum());
    Job.SecureAggregation read =
        new Job.SecureAggregation(
            s.oneOf("suite", suites(), Sa1.ID),
            s.oneOf(
                "mode",
                Map.of("malicious", Mode.MALICIOUS, "curious", Mode.CURIOUS),
                Mode.MALICIOUS),
            s.number(
                "corruptFraction",
                part(Math.min(privacy.colluders(), cohort.size() - 1), cohort.size()),
                Rule.from(0, 1)),
            s.number("dropoutFraction", part(lost, cohort.size()), Rule.from(0, 1)));
    s.end();
    return read;
  }

  private static Map<String, String> suites() {
    Map<String, String> suites = new LinkedHashMap<>();
    suites.put(Sa1.ID, Sa1.ID);
    suites.put(Sa1.POST_QUANTUM, Sa1.POST_QUANTUM);
    return suites;
  }

  /**
   * The fraction f with floor(f n) = count, f read as the decimal that it prints as: the division
   * alone may miss it by one rounding.
   */
  static double part(int count, int n) {
    double fraction = (double) count / n;
    BigDecimal product = BigDecimal.valueOf(fraction).multiply(BigDecimal.valueOf(n));
    return product.compareTo(BigDecimal.valueOf(count)) < 0 ? Math.nextUp(fraction) : fraction;
  }

  private static Job.Evaluation evaluation(Section s, ModelSpec model) {
    List<String> known = new ArrayList<>(Evaluator.ALWAYS);
    for (Metric metric : Metric.values()) {
      if (!known.contains(metric.key())) {
        known.add(metric.key());
      }
    }
    Job.Evaluation evaluation =
        new Job.Evaluation(
            s.integer("every", 1, 1, MAXIMUM_ROUNDS),
            s.words("metrics", known, Evaluator.ALWAYS),
            clientEvaluation(s));
    s.end();
    for (String name : evaluation.metrics()) {
      if (!Evaluator.ALWAYS.contains(name)) {
        Metric.byName(name)
            .refusal(model)
            .ifPresent(
                rule ->
                    s.problem(
                        "model-does-not-fit",
                        "metrics",
                        "do not fit the model: " + rule,
                        "Take " + name + " out."));
      }
    }
    return evaluation;
  }
}
