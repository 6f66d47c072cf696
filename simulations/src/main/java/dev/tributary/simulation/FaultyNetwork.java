package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.client.round.ClientRound;
import dev.tributary.coordinator.job.Job.Fault;
import dev.tributary.plan.Plan;
import dev.tributary.simulation.FaultScript.Moment;
import dev.tributary.wire.Body;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Lines between clients and the coordinator that do what a script says. A fault happens to the
 * first message of its kind in its round; a message that is said again later goes through.
 */
final class FaultyNetwork implements VirtualShell.Network {
  private final FaultScript script;
  private final Seed seed;
  private final FaultLog log;
  private final Witness witness;
  private final Map<ByteString, Integer> rounds = new ConcurrentHashMap<>();
  private final Set<Moment> past = ConcurrentHashMap.newKeySet();

  /**
   * A network.
   *
   * @param seed says which bit flips
   * @param witness is shown what was said, before anything happens to it
   */
  FaultyNetwork(FaultScript script, Seed seed, FaultLog log, Witness witness) {
    this.script = script;
    this.seed = seed;
    this.log = log;
    this.witness = witness;
  }

  @Override
  public List<Carried> carry(long nanos, int from, int to, Envelope message, @Nullable Body body) {
    int client = from == Machine.COORDINATOR ? to : from;
    if (message.hasOffer()) {
      rounds.computeIfAbsent(
          message.getSession(),
          session -> Plan.parse(message.getOffer().getPlan().toByteArray()).round());
    }
    Integer round = rounds.get(message.getSession());
    witness.said(nanos, from, client, round == null ? -1 : round, message);
    List<Carried> carried = new ArrayList<>(2);
    carried.add(new Carried(message, body, 0, true));
    String word = FaultScript.word(message);
    if (round == null || word.isEmpty()) {
      return carried;
    }
    Moment moment = new Moment(round, client, word);
    List<Fault> faults = script.at(moment);
    if (faults.isEmpty() || !past.add(moment)) {
      return carried;
    }
    for (Fault fault : faults) {
      happen(fault, nanos, carried);
    }
    return carried;
  }

  private void happen(Fault fault, long nanos, List<Carried> carried) {
    if (carried.isEmpty()) {
      return;
    }
    Carried first = carried.get(0);
    long later = first.laterNanos() + Math.round(fault.seconds() * 1e9);
    switch (fault.kind()) {
      case LOSE -> carried.remove(0);
      case DELAY -> carried.set(0, new Carried(first.message(), first.body(), later, true));
      case REORDER -> carried.set(0, new Carried(first.message(), first.body(), later, false));
      case DUPLICATE -> carried.add(new Carried(first.message(), first.body(), later, false));
      case CORRUPT -> {
        Carried flipped = flipped(fault, first);
        if (flipped == null) {
          carried.remove(0);
        } else {
          carried.set(0, flipped);
        }
      }
      default -> {
        return; // happens elsewhere: at the client, or at the coordinator
      }
    }
    log.happened(fault, nanos);
  }

  /** With one bit changed; null for what is no message any more, which a front door turns away. */
  private @Nullable Carried flipped(Fault fault, Carried of) {
    byte[] bytes = of.message().toByteArray();
    byte[] beside = of.body() == null ? new byte[0] : bytes(of.body());
    Seed place = seed.derive("bit/" + fault.at(), fault.round(), fault.client());
    int bit = (int) (LatencyModel.unit(place) * 8 * (bytes.length + beside.length));
    byte[] hit = bit / 8 < bytes.length ? bytes : beside;
    int at = bit / 8 < bytes.length ? bit / 8 : bit / 8 - bytes.length;
    hit[at] ^= (byte) (1 << (bit % 8));
    try {
      Envelope message = Envelope.parseFrom(bytes);
      Body body = of.body() == null ? null : Body.of(beside);
      return new Carried(message, body, of.laterNanos(), of.inOrder());
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  private static byte[] bytes(Body body) {
    try (InputStream in = body.open()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long slowerNanos(long nanos, int client, String job) {
    int slash = job.indexOf('/');
    if (client == Machine.COORDINATOR || slash < 0 || !job.endsWith(ClientRound.TRAIN)) {
      return 0;
    }
    long slower = 0;
    for (Fault fault : script.slow(Integer.parseInt(job.substring(0, slash)), client)) {
      slower += Math.round(1e9 * fault.seconds());
      log.happened(fault, nanos);
    }
    return slower;
  }

  @Override
  public void stepped() {
    witness.stepped();
  }
}
