package dev.tributary.coordinator.strategy;

import dev.tributary.coordinator.Strategy;
import dev.tributary.coordinator.StrategyProvider;
import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.Layout;
import dev.tributary.plan.Segments;
import dev.tributary.privacy.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** The strategies that there are: those that come with the coordinator, and the class path's. */
public final class Strategies {
  /** Those that come with the coordinator, by their names in job files. */
  public static final List<String> BUILT_IN =
      List.of(
          "fedavg",
          "fedavgm",
          "fedprox",
          "fedadagrad",
          "fedadam",
          "fedyogi",
          "fednova",
          "scaffold",
          "fedbn");

  private Strategies() {}

  /** Those of the class path. Two of one name: the first. */
  public static List<StrategyProvider> provided() {
    return ServiceLoader.load(StrategyProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> !BUILT_IN.contains(provider.name()))
        .toList();
  }

  /** That of the class path with this name. */
  public static Optional<StrategyProvider> provided(String name) {
    return provided().stream().filter(provider -> provider.name().equals(name)).findFirst();
  }

  /**
   * The strategy of a job, before its first round.
   *
   * @throws IllegalArgumentException if it is on the class path no more
   */
  public static Strategy of(Job job) {
    return of(job, job.model().trainable().size());
  }

  /** The same for as many of its parameters. */
  public static Strategy of(Job job, int length) {
    Job.ServerStrategy spec = job.strategy();
    if (spec.name().equals("scaffold")) {
      return new Scaffold(spec, job.rounds(), length);
    }
    if (BUILT_IN.contains(spec.name())) {
      return new FedAvg(spec, job.rounds(), length);
    }
    return provided(spec.name())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "strategy " + spec.name() + " is not on the class path"))
        .create(spec.settings(), job.rounds(), length);
  }

  /** Tensors of a job's model that stay with its clients, by name. */
  public static List<String> local(Job job) {
    return job.strategy().name().equals("fedbn")
        ? job.model().normalizations().stream().map(Layout.Tensor::name).toList()
        : List.of();
  }

  /** What clients of a job send beside their update. */
  public static List<Segment> asked(Job job) {
    List<Segment> asked = new ArrayList<>();
    if (job.strategy().name().equals("scaffold")) {
      asked.add(new Segment(Segments.CONTROL, job.model().trainable().size()));
    }
    if (job.strategy().maximumExamples() > 0) {
      asked.add(new Segment(Segments.WEIGHT, 1));
    }
    if (job.strategy().name().equals("fednova")) {
      asked.add(new Segment(Segments.STEPS, 1));
    }
    return asked;
  }
}
