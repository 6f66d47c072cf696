package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Unmask;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * R4: awaits q signatures over the very set that this client signed, then gives for each sharer one
 * kind of share: of the self mask if it survived, of the mask seed if not. The answer is built from
 * this client's own sets, never from a list of the coordinator's, so never both for one.
 */
final class ProofPhase extends ClientPhase {

  private final Sharers sharers;
  private final BitSet survivors;
  private final byte[] signed;
  private final ByteString ownSignature;

  ProofPhase(
      ClientState state,
      Sharers sharers,
      BitSet survivors,
      byte[] signed,
      ByteString ownSignature) {
    super(state);
    this.sharers = sharers;
    this.survivors = survivors;
    this.signed = signed;
    this.ownSignature = ownSignature;
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
    Optional<String> refusal = refusal(message.getProof().getSignaturesList());
    if (refusal.isPresent()) {
      return state.abort(AbortCode.PROOF_REFUSED, refusal.get());
    }
    state.send(state.message().setUnmask(answer()).build(), null);
    return state.contributed(true);
  }

  private Optional<String> refusal(List<QuorumSignature> signatures) {
    int n = sharers.members.size();
    int quorum = state.parameters.quorum();
    if (signatures.size() > n) {
      return Optional.of(signatures.size() + " signatures of " + n + " members");
    }
    BitSet signers = new BitSet();
    for (QuorumSignature signature : signatures) {
      int index = signature.getIndex();
      if (index < 0 || index >= n) {
        return Optional.of("a signer outside the roster");
      }
      if (signers.get(index)) {
        return Optional.of("a signer twice");
      }
      signers.set(index);
    }
    return hasQuorum(signatures, quorum)
        ? Optional.empty()
        : Optional.of("fewer than " + quorum + " valid signatures over the set signed here");
  }

  /** Checks no more than it needs: as many at a time as are still missing. */
  private boolean hasQuorum(List<QuorumSignature> signatures, int quorum) {
    int valid = 0;
    int next = 0;
    while (valid < quorum && signatures.size() - next >= quorum - valid) {
      int taken = quorum - valid;
      valid += valid(signatures.subList(next, next + taken));
      next += taken;
    }
    return valid >= quorum;
  }

  private int valid(List<QuorumSignature> signatures) {
    Signatures.Batch batch = new Signatures.Batch();
    int valid = signatures.size();
    for (QuorumSignature signature : signatures) {
      if (signature.getIndex() != sharers.members.own()) {
        Signatures.PublicKey key = sharers.members.keys().get(signature.getIndex());
        batch.add(key, signed, signature.getSignature().toByteArray());
      } else if (!signature.getSignature().equals(ownSignature)) {
        valid--;
      }
    }
    return valid - batch.wrong().cardinality();
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
