package dev.tributary.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;

/**
 * A small job whose every setting follows from a seed: strategy and mechanism in turn, all else
 * drawn.
 *
 * @param strategy its name
 * @param mechanism its name
 * @param partition its name
 * @param scripted whether a script of faults is drawn for it
 * @param yaml the job file
 */
record RandomJob(
    long seed, String strategy, String mechanism, String partition, boolean scripted, String yaml) {
  static final int ROUNDS = 3;

  static final List<String> STRATEGIES =
      List.of(
          "fedavg: {maximumExamples: 100}",
          "fedavg",
          "fedavg: {serverOptimizer: {adam: {learningRate: 0.01}}}",
          "fedavg: {serverOptimizer: {sgd: {learningRate: 1.0, momentum: 0.5, decay: {linear: {from: 0.5}}}}}",
          "fedavgm: {learningRate: 1.0}",
          "fedprox: {mu: 0.1}",
          "fedadagrad: {learningRate: 0.01}",
          "fednova: {maximumExamples: 100}",
          "fedadam: {learningRate: 0.01}",
          "fedyogi: {learningRate: 0.01}",
          "scaffold",
          "fedbn");

  static final List<String> MECHANISMS =
      List.of(
          "none",
          "local-gaussian",
          "central-gaussian",
          "central-tree",
          "central-blt",
          "distributed-discrete-gaussian",
          "distributed-skellam");

  static final List<String> PARTITIONS =
      List.of(
          "iid: {clients: %d}",
          "dirichlet: {clients: %d, alpha: 0.5}",
          "dirichletSizes: {clients: %d, alpha: 0.5}",
          "shards: {clients: %d}",
          "labels: {clients: %d}",
          "powerLaw: {clients: %d}",
          "featureNoise: {clients: %d, sigma: 0.1}",
          "drawn: {clients: %d, rows: 20}");

  static RandomJob of(long seed) {
    return new Draw(seed).job();
  }

  /** The first word of a choice. */
  static String name(String choice) {
    return choice.split(":", 2)[0];
  }

  @Override
  public String toString() {
    return "seed " + seed + "\n" + yaml;
  }

  private static final class Draw {
    private final long seed;
    private final SplittableRandom random;
    private final int cohort;
    private final int population;

    Draw(long seed) {
      this.seed = seed;
      random = new SplittableRandom(seed);
      cohort = 6 + random.nextInt(11);
      population = cohort + random.nextInt(25 - cohort);
    }

    RandomJob job() {
      // Every pair of both comes once in as many seeds as there are pairs: 12 and 7 share no
      // factor.
      String strategy = STRATEGIES.get((int) (seed % STRATEGIES.size()));
      String mechanism = MECHANISMS.get((int) (seed % MECHANISMS.size()));
      String partition = one(PARTITIONS).formatted(population);
      boolean noisy = !mechanism.equals("none");
      boolean drawn = partition.startsWith("drawn");
      boolean split = !drawn && chance(0.5);
      boolean scripted = chance(0.3);
      StringJoiner yaml = new StringJoiner("\n", "", "\n");
      yaml.add("apiVersion: tributary/v1");
      yaml.add("name: random-" + seed);
      yaml.add(
          "model: {input: [64], layers: [%s], loss: sparse_categorical_crossentropy}"
              .formatted(layers(strategy)));
      yaml.add("training: {%s, engine: java}".formatted(training(strategy)));
      yaml.add("strategy: " + (strategy.contains(":") ? "{" + strategy + "}" : strategy));
      yaml.add("rounds: " + ROUNDS);
      yaml.add("cohort: {%s}".formatted(cohort(noisy)));
      yaml.add("privacy: {mechanism: %s}".formatted(privacy(mechanism)));
      yaml.add(
          "secureAggregation: {suite: sa1, mode: %s}"
              .formatted(one(List.of("curious", "malicious"))));
      yaml.add("deadline: 10m");
      yaml.add("evaluation: {%s}".formatted(evaluation(split && mayEvaluate(mechanism))));
      yaml.add("simulation:");
      yaml.add("  seed: " + seed);
      yaml.add(
          "  data: {source: digits, partition: {%s}%s}"
              .formatted(partition, split ? ", split: perClient" : ""));
      String faults = faults(mechanism, scripted);
      if (!faults.isEmpty()) {
        yaml.add("  faults: {" + faults + "}");
      }
      if (chance(0.25)) {
        yaml.add("  availability: {random: {share: 0.9}}");
      }
      if (chance(0.25)) {
        yaml.add("  trainingSeconds: {lognormal: {median: 5, sigma: 0.5}}");
      }
      return new RandomJob(
          seed, name(strategy), mechanism, name(partition), scripted, yaml.toString());
    }

    private String layers(String strategy) {
      boolean normalised = strategy.equals("fedbn") || chance(0.2);
      return "{dense: {units: 12}}, "
          + (normalised ? "batch_normalization, " : "")
          + "{activation: {activation: relu}}, {dense: {units: 10, activation: softmax}}";
    }

    private String training(String strategy) {
      if (strategy.startsWith("fednova") || strategy.equals("scaffold")) {
        return "localEpochs: 2, batchSize: %s, optimizer: {sgd: {learningRate: 0.1, momentum: %s}}"
            .formatted(one(List.of("1", "7", "64")), one(List.of("0", "0.9")));
      }
      return "localEpochs: %s, batchSize: %s, optimizer: %s%s"
          .formatted(
              one(List.of("1", "2")),
              one(List.of("1", "5", "10", "64")),
              one(
                  List.of(
                      "{sgd: {learningRate: 0.1}}",
                      "{adam: {learningRate: 0.01}}",
                      "{nesterov: {learningRate: 0.05}}",
                      "{sgd: {learningRate: 0.05, momentum: 0.9}}")),
              one(
                  List.of(
                      "", "", ", schedule: cosine", ", schedule: linear", ", gradientClip: 1")));
    }

    private String cohort(boolean noisy) {
      String members = "size: %d, minimum: %d".formatted(cohort, (4 * cohort + 4) / 5);
      if (noisy) {
        members += ", schedule: {participations: 3, separation: 1}";
      }
      if (population > cohort && chance(0.3)) {
        members += ", spares: " + (1 + random.nextInt(population - cohort));
      }
      return members;
    }

    private String privacy(String mechanism) {
      if (mechanism.equals("none")) {
        return mechanism + one(List.of("", ", clipNorm: 5"));
      }
      boolean adapts =
          List.of("central-gaussian", "distributed-discrete-gaussian", "distributed-skellam")
                  .contains(mechanism)
              && chance(0.4);
      return "%s, noiseMultiplier: %s, clipNorm: 1, epsilon: 200, delta: 1e-5%s"
          .formatted(
              mechanism,
              one(List.of("0.6", "0.8", "0.9")),
              adapts ? ", adaptiveClip: {bitNoise: 2, learningRate: 0.2}" : "");
    }

    /** Counts of accuracies need noise that is drawn anew in each round. */
    private static boolean mayEvaluate(String mechanism) {
      return !List.of("local-gaussian", "central-tree", "central-blt").contains(mechanism);
    }

    private String evaluation(boolean clients) {
      return "every: %d%s"
          .formatted(1 + random.nextInt(3), clients && chance(0.7) ? ", clients: {bins: 11}" : "");
    }

    private String faults(String mechanism, boolean scripted) {
      List<String> faults = new ArrayList<>();
      if (chance(0.5)) {
        faults.add("dropout: " + one(List.of("0.05", "0.1")));
      }
      // A coordinator that makes the noise itself makes another after a death.
      if (!mechanism.startsWith("central") && chance(0.25)) {
        faults.add("coordinatorCrashes: 0.02");
      }
      if (scripted) {
        faults.add("seed: " + random.nextInt(1_000));
      }
      return String.join(", ", faults);
    }

    private boolean chance(double probability) {
      return random.nextDouble() < probability;
    }

    private String one(List<String> of) {
      return of.get(random.nextInt(of.size()));
    }
  }
}
