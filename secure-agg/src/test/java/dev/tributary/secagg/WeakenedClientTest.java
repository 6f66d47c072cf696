package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.client.Eavesdropper;
import dev.tributary.secagg.client.SumClient;
import dev.tributary.secagg.client.WeakClient.Weakness;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Roster;
import dev.tributary.wire.v1.Shares;
import dev.tributary.wire.v1.Survivors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Attacks on weakened clients of the complete graph. */
class WeakenedClientTest extends WeakenedClients {

  private static final SumParameters COMPLETE =
      InjectedSa1.parameters(Mode.MALICIOUS, N, 0.3, 0, 9, 8, 20);

  /** With fewer than two thirds of the members for a threshold, which no client agrees to. */
  private static final SumParameters LOWERED =
      InjectedSa1.parameters(Mode.MALICIOUS, N, 0.3, 0, 4, 8, 20);

  /** Everybody else in the roster that the victim sees is the coordinator's own. */
  private int[] forged(SumWorld target, IntFunction<AdvertiseKeys> other) {
    world = target;
    int[] others = IntStream.range(0, N).filter(i -> i != VICTIM).toArray();
    SumWorld.Network forging =
        Bend.to(
            VICTIM,
            KindCase.ROSTER,
            m -> {
              Roster.Builder forged = Roster.newBuilder();
              for (int i = 0; i < N; i++) {
                forged.addMembers(i == VICTIM ? eavesdropper.keys(i) : other.apply(i));
              }
              Transcript after = Transcript.of(world.sid).withRoster(forged.getMembersList());
              return m.toBuilder()
                  .setRoster(forged.setRoot(ByteString.copyFrom(after.root())))
                  .build();
            });
    lying(
        (from, send) -> {
          if (from == VICTIM && send.message().hasShareKeys()) {
            // Signed under another root than that of the others: it is told that all have shared.
            Shares.Builder shares = Shares.newBuilder().setSharers(bitmap(everybody(N)));
            IntStream.of(others)
                .mapToObj(eavesdropper::sealed)
                .reduce(ByteString::concat)
                .ifPresent(shares::setCiphertexts);
            Envelope told = send.message().toBuilder().setShares(shares).build();
            eavesdropper.shown(told);
            world.post(0, VICTIM, new Event.Received(Machine.COORDINATOR, told));
            return List.of();
          }
          boolean later = from < 0 && send.to() == VICTIM && !send.message().hasRoster();
          return later ? List.of() : forging.carry(from, send);
        },
        N,
        others,
        draws -> member -> everybody(N));
    world.run();
    return eavesdropper.vector(others);
  }

  private static ByteString bitmap(BitSet set) {
    return ByteString.copyFrom(Bitmap.encode(set, N));
  }

  private int[] swapped(Weakness... weaknesses) {
    return forged(world(COMPLETE, false, weaknesses), i -> eavesdropper.invented(i));
  }

  /** Row 10: everybody's keys are exchanged for the coordinator's own. */
  @Test
  void row10_swappedKeys() {
    assertThat(swapped()).isNull();
    assertThat(victimsEnd()).isEqualTo("ROSTER_REFUSED");
    assertThat(swapped(Weakness.BELIEVES_ROSTER)).isEqualTo(world.inputs[VICTIM]);
  }

  private int[] sybils(boolean certified) {
    SumWorld target = new SumWorld(new InjectedSa1(), COMPLETE, 5, certified);
    return forged(target, i -> eavesdropper.sybil(i));
  }

  /**
   * Row 16: everybody else is a Sybil, with an identity and right signatures of its own. What
   * stands in the way are certificates: the deployed client falls where it pins no authority, which
   * is why such a session counts as curious.
   */
  @Test
  void row16_sybils() {
    assertThat(sybils(true)).isNull();
    assertThat(victimsEnd()).isEqualTo("ROSTER_REFUSED");
    assertThat(sybils(false)).isEqualTo(world.inputs[VICTIM]);
  }

  /** The victim is told that beside it two colluders alone have shared. */
  private int[] fewSharers(Weakness... weaknesses) {
    int[] corrupt = {0, 1};
    world = world(COMPLETE, false, weaknesses);
    BitSet three = new BitSet();
    three.set(0, 2);
    three.set(VICTIM);
    SumWorld.Network alone =
        Bend.to(
            VICTIM,
            KindCase.SHARES,
            m -> {
              ByteString theirs = m.getShares().getCiphertexts().substring(0, 200);
              Shares.Builder shares = Shares.newBuilder().setCiphertexts(theirs);
              return m.toBuilder().setShares(shares.setSharers(bitmap(three))).build();
            });
    lying(alone, N - 1, corrupt, draws -> member -> everybody(N));
    world.run();
    return eavesdropper.vector(IntStream.range(0, N).filter(i -> i != VICTIM).toArray());
  }

  /** Row 16: a cohort so small that the colluders are all others. */
  @Test
  void row16_smallCohort() {
    assertThat(fewSharers()).isNull();
    assertThat(victimsEnd()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(fewSharers(Weakness.BELIEVES_SHARERS)).isEqualTo(world.inputs[VICTIM]);
  }

  private int[] halves(SumParameters parameters, Weakness... weaknesses) {
    world = world(parameters, true, weaknesses);
    BitSet fewer = everybodyBut(VICTIM, N);
    lying(
        (from, send) -> List.of(send),
        N,
        new int[0],
        draws -> member -> member % 2 == 1 ? fewer : everybody(N));
    world.run();
    return eavesdropper.vector(new int[0]);
  }

  /** Rows 8 and 12: half of the members are told one set, half another. */
  @Test
  void row8_row12_twoSurvivorSets_underALoweredThreshold() {
    assertThat(halves(LOWERED)).isNull();
    assertThat(victimsEnd()).isEqualTo("PROOF_REFUSED");
    assertThat(halves(COMPLETE, Weakness.ASKS_NO_PROOF)).as("t alone is in the way").isNull();
    assertThat(halves(LOWERED, Weakness.ASKS_NO_PROOF)).isEqualTo(world.inputs[VICTIM]);
  }

  /** After a whole round, everybody is asked to sign and to open a set without the victim. */
  private int[] secondSet(Function<SumSession, Machine> clients) {
    world = new SumWorld(new InjectedSa1(clients), COMPLETE, 5);
    eavesdropper = new Eavesdropper(world, VICTIM);
    SecondSet second = new SecondSet(world, everybodyBut(VICTIM, N));
    world.network(eavesdropper.in(second));
    world.run();
    assertThat(second.asked).isTrue();
    return eavesdropper.vector(new int[0]);
  }

  /** Rows 7 and 12: both shares of the victim, by an unmasking of a second set. */
  @Test
  void row7_row12_secondSurvivorSet_afterTheFirst() {
    assertThat(secondSet(SumClient::new)).isNull();
    assertThat(secondSet(SigningAgain::new)).isEqualTo(world.inputs[VICTIM]);
  }

  /**
   * The coordinator runs a session, and once more under the same id without the victim's input.
   *
   * @param again the secrets that a member starts the second time with, by those of the first
   */
  private int[] twice(UnaryOperator<Seed> again) {
    world = world(COMPLETE, false);
    eavesdropper = new Eavesdropper(world, VICTIM);
    world.network(eavesdropper.in((from, send) -> List.of(send)));
    world.run();
    SumWorld second = world.again(world.sid);
    for (int i = 0; i < N; i++) {
      Machine deployed = second.clients[i];
      second.clients[i] =
          (now, event) ->
              deployed.on(
                  now,
                  event instanceof Event.Start start
                      ? new Event.Start(again.apply(start.seed()))
                      : event);
    }
    second.drop(VICTIM, KindCase.MASKED_INPUT);
    second.network(
        (from, send) -> {
          eavesdropper.answered(from, send.message());
          return List.of(send);
        });
    assertThat(second.run()).isInstanceOf(SumResult.RingSum.class);
    return eavesdropper.vector(new int[0]);
  }

  /**
   * Rows 17 to 19: a session replayed. Every machine draws its secrets when it starts, so the
   * shares of the second are of other seeds (and the SDK's journal lets it contribute to one
   * session once); members who keep their secrets for a restart are asked for both of one.
   */
  @Test
  void row17_row19_replayedSession() {
    assertThat(twice(seed -> seed.derive("another", 0))).isNotEqualTo(world.inputs[VICTIM]);
    assertThat(twice(seed -> seed)).isEqualTo(world.inputs[VICTIM]);
  }

  /** The sum where all others were given a model whose update is zero. */
  private int[] suppressed(boolean boundToTheModel) {
    world = world(COMPLETE, false);
    for (int i = 0; i < N; i++) {
      Arrays.fill(world.inputs[i], i == VICTIM ? 7 : 0);
    }
    ByteString sid = ByteString.copyFrom(world.sid);
    byte[] other = Labels.sha256(world.sid);
    ByteString victims = boundToTheModel ? ByteString.copyFrom(other) : sid;
    if (boundToTheModel) {
      world.clients[VICTIM] = world.again(other).clients[VICTIM];
    }
    world.network(
        (from, send) -> {
          ByteString session = send.to() == VICTIM ? victims : sid;
          Envelope carried = send.message().toBuilder().setSession(session).build();
          return List.of(new Effect.Send(send.to(), carried, send.body()));
        });
    SumResult.RingSum sum = (SumResult.RingSum) world.run();
    return SumWorld.values(sum.sum());
  }

  /**
   * Row 13, gradient suppression: the victim alone trains the model that it knows. The digest of
   * the model is in the plan, and the plan in the id of the session; were it not, the sum would be
   * the victim's vector.
   */
  @Test
  void row13_anotherModelForTheOthers() {
    assertThat(suppressed(true)).containsOnly(0);
    assertThat(suppressed(false)).isEqualTo(world.inputs[VICTIM]);
  }

  /** Goes back to where it awaited survivors when it is told of a second set. */
  private static final class SigningAgain implements Machine {
    private final SumSession session;
    private final List<Event> heard = new ArrayList<>();
    private Machine deployed;
    private boolean signed;

    SigningAgain(SumSession session) {
      this.session = session;
      this.deployed = new SumClient(session);
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      boolean survivors =
          event instanceof Event.Received received && received.message().hasSurvivors();
      if (!survivors) {
        heard.addAll(signed ? List.of() : List.of(event));
        return deployed.on(now, event);
      }
      if (!signed) {
        signed = true;
        return deployed.on(now, event);
      }
      SumClient before = new SumClient(session);
      heard.forEach(one -> before.on(now, one));
      deployed = (at, next) -> unfinished(before.on(at, next));
      return deployed.on(now, event);
    }

    private static List<Effect> unfinished(List<Effect> effects) {
      return effects.stream().filter(effect -> !(effect instanceof Effect.Finish)).toList();
    }
  }

  /** Carries everything, and asks for another set once everybody has answered for the first. */
  private static final class SecondSet implements SumWorld.Network {
    private final SumWorld world;
    private final BitSet set;
    private final Map<Integer, ByteString> signatures = new TreeMap<>();
    private final BitSet answered = new BitSet();
    private Envelope survivors;
    private Envelope proof;
    private boolean asked;

    SecondSet(SumWorld world, BitSet set) {
      this.world = world;
      this.set = set;
    }

    @Override
    public List<Effect.Send> carry(int from, Effect.Send send) {
      Envelope message = send.message();
      if (asked && from >= 0) {
        if (message.hasSignedSurvivors()) {
          signatures.put(from, message.getSignedSurvivors().getSignature());
          if (signatures.size() == set.cardinality()) {
            ask(proven());
          }
        }
        return List.of();
      }
      survivors = message.hasSurvivors() ? message : survivors;
      proof = message.hasProof() ? message : proof;
      if (message.hasUnmask()) {
        answered.set(from);
        if (answered.cardinality() == N) {
          asked = true;
          Survivors other = Survivors.newBuilder().setSurvivors(bitmap(set)).build();
          ask(survivors.toBuilder().setSurvivors(other).build());
        }
      }
      return List.of(send);
    }

    private Envelope proven() {
      Proof.Builder signed = Proof.newBuilder();
      signatures.forEach(
          (member, signature) ->
              signed.addSignatures(
                  QuorumSignature.newBuilder().setIndex(member).setSignature(signature)));
      return proof.toBuilder().setProof(signed).build();
    }

    private void ask(Envelope message) {
      set.stream()
          .forEach(to -> world.post(0, to, new Event.Received(Machine.COORDINATOR, message)));
    }
  }
}
