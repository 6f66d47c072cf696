package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.wire.Body;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.Commitment;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * R4 of a sampled quorum: the coordinator commits to a slot for each member, its signature or
 * nothing; then the survivors draw, and each is shown the slots that it has drawn.
 */
final class SamplePhase extends ServerPhase {

  private final Survivors survivors;
  private final Map<Integer, ByteString> signatures;
  private final Merkle slots;
  private final Envelope commitment;
  private final Map<Integer, int[]> samples = new TreeMap<>();
  private final Map<Integer, QuorumSignature> opened = new HashMap<>();

  SamplePhase(ServerState state, Survivors survivors, Map<Integer, ByteString> signatures) {
    super(state);
    this.survivors = survivors;
    this.signatures = new TreeMap<>(signatures);
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < survivors.roster.size(); i++) {
      ByteString signature = this.signatures.getOrDefault(i, ByteString.EMPTY);
      leaves.add(survivors.roster.transcript().slotLeaf(i, signature.toByteArray()));
    }
    this.slots = new Merkle(leaves);
    ByteString root = ByteString.copyFrom(slots.root());
    this.commitment = state.message().setCommitment(Commitment.newBuilder().setRoot(root)).build();
  }

  @Override
  String step() {
    return SumSteps.SAMPLE;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.SAMPLE;
  }

  @Override
  boolean isLate(Envelope.KindCase kind) {
    return kind == Envelope.KindCase.SIGNED_SURVIVORS;
  }

  @Override
  ServerPhase enter(Instant now) {
    state.sendToAll(alive(survivors.slots()), commitment);
    return advance(now);
  }

  @Override
  void repeated(int slot, Envelope.KindCase kind) {
    if (kind == Envelope.KindCase.SIGNED_SURVIVORS) {
      state.send(slot, commitment);
    }
  }

  @Override
  ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    int[] drawn =
        Choices.decode(
            message.getSample().getIndices(),
            survivors.roster.size(),
            survivors.roster.index(slot),
            state.parameters.sample());
    if (drawn == null) {
      return dropAndAdvance(now, slot, DropReason.INVALID_SAMPLE);
    }
    samples.put(slot, drawn);
    return advance(now);
  }

  @Override
  ServerPhase advance(Instant now) {
    return outstanding().isEmpty() ? new UnmaskPhase(state, survivors, this::opened) : this;
  }

  private BitSet outstanding() {
    BitSet outstanding = alive(survivors.slots());
    samples.keySet().forEach(outstanding::clear);
    return outstanding;
  }

  @Override
  ServerPhase expire(Instant now) {
    state.dropAll(outstanding(), DropReason.NO_SAMPLE);
    return advance(now);
  }

  /** A slot that has a signature; one object, to however many it goes. */
  private QuorumSignature signed(int index) {
    ByteString signature = Objects.requireNonNull(signatures.get(index), "an empty slot");
    return SignPhase.signed(state, survivors.roster, index, signature)
        .setSlotPath(ByteString.copyFrom(slots.path(index)))
        .build();
  }

  /** What a member has drawn, empty slots left out. */
  private Envelope opened(int slot) {
    Proof.Builder proof = Proof.newBuilder();
    for (int index : Objects.requireNonNull(samples.get(slot), "no draw of this slot")) {
      if (signatures.containsKey(index)) {
        proof.addSignatures(opened.computeIfAbsent(index, this::signed));
      }
    }
    return state.message().setProof(proof).build();
  }
}
