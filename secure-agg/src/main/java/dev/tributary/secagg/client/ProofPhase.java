package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Unmask;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * R4: awaits q signatures over the very set that this client signed, or those that it has drawn of
 * them, then gives for each sharer one kind of share: of the self mask if it survived, of the mask
 * seed if not. The answer is built from this client's own sets, never from a list of the
 * coordinator's, so never both for one.
 */
final class ProofPhase extends ClientPhase {

  /**
   * What was drawn under a commitment.
   *
   * @param root of the tree of slots
   * @param slots roster indices
   */
  record Draw(ByteString root, BitSet slots) {}

  private final Sharers sharers;
  private final BitSet survivors;
  private final Signers signers;
  private final @Nullable Draw draw;

  ProofPhase(
      ClientState state, Sharers sharers, BitSet survivors, Signers signers, @Nullable Draw draw) {
    super(state);
    this.sharers = sharers;
    this.survivors = survivors;
    this.signers = signers;
    this.draw = draw;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.PROOF;
  }

  @Override
  boolean mayEnd() {
    return true;
  }

  @Override
  ClientPhase accept(Instant now, Envelope message) {
    Optional<String> refusal = refusal(message.getProof().getSignaturesList(), now);
    if (refusal.isPresent()) {
      return state.abort(AbortCode.PROOF_REFUSED, refusal.get());
    }
    state.send(state.message().setUnmask(answer()).build(), null);
    return state.contributed(true);
  }

  private Optional<String> refusal(List<QuorumSignature> signatures, Instant now) {
    int n = sharers.members.size();
    int quorum = state.parameters.accepted();
    if (signatures.size() > n) {
      return Optional.of(signatures.size() + " signatures of " + n + " members");
    }
    BitSet seen = new BitSet();
    for (QuorumSignature signature : signatures) {
      int index = signature.getIndex();
      if (index < 0 || index >= n) {
        return Optional.of("a signer outside the roster");
      }
      if (seen.get(index)) {
        return Optional.of("a signer twice");
      }
      seen.set(index);
      if (draw != null && !isOpened(draw, signature)) {
        return Optional.of("a signature that was not drawn, or not committed to");
      }
    }
    return hasQuorum(signatures, quorum, now)
        ? Optional.empty()
        : Optional.of("fewer than " + quorum + " valid signatures over the set signed here");
  }

  private boolean isOpened(Draw drawn, QuorumSignature signature) {
    int index = signature.getIndex();
    Members members = sharers.members;
    byte[] leaf = members.transcript().slotLeaf(index, signature.getSignature().toByteArray());
    byte[] path = signature.getSlotPath().toByteArray();
    byte[] root = Merkle.rootOf(leaf, index, members.size(), path);
    return drawn.slots().get(index) && Arrays.equals(root, drawn.root().toByteArray());
  }

  /** Checks no more than it needs: as many at a time as are still missing. */
  private boolean hasQuorum(List<QuorumSignature> signatures, int quorum, Instant now) {
    int valid = 0;
    int next = 0;
    while (valid < quorum && signatures.size() - next >= quorum - valid) {
      int taken = quorum - valid;
      valid += signers.valid(signatures.subList(next, next + taken), now);
      next += taken;
    }
    return valid >= quorum;
  }

  private Unmask answer() {
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
}
