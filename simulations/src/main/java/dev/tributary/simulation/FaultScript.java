package dev.tributary.simulation;

import dev.tributary.coordinator.job.Job.Fault;
import dev.tributary.coordinator.job.Job.FaultKind;
import dev.tributary.wire.v1.Envelope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Single faults, each at a message between a client and the coordinator in a round. */
public final class FaultScript {
  /** The messages of a round in their order, the client's and the coordinator's to it. */
  private static final List<String> MOMENTS =
      List.of(
          "offer",
          "advertise",
          "roster",
          "share",
          "shares",
          "input",
          "survivors",
          "sign",
          "proof",
          "unmask",
          "result");

  private static final List<FaultKind> KINDS = List.of(FaultKind.values());
  private static final List<String> CLIENTS =
      List.of("advertise", "share", "input", "sign", "unmask");
  private static final List<String> LIES = List.of("advertise", "input", "unmask");

  /** A message of a round, the client's or the coordinator's to it. */
  record Moment(int round, int client, String at) {}

  private final List<Fault> faults;
  private final Map<Moment, List<Fault>> byMoment = new HashMap<>();

  public FaultScript(List<Fault> faults) {
    this.faults = List.copyOf(faults);
    for (Fault fault : faults) {
      byMoment
          .computeIfAbsent(
              new Moment(fault.round(), fault.client(), fault.at()), first -> new ArrayList<>())
          .add(fault);
    }
  }

  /** No faults. */
  public static FaultScript none() {
    return new FaultScript(List.of());
  }

  /**
   * What a seed brings: mostly a few faults, now and then many; their times from a tenth of a
   * second to beyond a round, evenly on a logarithmic scale.
   */
  public static List<Fault> draw(long seed, int rounds, int clients) {
    SplittableRandom random =
        new SplittableRandom(Experiment.rootSeed(seed).derive("script").toLong());
    int count =
        random.nextInt(8) == 0
            ? clients
            : 1 + random.nextInt(1 + random.nextInt(Math.max(1, clients / 2)));
    List<Fault> drawn = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      FaultKind kind = KINDS.get(random.nextInt(KINDS.size()));
      List<String> moments =
          switch (kind) {
            case DROP -> CLIENTS;
            case LIE -> LIES;
            case SLOW -> List.of("input");
            default -> MOMENTS;
          };
      drawn.add(
          new Fault(
              kind,
              1 + random.nextInt(rounds),
              random.nextInt(clients),
              moments.get(random.nextInt(moments.size())),
              Math.round(100 * Math.pow(10, -1 + 3 * random.nextDouble())) / 100.0));
    }
    return List.copyOf(drawn);
  }

  /** In the order in which they were given. */
  public List<Fault> faults() {
    return faults;
  }

  /** Whether a fault of these kinds is there. */
  boolean holds(FaultKind kind) {
    return faults.stream().anyMatch(fault -> fault.kind() == kind);
  }

  /** What is to happen at a message. */
  List<Fault> at(Moment moment) {
    return byMoment.getOrDefault(moment, List.of());
  }

  /** The first message that a client keeps to itself, if it drops out. */
  Optional<DropPhase> drop(int round, int client) {
    return of(FaultKind.DROP, round, client).stream()
        .map(fault -> DropPhase.of(fault.at()))
        .min(Comparator.naturalOrder());
  }

  /** What makes a client's training take longer. */
  List<Fault> slow(int round, int client) {
    return of(FaultKind.SLOW, round, client);
  }

  /** What a malicious client does in a round; empty for an honest one. */
  List<Fault> lies(int round, int client) {
    return of(FaultKind.LIE, round, client);
  }

  private List<Fault> of(FaultKind kind, int round, int client) {
    if (faults.isEmpty()) {
      return faults;
    }
    return faults.stream()
        .filter(fault -> fault.kind() == kind && fault.round() == round && fault.client() == client)
        .toList();
  }

  /** The word of a message; empty for one that has no part in a round without faults. */
  static String word(Envelope message) {
    return switch (message.getKindCase()) {
      case OFFER -> "offer";
      case ADVERTISE_KEYS -> "advertise";
      case ROSTER -> "roster";
      case SHARE_KEYS -> "share";
      case SHARES -> "shares";
      case MASKED_INPUT -> "input";
      case SURVIVORS -> "survivors";
      case SIGNED_SURVIVORS -> "sign";
      case PROOF -> "proof";
      case UNMASK -> "unmask";
      case RESULT -> "result";
      default -> "";
    };
  }

  /** The value of {@code simulation.faults.script} that says the same. */
  public static String yaml(Collection<Fault> script) {
    return script.stream().map(FaultScript::yaml).collect(Collectors.joining(", ", "[", "]"));
  }

  /** An item of that value. */
  public static String yaml(Fault fault) {
    return "{fault: %s, round: %d, client: %d, at: %s, seconds: %s}"
        .formatted(
            fault.kind().word(),
            fault.round(),
            fault.client(),
            fault.at(),
            Double.toString(fault.seconds()));
  }

  @Override
  public String toString() {
    return yaml(faults);
  }
}
