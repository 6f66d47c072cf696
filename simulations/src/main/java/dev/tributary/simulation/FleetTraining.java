package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.nn.ModelFile;
import dev.tributary.plan.Plan;
import dev.tributary.simulation.CohortWork.ClientState;
import dev.tributary.simulation.CohortWork.Seat;
import dev.tributary.simulation.PartialSum.Answer;
import dev.tributary.simulation.PartialSum.Kind;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.MaskedInput;
import dev.tributary.wire.v1.Offer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's training, whose offers go to a {@link Fleet} as one job for each round instead
 * of to clients one by one. What comes back is heard as declines and one sum. The clients' disks
 * are here, so that a part of the fleet that dies takes nothing with it.
 */
final class FleetTraining implements Machine {
  private static final String JOB = "fleet";

  private final Machine training;
  private final Fleet fleet;
  private final Backend.JobText file;
  private final byte[] coordinatorKey;
  private final Function<String, byte[]> models;
  private final @Nullable ModelFile statistics;
  private final FaultLog log;
  private final Map<Integer, ClientState> disks = new HashMap<>();

  /** Of the round that the fleet works for, by slot. */
  private final Map<Integer, Seat> asked = new TreeMap<>();

  private int askedIn = -1;
  private ByteString session = ByteString.EMPTY;

  /**
   * Around a training.
   *
   * @param training its suite is {@link FleetSum}
   * @param models finds what clients start from by its digest
   * @param statistics that clients standardise with; null if they have none yet
   * @param log hears why clients decline
   */
  FleetTraining(
      Machine training,
      Fleet fleet,
      Backend.JobText file,
      byte[] coordinatorKey,
      Function<String, byte[]> models,
      @Nullable ModelFile statistics,
      FaultLog log) {
    this.training = training;
    this.fleet = fleet;
    this.file = file;
    this.coordinatorKey = coordinatorKey;
    this.models = models;
    this.statistics = statistics;
    this.log = log;
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    return event instanceof Event.Ran ran && ran.job().equals(JOB)
        ? heard(now, ran.result())
        : carry(training.on(now, event));
  }

  private List<Effect> carry(List<Effect> effects) {
    List<Effect> out = new ArrayList<>();
    List<Seat> seats = new ArrayList<>();
    byte[] plan = {};
    for (Effect effect : effects) {
      if (!(effect instanceof Effect.Send send)) {
        out.add(effect);
      } else if (send.message().hasOffer()) {
        Offer offer = send.message().getOffer();
        takeBack();
        session = send.message().getSession();
        plan = offer.getPlan().toByteArray();
        seats.add(
            new Seat(
                send.to(),
                offer.getSlot(),
                offer.getSignature().toByteArray(),
                disks.getOrDefault(send.to(), ClientState.NEW)));
      }
    }
    if (!seats.isEmpty()) {
      seats.forEach(seat -> asked.put(seat.slot(), seat));
      askedIn = Plan.parse(plan).round();
      CohortWork work = work(plan);
      out.add(new Effect.Run(JOB, () -> fleet.sum(work, seats)));
    }
    return out;
  }

  /** What a round left with its clients that came to no sum is as it was before. */
  private void takeBack() {
    if (log.lost(askedIn)) {
      for (Seat seat : asked.values()) {
        disks.computeIfPresent(
            seat.client(),
            (client, disk) -> new ClientState(disk.contributions(), seat.state().memory()));
      }
    }
    asked.clear();
  }

  private CohortWork work(byte[] plan) {
    Plan read = Plan.parse(plan);
    Map<String, byte[]> wanted = new HashMap<>();
    wanted.put(read.modelDigest(), models.apply(read.modelDigest()));
    if (!read.controlDigest().isEmpty()) {
      wanted.put(read.controlDigest(), models.apply(read.controlDigest()));
    }
    byte[] learned = statistics == null ? new byte[0] : statistics.toBytes();
    return new CohortWork(file, coordinatorKey, plan, wanted, learned);
  }

  private List<Effect> heard(Instant now, Object result) {
    if (result instanceof Failed failed) {
      throw new IllegalStateException(
          "the clients of a round could not be run: " + failed.cause(), failed.cause());
    }
    PartialSum sum = (PartialSum) result;
    if (!sum.answers().keySet().equals(asked.keySet())) {
      throw new IllegalStateException(
          "a round asked " + asked.size() + " seats and " + sum.answers().size() + " answered");
    }
    List<Effect> effects = new ArrayList<>();
    BitSet in = new BitSet();
    for (Map.Entry<Integer, Seat> each : asked.entrySet()) {
      Answer answer = Objects.requireNonNull(sum.answers().get(each.getKey()));
      int client = each.getValue().client();
      disks.put(client, answer.state());
      if (answer.kind() == Kind.IN) {
        in.set(each.getKey());
      } else if (answer.kind() == Kind.DECLINED) {
        log.ended(
            client,
            new ClientOutcome(ClientOutcome.Kind.DECLINED, "", -1, answer.code(), answer.reason()));
        Decline decline = Decline.newBuilder().setCode(answer.code()).build();
        Envelope message = Envelope.newBuilder().setSession(session).setDecline(decline).build();
        effects.addAll(carry(training.on(now, new Event.Received(client, message))));
      }
    }
    if (!in.isEmpty()) {
      Envelope message =
          Envelope.newBuilder()
              .setSession(session)
              .setMaskedInput(MaskedInput.getDefaultInstance())
              .build();
      int first = Objects.requireNonNull(asked.get(in.nextSetBit(0))).client();
      FleetSum.Summed all = new FleetSum.Summed(in, sum.values(), sum.bytes());
      effects.addAll(carry(training.on(now, new Event.Received(first, message, all))));
    }
    return effects;
  }
}
