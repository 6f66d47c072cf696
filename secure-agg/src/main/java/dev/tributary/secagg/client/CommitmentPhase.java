package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Sample;
import java.time.Instant;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * R4 of a sampled quorum: awaits the commitment to the signatures of all slots, one in a session,
 * and only then draws those that it wants to see.
 */
final class CommitmentPhase extends ClientPhase {

  private final Sharers sharers;
  private final BitSet survivors;
  private final Signers signers;

  CommitmentPhase(ClientState state, Sharers sharers, BitSet survivors, Signers signers) {
    super(state);
    this.sharers = sharers;
    this.survivors = survivors;
    this.signers = signers;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.COMMITMENT;
  }

  @Override
  boolean mayEnd() {
    return true;
  }

  @Override
  ClientPhase accept(Instant now, Envelope message) {
    ByteString root = message.getCommitment().getRoot();
    if (root.size() != Merkle.HASH) {
      return state.abort(AbortCode.PROOF_REFUSED, "a commitment has " + Merkle.HASH + " bytes");
    }
    Members members = sharers.members;
    int[] drawn =
        Choices.draw(
            members.size(), members.own(), state.parameters.sample(), state.secrets.sampleKey);
    Sample sample = Sample.newBuilder().setIndices(Choices.encode(drawn)).build();
    state.send(state.message().setSample(sample).build(), null);
    BitSet slots = new BitSet();
    IntStream.of(drawn).forEach(slots::set);
    return new ProofPhase(state, sharers, survivors, signers, new ProofPhase.Draw(root, slots));
  }
}
