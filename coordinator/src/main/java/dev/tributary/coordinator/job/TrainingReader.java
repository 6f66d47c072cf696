package dev.tributary.coordinator.job;

import dev.tributary.coordinator.job.Section.Choice;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.Schedule;
import dev.tributary.plan.ExamplePrivacy;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads what clients do with their data; optimizers are written alike for the server. */
final class TrainingReader {
  /** Names of optimizers. */
  static final String[] OPTIMIZERS = {"sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad"};

  private static final Rule LEARNING_RATE = Rule.between(1e-9, 1_000).orElse(1);
  private static final Rule EPSILON = Rule.between(1e-16, 1).orElse(1e-8);
  private static final Rule WEIGHT_DECAY = Rule.between(0, 100);
  private static final Rule PART = Rule.between(0, 1);
  private static final Rule BELOW_ONE = Rule.from(0, 1);
  private static final Rule MU = Rule.between(0, 1_000);
  private static final Rule FACTOR = Rule.between(1e-6, 1).orElse(1);
  private static final Rule NOISE = Rule.between(1e-3, 1e6).orElse(1);
  private static final Rule BUDGET = Rule.between(1e-3, 1e6).orElse(1);
  private static final Rule GRADIENT_CLIP = Rule.between(1e-9, 1e6).orElse(1);

  private TrainingReader() {}

  static Job.Training read(Section s) {
    double clip = s.number("gradientClip", 1.0, GRADIENT_CLIP);
    Job.Training training =
        new Job.Training(
            s.integer("localEpochs", 1, 1, 10_000),
            s.integer("batchSize", null, 1, 1 << 20),
            s.oneOf("engine", Map.of("auto", "auto", "java", "java", "nd4j", "nd4j"), "auto"),
            method(s.choice("method", false, "sgd", "prox")),
            optimizer(s.choice("optimizer", true, OPTIMIZERS)),
            schedule(s.choice("schedule", false, "linear", "cosine", "staircase")),
            s.has("gradientClip") ? clip : 0,
            examplePrivacy(s));
    s.end();
    return training;
  }

  private static Optional<ExamplePrivacy> examplePrivacy(Section s) {
    boolean stated = s.has("examplePrivacy");
    Section e = s.section("examplePrivacy", false);
    if (!stated) {
      return Optional.empty();
    }
    ExamplePrivacy terms =
        new ExamplePrivacy(
            e.number("clipNorm", null, GRADIENT_CLIP),
            e.number("noiseMultiplier", null, NOISE),
            e.number("epsilon", null, BUDGET),
            e.number("delta", 1e-5, Rule.inside(0, 1)));
    e.end();
    return Optional.of(terms);
  }

  private static LocalMethod method(@Nullable Choice choice) {
    if (choice == null) {
      return LocalMethod.sgd();
    }
    Section s = choice.section();
    LocalMethod method =
        choice.name().equals("prox")
            ? LocalMethod.prox(s.number("mu", null, MU))
            : LocalMethod.sgd();
    s.end();
    return method;
  }

  private static Schedule schedule(@Nullable Choice choice) {
    if (choice == null) {
      return Schedule.constant();
    }
    Section s = choice.section();
    Schedule schedule =
        switch (choice.name()) {
          case "linear" ->
              new Schedule.Linear(s.number("from", 0.0, PART), s.number("floor", 0.0, PART));
          case "cosine" ->
              new Schedule.Cosine(s.number("warmup", 0.0, PART), s.number("floor", 0.0, PART));
          default ->
              new Schedule.Staircase(
                  s.integer("every", null, 1, 1_000_000), s.number("factor", null, FACTOR));
        };
    s.end();
    return schedule;
  }

  private static OptimizerSpec optimizer(@Nullable Choice choice) {
    if (choice == null) {
      return OptimizerSpec.sgd(1, 0, 0);
    }
    OptimizerSpec spec = optimizer(choice.name(), choice.section());
    choice.section().end();
    return spec;
  }

  /** The keys of an optimizer; others may follow in the section. */
  static OptimizerSpec optimizer(String name, Section s) {
    SortedMap<String, Double> parameters = new TreeMap<>();
    parameters.put("learningRate", s.number("learningRate", null, LEARNING_RATE));
    switch (name) {
      case "adam", "adamw" -> {
        parameters.put("beta1", s.number("beta1", 0.9, BELOW_ONE));
        parameters.put("beta2", s.number("beta2", 0.999, BELOW_ONE));
        parameters.put("epsilon", s.number("epsilon", 1e-8, EPSILON));
      }
      case "rmsprop" -> {
        parameters.put("rho", s.number("rho", 0.99, BELOW_ONE));
        parameters.put("epsilon", s.number("epsilon", 1e-8, EPSILON));
        parameters.put("momentum", s.number("momentum", 0.0, BELOW_ONE));
      }
      case "adagrad" -> parameters.put("epsilon", s.number("epsilon", 1e-10, EPSILON));
      default -> {
        double usual = name.equals("nesterov") ? 0.9 : 0;
        parameters.put("momentum", s.number("momentum", usual, BELOW_ONE));
      }
    }
    double usual = name.equals("adamw") ? 0.01 : 0;
    parameters.put("weightDecay", s.number("weightDecay", usual, WEIGHT_DECAY));
    return new OptimizerSpec(name, parameters);
  }
}
