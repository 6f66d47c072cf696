package dev.tributary.coordinator.round;

import com.google.protobuf.ByteString;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Scratch;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Offer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's end of one round: offers the plan, then hands everything to the sum machine
 * that it holds. Addresses are slots of the cohort. Ends in {@link RoundResult}.
 */
public final class Round implements Machine {
  private final Plan plan;
  private final SumSuite suite;
  private final Cohort cohort;
  private final @Nullable LongFunction<Scratch> relayed;
  private final Identity coordinator;
  private final ByteString session;
  private final SortedMap<String, Integer> declined = new TreeMap<>();
  private final BitSet gone = new BitSet();
  private @Nullable Machine sum;
  private @Nullable Instant started;
  private boolean finished;

  /**
   * Who is asked.
   *
   * @param identityKeys Ed25519 public keys by slot
   * @param absent slots that are not asked, because nobody has seen them lately
   * @param verifier of their certificates; null only for a suite without identities
   * @param population that their certificates must name; null for any
   */
  public record Cohort(
      List<byte[]> identityKeys,
      BitSet absent,
      @Nullable CertificateVerifier verifier,
      @Nullable String population) {}

  /**
   * A round before its start.
   *
   * @param relayed makes the place for relayed key material, for at most so many bytes; null for
   *     the heap
   */
  public Round(
      Plan plan,
      SumSuite suite,
      Identity coordinator,
      Cohort cohort,
      @Nullable LongFunction<Scratch> relayed) {
    this.plan = plan;
    this.suite = suite;
    this.cohort = cohort;
    this.relayed = relayed;
    this.coordinator = coordinator;
    this.session = ByteString.copyFrom(plan.sessionId());
  }

  /** The session that the round's messages carry. */
  public ByteString session() {
    return session;
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    List<Effect> effects = new ArrayList<>();
    if (finished) {
      return effects;
    }
    if (event instanceof Event.Start start) {
      start(now, start, effects);
    } else {
      if (event instanceof Event.Received received) {
        noteDecline(received);
      }
      pass(now, event, effects);
    }
    return effects;
  }

  private void start(Instant now, Event.Start start, List<Effect> effects) {
    started = now;
    byte[] bytes = plan.bytes();
    for (int slot = 0; slot < cohort.identityKeys().size(); slot++) {
      if (!cohort.absent().get(slot)) {
        effects.add(new Effect.Send(slot, offer(slot, bytes)));
      }
    }
    SumSession opened =
        SumSession.coordinator(
                plan.sum(),
                plan.sessionId(),
                cohort.identityKeys(),
                cohort.verifier(),
                Schedule.of(now, plan.deadline(), suite.steps(plan.sum())))
            .withPopulation(cohort.population());
    long limit = mostKeyMaterial();
    sum =
        suite.open(
            relayed == null || limit == 0 ? opened : opened.relayingFrom(relayed.apply(limit)));
    pass(now, start, effects);
    Decline reason = Decline.newBuilder().setCode("absent").setReason("not seen lately").build();
    Envelope absent = Envelope.newBuilder().setSession(session).setDecline(reason).build();
    cohort.absent().stream()
        .takeWhile(slot -> !finished)
        .forEach(slot -> pass(now, new Event.Received(slot, absent), effects));
  }

  /** Most bytes that the messages of one member may have. */
  public long mostBytes() {
    return suite.steps(plan.sum()).stream().mapToLong(Step::byteCap).sum();
  }

  /** Bytes that all members together may send as shares; 0 if the suite shares nothing. */
  private long mostKeyMaterial() {
    return suite.steps(plan.sum()).stream()
        .filter(step -> step.name().equals(SumSteps.SHARE))
        .mapToLong(step -> step.byteCap() * plan.sum().clients())
        .sum();
  }

  private Envelope offer(int slot, byte[] bytes) {
    return Envelope.newBuilder()
        .setSession(session)
        .setOffer(
            Offer.newBuilder()
                .setPlan(ByteString.copyFrom(bytes))
                .setCoordinatorKey(ByteString.copyFrom(coordinator.publicKey()))
                .setSignature(ByteString.copyFrom(Handshake.signOffer(coordinator, slot, bytes)))
                .setSlot(slot))
        .build();
  }

  /** Counts a member's first decline; the sum machine takes the member out. */
  private void noteDecline(Event.Received received) {
    if (received.message().hasDecline() && !gone.get(received.from())) {
      gone.set(received.from());
      String code = received.message().getDecline().getCode();
      declined.merge(code.matches("[a-z0-9-]{1,64}") ? code : "other", 1, Integer::sum);
    }
  }

  private void pass(Instant now, Event event, List<Effect> effects) {
    if (sum == null) {
      return;
    }
    for (Effect effect : sum.on(now, event)) {
      if (effect instanceof Effect.Finish finish) {
        finished = true;
        effects.add(new Effect.Finish(result((SumResult) finish.result(), now)));
      } else {
        effects.add(effect);
      }
    }
  }

  private RoundResult result(SumResult result, Instant now) {
    Instant from = started == null ? now : started;
    BitSet survivors = result instanceof SumResult.RingSum ring ? ring.survivors() : new BitSet();
    Map<Integer, DropReason> dropped =
        result instanceof SumResult.RingSum ring
            ? ring.dropped()
            : ((SumResult.Aborted) result).dropped();
    List<String> outcomes = new ArrayList<>();
    for (int slot = 0; slot < cohort.identityKeys().size(); slot++) {
      outcomes.add(outcome(slot, survivors, dropped));
    }
    return new RoundResult(result, outcomes, declined, from, now);
  }

  /**
   * What became of a member. Whoever left after its input was accepted still survives in the sum.
   */
  private String outcome(int slot, BitSet survivors, Map<Integer, DropReason> dropped) {
    if (survivors.get(slot)) {
      return RoundResult.SURVIVED;
    }
    if (cohort.absent().get(slot)) {
      return RoundResult.ABSENT;
    }
    DropReason reason = dropped.get(slot);
    return reason == null ? RoundResult.ROUND_LOST : reason.name();
  }
}
