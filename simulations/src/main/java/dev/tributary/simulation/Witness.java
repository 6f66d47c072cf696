package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.round.RoundResult;
import dev.tributary.coordinator.store.Store;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.LedgerEntry;
import dev.tributary.privacy.LedgerHistory;
import dev.tributary.privacy.PrivacyEvent.WholeRun;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Offer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds a run to its invariants from outside: it sees what the machines of the sum are given and
 * say, what goes over the lines, what rounds report and what the ledger holds, and asks nothing of
 * the code that it judges. Whatever is found first is kept, and ends the run after the step that it
 * happened in. Safe for many threads.
 */
final class Witness {
  /** The coordinator's last work on a round, after its sum. */
  private static final Duration SLACK = Duration.ofSeconds(1);

  /** Malicious members of one sum whose two inputs are both tried. */
  private static final int MOST_LIARS = 10;

  private static final Pattern ROUND = Pattern.compile(" round=(\\d+)");
  private static final Set<String> OUTCOMES = outcomes();

  private final Job job;
  private final FaultScript script;
  private final Map<ByteString, Session> sessions = new LinkedHashMap<>();
  private final Map<Integer, Long> traces = new TreeMap<>();
  private final Set<Integer> reported = new HashSet<>();
  private final Set<Integer> charged = new HashSet<>();
  private final Map<Integer, Integer> taken = new HashMap<>();
  private final Set<Integer> answered = new TreeSet<>();
  private @Nullable Supplier<LedgerHistory> ledger;
  private double released;
  private @Nullable String broken;

  /** What was seen of one session. */
  private static final class Session {
    private final int round;
    private final Map<Integer, Integer> clients = new HashMap<>();
    private final Map<Integer, List<int[]>> inputs = new TreeMap<>();
    private final Map<Integer, Set<ByteString>> signed = new HashMap<>();
    private SumResult.@Nullable RingSum sum;

    Session(int round) {
      this.round = round;
    }
  }

  Witness(Job job, FaultScript script) {
    this.job = job;
    this.script = script;
  }

  private static Set<String> outcomes() {
    Set<String> all = new HashSet<>(Set.of(RoundResult.ABSENT, RoundResult.ROUND_LOST));
    Arrays.stream(DropReason.values()).forEach(reason -> all.add(reason.name()));
    return all;
  }

  /** The first invariant that was broken; null for none. */
  synchronized @Nullable String broken() {
    return broken;
  }

  /** What happened, in a few numbers: the same for the same seed and faults. */
  synchronized String trace() {
    return traces.toString();
  }

  /**
   * A step is over.
   *
   * @throws BrokenInvariantException if something was found in it
   */
  synchronized void stepped() {
    if (!answered.isEmpty() && ledger != null) {
      Set<Integer> seen = rounds(ledger.get(), "seen ");
      if (!seen.containsAll(answered)) {
        found("answers of rounds %s came, and %s are charged as seen".formatted(answered, seen));
      }
      answered.clear();
    }
    if (broken != null) {
      throw new BrokenInvariantException(broken);
    }
  }

  synchronized void found(String what) {
    broken = broken == null ? what : broken;
  }

  /** A message leaves a machine. */
  synchronized void said(long nanos, int from, int client, int round, Envelope message) {
    long part = nanos * 31 + message.getKindCase().getNumber();
    part = part * 31 + message.getSerializedSize();
    traces.merge(from, part, (before, next) -> before * 1_000_003 + next);
    if (from == Machine.COORDINATOR && message.hasOffer()) {
      Offer offer = message.getOffer();
      session(message.getSession(), round).clients.put(offer.getSlot(), client);
    }
  }

  private Session session(ByteString id, int round) {
    if (!sessions.containsKey(id)) {
      sessions.values().removeIf(old -> old.round < round - 1);
    }
    return sessions.computeIfAbsent(id, first -> new Session(round));
  }

  private @Nullable Session of(byte[] sid) {
    return sessions.get(ByteString.copyFrom(sid));
  }

  /** Whether the client in a slot is scripted to be malicious. */
  synchronized boolean lies(byte[] sid, int slot) {
    Session session = of(sid);
    Integer client = session == null ? null : session.clients.get(slot);
    return session != null && client != null && !script.lies(session.round, client).isEmpty();
  }

  /** A client's machine is given its input. */
  synchronized void input(byte[] sid, int slot, RingVector vector) {
    Session session = of(sid);
    if (session == null) {
      return;
    }
    List<int[]> inputs = session.inputs.computeIfAbsent(slot, first -> new ArrayList<>());
    inputs.add(values(vector));
    if (inputs.size() > 1 && !lies(sid, slot)) {
      found("round %d: the client in slot %d made two inputs".formatted(session.round, slot));
    }
  }

  /** A client signs that the members with these identity keys survived. */
  synchronized void signed(byte[] sid, int slot, Set<ByteString> survivors) {
    Session session = of(sid);
    if (session == null) {
      return;
    }
    Set<ByteString> before = session.signed.put(slot, survivors);
    if (before != null && !before.equals(survivors) && !lies(sid, slot)) {
      found(
          "round %d: the client in slot %d signed two survivor sets"
              .formatted(session.round, slot));
    }
  }

  /** The coordinator has taken an unmasking answer. */
  synchronized void answered(byte[] sid) {
    Session session = of(sid);
    if (session != null) {
      answered.add(session.round);
    }
  }

  /** The coordinator's machine has a sum. */
  synchronized void summed(SumSession coordinator, SumResult.RingSum sum) {
    SumParameters parameters = coordinator.parameters();
    Session session = of(coordinator.sid());
    if (session == null) {
      found("a sum came of a session that nobody was offered");
      return;
    }
    BitSet survivors = sum.survivors();
    String at = "round %d, sum over slots %s: ".formatted(session.round, survivors);
    SumResult.RingSum before = session.sum;
    session.sum = sum;
    if (before != null && !before.survivors().equals(survivors)) {
      found(at + "the same session gave a sum over " + before.survivors());
    }
    if (survivors.cardinality() < job.cohort().minimum()) {
      found(at + "fewer than cohort.minimum");
    }
    Set<ByteString> keys = new HashSet<>();
    survivors.stream()
        .forEach(slot -> keys.add(ByteString.copyFrom(coordinator.identityKeys().get(slot))));
    long signatures = session.signed.values().stream().filter(keys::equals).count();
    boolean wholeRoster = parameters.degree() == 0;
    if (wholeRoster && parameters.quorum() > 0 && signatures < parameters.quorum()) {
      found(at + signatures + " clients signed that, not " + parameters.quorum());
    }
    int[] missing = values(sum.sum());
    List<int[]> lies = new ArrayList<>();
    int mask = RingVector.mask(parameters.ringBits());
    for (int slot = survivors.nextSetBit(0); slot >= 0; slot = survivors.nextSetBit(slot + 1)) {
      List<int[]> inputs = session.inputs.getOrDefault(slot, List.of());
      if (inputs.isEmpty()) {
        found(at + "slot " + slot + " gave no input");
        return;
      }
      subtract(missing, inputs.get(0), mask);
      if (inputs.size() > 1 && lies.size() < MOST_LIARS) {
        int[] other = inputs.get(1).clone();
        subtract(other, inputs.get(0), mask);
        lies.add(other);
      }
    }
    if (!isSumOfSome(missing, lies, 0, mask)) {
      found(at + "it is not their plain sum");
    }
  }

  private static boolean isSumOfSome(int[] rest, List<int[]> parts, int from, int mask) {
    if (Arrays.stream(rest).allMatch(element -> element == 0)) {
      return true;
    }
    if (from == parts.size()) {
      return false;
    }
    int[] without = rest.clone();
    subtract(without, parts.get(from), mask);
    return isSumOfSome(without, parts, from + 1, mask) || isSumOfSome(rest, parts, from + 1, mask);
  }

  private static void subtract(int[] from, int[] vector, int mask) {
    for (int i = 0; i < from.length; i++) {
      from[i] = (from[i] - vector[i]) & mask;
    }
  }

  static int[] values(RingVector vector) {
    int[] values = new int[vector.length()];
    vector.read(0, values, values.length);
    return values;
  }

  /** Judges each round by its report and by the ledger as it is in the store then. */
  synchronized RoundListener listener(Store store) {
    Supplier<LedgerHistory> now = () -> store.ledger(job.privacy().population());
    ledger = now;
    return new RoundListener() {
      @Override
      public void onRound(RoundReport report) {
        reported(report, now);
      }
    };
  }

  private synchronized void reported(RoundReport report, Supplier<LedgerHistory> now) {
    int number = report.round();
    String at = "round " + number + ": ";
    if (!reported.add(number)) {
      found(at + "it was reported twice");
    }
    int others = report.dropped().values().stream().mapToInt(Integer::intValue).sum();
    if (report.survivors() + others != report.cohort()) {
      found(at + "%d survivors and %s".formatted(report.survivors(), report.dropped()));
    }
    if (!OUTCOMES.containsAll(report.dropped().keySet())) {
      found(at + "outcomes that have no name: " + report.dropped());
    }
    if (report.duration().compareTo(job.deadline().plus(SLACK)) > 0) {
      found(at + "it took " + report.duration() + ", beyond its deadline");
    }
    Session session =
        sessions.values().stream().filter(each -> each.round == number).findFirst().orElse(null);
    SumResult.RingSum sum = session == null ? null : session.sum;
    boolean committed = report.modelDigest() != null;
    if (committed && (sum == null || sum.survivors().cardinality() != report.survivors())) {
      found(at + "its model is of %d survivors, its sum of %s".formatted(report.survivors(), sum));
    }
    if (!committed && (report.survivors() != 0 || report.code().isEmpty())) {
      found(at + "no model, %d survivors, code '%s'".formatted(report.survivors(), report.code()));
    }
    charges(at, number, committed, now.get());
    traces.merge(Machine.COORDINATOR, (long) report.dropped().hashCode(), (a, b) -> a * 31 + b);
    traces.merge(Machine.COORDINATOR, (long) report.survivors(), (a, b) -> a * 31 + b);
  }

  private void charges(String at, int number, boolean committed, LedgerHistory ledger) {
    if (committed) {
      charged.add(number);
    }
    Set<Integer> points = rounds(ledger, "committed ");
    if (!points.equals(charged)) {
      found(at + "models of rounds %s are out, and %s are charged".formatted(charged, points));
    }
    if (ledger.open() != 0) {
      found(at + "the ledger holds a round open that has ended");
    }
    double now = ledger.released().epsilon();
    if (now < released) {
      found(at + "epsilon fell from %s to %s".formatted(released, now));
    }
    released = now;
    if (!job.privacy().none()) {
      participations(at, number, committed, ledger.charges());
    }
  }

  /**
   * Nobody is in more of the models than the ledger charges for; epsilon itself stays while others
   * take their turns. Noise that is correlated between rounds is one charge for all of them.
   */
  private void participations(String at, int number, boolean committed, List<Charge> charges) {
    if (committed) {
      sessions.values().stream()
          .filter(session -> session.round == number)
          .flatMap(session -> session.clients.values().stream())
          .distinct()
          .forEach(client -> taken.merge(client, 1, Integer::sum));
    }
    int most = taken.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    int charged = charges.stream().mapToInt(Charge::count).sum();
    boolean whole = charges.stream().anyMatch(each -> each.event() instanceof WholeRun);
    if (charged < (whole ? Math.min(most, 1) : most)) {
      found(at + "a client is in %d models, and %d are charged".formatted(most, charged));
    }
  }

  /** The rounds of the ledger's entries of a kind. */
  private static Set<Integer> rounds(LedgerHistory ledger, String kind) {
    Set<Integer> rounds = new TreeSet<>();
    for (LedgerEntry entry : ledger.entries()) {
      Matcher round = ROUND.matcher(entry.content());
      if (entry.content().startsWith(kind) && round.find()) {
        rounds.add(Integer.parseInt(round.group(1)));
      }
    }
    return rounds;
  }
}
