package dev.tributary.coordinator.job;

import dev.tributary.coordinator.StrategyProvider;
import dev.tributary.coordinator.job.Section.Choice;
import dev.tributary.coordinator.strategy.Strategies;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.ModelSpecException;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.TrainingConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads what the coordinator does with the clients' updates, and holds it against their training
 * and against the noise: a strategy may have a half at the client.
 */
final class StrategyReader {
  /** Strategies that need what no sum shows. */
  private static final List<String> INDIVIDUAL =
      List.of("median", "trimmed-mean", "krum", "bulyan");

  private static final Rule LEARNING_RATE = Rule.between(1e-9, 1_000).orElse(1);
  private static final Rule BELOW_ONE = Rule.from(0, 1);
  private static final Rule TAU = Rule.between(1e-15, 1_000).orElse(1e-3);
  private static final Rule MU = Rule.between(0, 1_000);
  private static final Rule SETTING = Rule.between(-1e12, 1e12);

  private final Section job;
  private final Job.Privacy privacy;
  private Job.Training training;
  private final Job.ServerStrategy strategy;

  StrategyReader(Section job, Job.Privacy privacy, Job.Training training) {
    this.job = job;
    this.privacy = privacy;
    this.training = training;
    List<String> names = new ArrayList<>(Strategies.BUILT_IN);
    Strategies.provided().forEach(provider -> names.add(provider.name()));
    Choice choice =
        job.choice(
            "strategy",
            names,
            INDIVIDUAL,
            "Take one of these, or name the jar of your own in TRIBUTARY_CLASS_PATH"
                + " (docs/strategies.md).");
    this.strategy = choice == null ? plain("fedavg") : read(choice);
  }

  /** With the client's half of the strategy. */
  Job.Training training() {
    return training;
  }

  Job.ServerStrategy strategy() {
    return strategy;
  }

  /** What of the model travels: with {@code fedbn} all but its normalization layers. */
  ModelSpec model(ModelSpec model) {
    if (!strategy.name().equals("fedbn")) {
      return model;
    }
    if (model.normalizations().isEmpty()) {
      job.problem(
          "model-does-not-fit",
          "strategy",
          "keeps normalization layers with the clients, and the model has none",
          "Put batch_normalization between its layers, or write strategy: fedavg.");
      return model;
    }
    if (training.examplePrivacy().isPresent()) {
      job.problem(
          "model-does-not-fit",
          "strategy",
          "keeps tensors with the clients that learn without noise, and what travels would tell of"
              + " single examples through them",
          "Leave training.examplePrivacy out, or write strategy: fedavg.");
      return model;
    }
    try {
      return model.without(model.normalizations());
    } catch (ModelSpecException e) {
      job.problem(
          "model-does-not-fit",
          "strategy",
          "leaves nothing of the model that travels",
          "Let model.trainable name a layer that is no normalization.");
      return model;
    }
  }

  private Job.ServerStrategy read(Choice choice) {
    if (INDIVIDUAL.contains(choice.name())) {
      job.problem(
          "needs-individual-updates",
          "strategy",
          "needs every client's own update, and secure aggregation shows the coordinator only"
              + " their sum",
          "Write strategy: fedavg; clipNorm bounds what one honest client does to the sum.");
      return plain("fedavg");
    }
    Section s = choice.section();
    double[] decay = {1};
    OptimizerSpec optimizer = optimizer(choice.name(), s, decay);
    client(choice.name(), s);
    SortedMap<String, Double> settings =
        Strategies.provided(choice.name())
            .map(provider -> settings(provider, s))
            .orElse(Collections.emptySortedMap());
    boolean weighed = choice.name().equals("fednova");
    boolean may = weighed || Strategies.BUILT_IN.contains(choice.name());
    int examples =
        may && !choice.name().equals("scaffold")
            ? s.integer("maximumExamples", weighed ? null : (Integer) 0, weighed ? 1 : 0, 1 << 24)
            : 0;
    Job.Denominator denominator = denominator(s);
    s.end();
    if (examples > 0 && !privacy.none()) {
      s.problem(
          "data-dependent-denominator",
          "maximumExamples",
          "weighs clients by how many examples they have, which the noise does not cover",
          "Write a strategy whose clients count alike, such as fedavg without maximumExamples.");
    }
    return new Job.ServerStrategy(
        choice.name(), optimizer, decay[0], denominator, examples, settings);
  }

  /** The optimizer of the server, and the keys of a falling learning rate. */
  private static OptimizerSpec optimizer(String name, Section s, double[] decay) {
    switch (name) {
      case "fedavgm", "fedprox", "fednova", "scaffold", "fedbn" -> {
        double rate = s.number("learningRate", 1.0, LEARNING_RATE);
        double usual = name.equals("fedavgm") ? 0.9 : 0;
        double momentum = name.equals("scaffold") ? 0 : s.number("momentum", usual, BELOW_ONE);
        decay[0] = decay(s);
        return OptimizerSpec.sgd(rate, momentum, 0);
      }
      case "fedadagrad", "fedadam", "fedyogi" -> {
        SortedMap<String, Double> settings = new TreeMap<>();
        settings.put("learningRate", s.number("learningRate", null, LEARNING_RATE));
        double usual = name.equals("fedadagrad") ? 0 : 0.9;
        settings.put("beta1", s.number("beta1", usual, BELOW_ONE));
        settings.put("beta2", s.number("beta2", 0.99, BELOW_ONE));
        settings.put("tau", s.number("tau", 1e-3, TAU));
        decay[0] = decay(s);
        return new OptimizerSpec(name, settings);
      }
      case "fedavg" -> {
        Choice server = s.choice("serverOptimizer", false, TrainingReader.OPTIMIZERS);
        if (server == null) {
          return plainSgd();
        }
        OptimizerSpec spec = TrainingReader.optimizer(server.name(), server.section());
        decay[0] = decay(server.section());
        server.section().end();
        return spec;
      }
      default -> {
        return plainSgd();
      }
    }
  }

  private static double decay(Section s) {
    Choice shape = s.choice("decay", false, "linear");
    if (shape == null) {
      return 1;
    }
    double from = shape.section().number("from", 0.0, Rule.between(0, 1));
    shape.section().end();
    return from;
  }

  private void client(String name, Section s) {
    if (name.equals("fedprox")) {
      double mu = s.number("mu", null, MU);
      if (!(training.method() instanceof LocalMethod.Plain)) {
        job.problem(
            "job-out-of-range",
            "strategy",
            "says what clients do in their steps, and so does training.method",
            "Leave training.method out.");
      }
      training = training.with(LocalMethod.prox(mu));
    }
    boolean addsUp =
        new TrainingConfig(
                1,
                1,
                training.optimizer(),
                training.method(),
                training.schedule(),
                training.gradientClip() == 0 ? Double.POSITIVE_INFINITY : training.gradientClip())
            .addsUp();
    if (List.of("fednova", "scaffold").contains(name) && !addsUp) {
      job.problem(
          "job-out-of-range",
          "strategy",
          "needs to know what a client's steps add up to, which is so with optimizer sgd without"
              + " schedule and gradientClip alone",
          "Write training.optimizer: {sgd: ...}, and leave schedule and gradientClip out.");
    }
  }

  private static SortedMap<String, Double> settings(StrategyProvider provider, Section s) {
    SortedMap<String, Double> settings = new TreeMap<>();
    provider
        .settings()
        .forEach(
            (name, usual) ->
                settings.put(name, s.number(name, usual.isNaN() ? null : usual, SETTING)));
    return settings;
  }

  private Job.Denominator denominator(Section s) {
    Job.Denominator denominator =
        s.oneOf(
            "denominator",
            Map.of("cohort", Job.Denominator.COHORT, "survivors", Job.Denominator.SURVIVORS),
            privacy.none() ? Job.Denominator.SURVIVORS : Job.Denominator.COHORT);
    if (denominator == Job.Denominator.SURVIVORS && !privacy.none()) {
      s.problem(
          "data-dependent-denominator",
          "denominator",
          "divides by a number that tells who took part, and the noise does not cover it",
          "Write denominator: cohort, or leave it out.");
    }
    return denominator;
  }

  private static Job.ServerStrategy plain(String name) {
    return new Job.ServerStrategy(name, plainSgd(), 1, Job.Denominator.COHORT);
  }

  private static OptimizerSpec plainSgd() {
    return OptimizerSpec.sgd(1, 0, 0);
  }
}
