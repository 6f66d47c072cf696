package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.graph.Neighbours;
import dev.tributary.secagg.testing.Wiped;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Neighbour;
import dev.tributary.wire.v1.Sample;
import dev.tributary.wire.v1.Shares;
import dev.tributary.wire.v1.Unmask;
import java.time.Instant;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client that leaves checks out, so that attacks on the deployed one can be seen to work where
 * the check is not. All that it does not leave out is the deployed code.
 */
public final class WeakClient implements Machine {

  /** What is left out. */
  public enum Weakness {
    /** Takes any keys for those of the members, on the complete graph. */
    BELIEVES_ROSTER,
    /** Masks with whomever it is shown, instead of whom the lattice or its own draw names. */
    BELIEVES_NEIGHBOURS,
    /** Takes any set for the sharers, however few of its neighbours are in it. */
    BELIEVES_SHARERS,
    /** Opens what it holds of the survivors it has signed, without a proof. */
    ASKS_NO_PROOF,
    /** Draws its sample when its input leaves, before the commitment. */
    DRAWS_FIRST
  }

  private final SumSession session;
  private final Set<Weakness> weaknesses;
  private @Nullable ClientState state;
  private @Nullable ClientPhase phase;
  private int @Nullable [] drawn;

  public WeakClient(SumSession session, Weakness first, Weakness... more) {
    this.session = session;
    this.weaknesses = EnumSet.of(first, more);
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    if (event instanceof Event.Start start) {
      state = new ClientState(session, new ClientSecrets(start.seed()));
      phase = new RosterPhase(state);
      return state.takeEffects(List.of());
    }
    ClientState s = Objects.requireNonNull(state);
    ClientPhase current = Objects.requireNonNull(phase);
    if (event instanceof Event.Input input) {
      s.setInput(input.vector());
      phase = weaker(s, current.inputArrived());
    } else if (event instanceof Event.Received received) {
      Envelope message = received.message();
      if (message.getKindCase() == current.awaited()) {
        phase = weaker(s, taken(s, current, now, message));
        s.remember(message);
      }
    }
    return s.takeEffects(List.of());
  }

  private ClientPhase taken(ClientState s, ClientPhase current, Instant now, Envelope message) {
    if (weaknesses.contains(Weakness.BELIEVES_ROSTER) && message.hasRoster()) {
      List<AdvertiseKeys> listed = message.getRoster().getMembersList();
      Map<Integer, Members.Member> known = new HashMap<>();
      listed.forEach(keys -> known.put(known.size(), member(keys)));
      Transcript after = s.beforeRoster.withRoot(message.getRoster().getRoot().toByteArray());
      int own = s.session.slot();
      int n = listed.size();
      return SharesPhase.deal(s, new Members(after, n, own, known, Neighbours.complete(n, own)));
    }
    if (weaknesses.contains(Weakness.BELIEVES_NEIGHBOURS) && message.hasRoster()) {
      List<Neighbour> shown = message.getRoster().getNeighboursList();
      if (!shown.isEmpty()) {
        return believing(s, message.getRoster().getRoot(), shown);
      }
    }
    if (weaknesses.contains(Weakness.BELIEVES_NEIGHBOURS) && message.hasNeighbours()) {
      RosterCheck check = (RosterCheck) Wiped.value(current, "check");
      ByteString root = ByteString.copyFrom(check.after().root());
      return believing(s, root, message.getNeighbours().getMembersList());
    }
    return current.accept(now, message);
  }

  private static Members.Member member(AdvertiseKeys keys) {
    return new Members.Member(keys, Signatures.decode(keys.getIdentityKey().toByteArray()));
  }

  /** Deals to all that are shown, and masks with them. */
  private static ClientPhase believing(ClientState s, ByteString root, List<Neighbour> shown) {
    Transcript after = s.beforeRoster.withRoot(root.toByteArray());
    Map<Integer, Members.Member> known = new HashMap<>();
    for (Neighbour one : shown) {
      known.put(one.getIndex(), member(one.getKeys()));
    }
    int own = s.session.slot();
    int[] indices = shown.stream().mapToInt(Neighbour::getIndex).toArray();
    Neighbours graph = Neighbours.symmetric(own, indices);
    return SharesPhase.deal(s, new Members(after, s.parameters.clients(), own, known, graph));
  }

  private ClientPhase weaker(ClientState s, ClientPhase next) {
    if (next instanceof SharesPhase && weaknesses.contains(Weakness.BELIEVES_SHARERS)) {
      return new BelievingShares(
          s, (Members) Wiped.value(next, "members"), (Dealer) Wiped.value(next, "dealer"));
    }
    if (next instanceof SurvivorsPhase
        && weaknesses.contains(Weakness.DRAWS_FIRST)
        && drawn == null) {
      int n = s.parameters.clients();
      drawn = Choices.draw(n, session.slot(), s.parameters.sample(), s.secrets.sampleKey);
      s.open(s.message().setSample(Sample.newBuilder().setIndices(Choices.encode(drawn))).build());
    }
    if (next instanceof CommitmentPhase && drawn != null) {
      return new DrawnPhase(s, (CommitmentPhase) next, drawn);
    }
    if (next instanceof ProofPhase && weaknesses.contains(Weakness.ASKS_NO_PROOF)) {
      s.send(s.message().setUnmask(answer(next)).build(), null);
      return s.contributed(true);
    }
    return next;
  }

  /** The shares that a proof would open. */
  private static Unmask answer(ClientPhase proof) {
    Sharers sharers = (Sharers) Wiped.value(proof, "sharers");
    BitSet survivors = (BitSet) Wiped.value(proof, "survivors");
    int n = sharers.members.size();
    BitSet lost = sharers.indices();
    lost.andNot(survivors);
    BitSet seeds = sharers.held.of(lost);
    BitSet selves = sharers.held.of(survivors);
    selves.set(sharers.members.own());
    return Unmask.newBuilder()
        .setMaskSeedDealers(ByteString.copyFrom(Bitmap.encode(seeds, n)))
        .setMaskSeedShares(sharers.held.maskSeedShares(seeds))
        .setSelfMaskDealers(ByteString.copyFrom(Bitmap.encode(selves, n)))
        .setSelfMaskShares(sharers.held.selfMaskShares(selves))
        .build();
  }

  @Override
  public String toString() {
    return "WeakClient" + weaknesses;
  }

  /** R2 without its checks. */
  private static final class BelievingShares extends ClientPhase {
    private final Members members;
    private final Dealer dealer;
    private @Nullable Sharers sharers;

    BelievingShares(ClientState state, Members members, Dealer dealer) {
      super(state);
      this.members = members;
      this.dealer = dealer;
    }

    @Override
    Envelope.KindCase awaited() {
      return Envelope.KindCase.SHARES;
    }

    @Override
    ClientPhase accept(Instant now, Envelope message) {
      Shares shares = message.getShares();
      BitSet indices = Bitmap.decode(shares.getSharers(), members.size());
      BitSet dealers = members.neighbours().dealers();
      dealers.and(indices);
      byte[] sealed = new byte[100 * dealers.cardinality()];
      shares
          .getCiphertexts()
          .substring(0, Math.min(sealed.length, shares.getCiphertexts().size()))
          .copyTo(sealed, 0);
      Holdings held = dealer.open(dealers, sealed, new BitSet(), new byte[0]);
      sharers =
          new Sharers(
              members,
              members.neighbours(),
              indices,
              shares.getSharers().toByteArray(),
              held,
              new BitSet());
      return inputArrived();
    }

    @Override
    ClientPhase inputArrived() {
      if (sharers == null || state.input() == null) {
        return this;
      }
      new InputMasker(state, sharers, null).send(state.input());
      return new SurvivorsPhase(state, sharers);
    }
  }

  /** R4 of a sampled quorum whose slots were drawn long before. */
  private static final class DrawnPhase extends ClientPhase {
    private final CommitmentPhase instead;
    private final BitSet slots = new BitSet();

    DrawnPhase(ClientState state, CommitmentPhase instead, int[] drawn) {
      super(state);
      this.instead = instead;
      for (int index : drawn) {
        slots.set(index);
      }
    }

    @Override
    Envelope.KindCase awaited() {
      return Envelope.KindCase.COMMITMENT;
    }

    @Override
    ClientPhase accept(Instant now, Envelope message) {
      return new ProofPhase(
          state,
          (Sharers) Wiped.value(instead, "sharers"),
          (BitSet) Wiped.value(instead, "survivors"),
          (Signers) Wiped.value(instead, "signers"),
          new ProofPhase.Draw(message.getCommitment().getRoot(), slots));
    }
  }
}
