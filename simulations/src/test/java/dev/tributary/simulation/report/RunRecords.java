package dev.tributary.simulation.report;

import dev.tributary.coordinator.round.ClientAccuracy;
import dev.tributary.simulation.data.PartitionMix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** Runs that nobody ran, for tests of what is written about them. */
final class RunRecords {
  private RunRecords() {}

  /** 120 clients with two of ten labels each. */
  static PartitionMix mix() {
    int[][] counts = new int[120][10];
    for (int client = 0; client < counts.length; client++) {
      counts[client][client % 10] = 5 + client % 7;
      counts[client][(client + 3) % 10] = 2 + client % 11;
    }
    return new PartitionMix(counts.length, 10, counts);
  }

  static RunRecord privateRun(int rounds) {
    List<RoundLine> lines = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      boolean lost = round == 17;
      boolean evaluated = round % 5 == 0;
      double epsilon = 4 * Math.sqrt((double) round / rounds);
      lines.add(
          new RoundLine(
              round,
              !lost,
              lost ? "aborted: too-few-inputs" : "completed",
              100,
              lost ? 0 : 94 + round % 5,
              new TreeMap<>(
                  lost ? Map.of("no input", 100) : Map.of("no keys", 2, "no input", 4 - round % 5)),
              lost ? 0 : 2,
              Optional.of(epsilon),
              Optional.of(epsilon),
              Optional.empty(),
              evaluated ? Optional.of(0.80 - 0.5 / (1 + round / 4.0)) : Optional.empty(),
              evaluated ? Optional.of(0.6 + 2.0 / (1 + round)) : Optional.empty(),
              evaluated ? new TreeMap<>(Map.of("f1", 0.5)) : new TreeMap<>(),
              lost ? Optional.empty() : Optional.of(accuracy(round)),
              List.of(
                  new RoundLine.Phase("advertise", 0.31, 28_000, 1_450_000),
                  new RoundLine.Phase("share", 0.44, 1_100_000, 1_000_000),
                  new RoundLine.Phase("input", 2.52, 2_600_000, 3_000),
                  new RoundLine.Phase("sign", 0.30, 9_000, 800_000),
                  new RoundLine.Phase("unmask", 0.33, 390_000, 5_000))));
    }
    return new RunRecord(
        "fashion-private",
        "apiVersion: tributary/v1\nname: fashion-private # <b>&\nrounds: " + rounds,
        1,
        false,
        true,
        1000,
        100,
        85,
        rounds,
        7850,
        "softmax regression",
        "fashion-mnist-12k, dealt evenly at random",
        2000,
        "java",
        "sa1, masked, any coordinator behaviour tolerated with fewer than 34 corrupt members of a"
            + " round",
        Optional.empty(),
        Optional.of(
            new RunRecord.Privacy(
                4,
                1e-5,
                "user",
                "zero-out",
                "distributed discrete Gaussian",
                3.284,
                0.3,
                8,
                5,
                false,
                1,
                true,
                3.99,
                new RunRecord.Rows(
                    OptionalDouble.of(3.99), OptionalDouble.of(3.99), OptionalDouble.of(3.99)))),
        Optional.empty(),
        lines,
        faults(rounds),
        "9f2c0f2d4c5e8a8e4f7a9f2c0f2d4c5e8a8e4f7a9f2c0f2d4c5e8a8e4f7aabcd",
        Optional.empty());
  }

  /** 94 clients around 70 %, and six at 20 %, a little more noisy with each round. */
  private static ClientAccuracy accuracy(int round) {
    List<Double> counts = new ArrayList<>();
    for (int bin = 0; bin <= 20; bin++) {
      double bell = 94 * Math.exp(-(bin - 14) * (bin - 14) / 8.0) / Math.sqrt(8 * Math.PI);
      counts.add(bell + (bin == 4 ? 6 : 0) + round % 3 * 0.25);
    }
    return new ClientAccuracy(counts, 2.5);
  }

  /** Every kind in every third round, and in round 3 two thousand clients that fall silent. */
  static FaultTimeline faults(int rounds) {
    List<String> kinds =
        List.of("corrupt", "crash", "delay", "drop", "duplicate", "lie", "lose", "reorder", "slow");
    List<FaultTimeline.Moment> all = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      for (int i = 0; i < (round == 3 ? 2000 : kinds.size()) && round % 3 == 0; i++) {
        double second = 3.9 * i / (round == 3 ? 2000 : kinds.size());
        all.add(
            new FaultTimeline.Moment(
                10 * round + second,
                round,
                Optional.of(second),
                i % kinds.size() == 1 ? -1 : i,
                i % kinds.size() == 1 ? "" : "input",
                i < kinds.size() ? kinds.get(i) : "drop",
                i % kinds.size() == 2 ? 1.5 : 0));
      }
    }
    return FaultTimeline.of(all);
  }

  /** Of a hundred million clients without labels, those that are counted. */
  static PartitionMix largeMix() {
    int[][] counts = new int[10_000][1];
    for (int client = 0; client < counts.length; client++) {
      counts[client][0] = 100_000 + 77 * client % 5_000;
    }
    return new PartitionMix(100_000_000, 0, counts);
  }

  /** Rows carry a number to predict, in the hundred thousands. */
  static RunRecord numbersRun() {
    return of(
        privateRun(10).rounds().stream()
            .map(
                round ->
                    new RoundLine(
                        round.number(),
                        round.completed(),
                        round.outcome(),
                        round.cohort(),
                        round.survivors(),
                        round.dropouts(),
                        round.late(),
                        round.releasedEpsilon(),
                        round.coordinatorEpsilon(),
                        round.clipNorm(),
                        Optional.empty(),
                        Optional.of(3.8e10 / round.number()),
                        new TreeMap<>(
                            Map.of(
                                "rmse",
                                193_090.0 - 9_000 * round.number(),
                                "r2",
                                -0.004 * round.number())),
                        Optional.empty(),
                        round.phases()))
            .toList());
  }

  static RunRecord plainRun() {
    return of(privateRun(10).rounds());
  }

  private static RunRecord of(List<RoundLine> rounds) {
    RunRecord run = privateRun(10);
    return new RunRecord(
        run.name(),
        run.jobText(),
        run.seed(),
        true,
        false,
        12,
        run.cohort(),
        run.minimum(),
        40,
        run.parameters(),
        run.model(),
        run.data(),
        run.testRows(),
        run.engine(),
        "plain sum, not private",
        Optional.empty(),
        Optional.empty(),
        Optional.of(new FederatedStatistics(4, 11, 1)),
        rounds,
        FaultTimeline.NONE,
        run.modelSha256(),
        Optional.of("interrupted"));
  }
}
