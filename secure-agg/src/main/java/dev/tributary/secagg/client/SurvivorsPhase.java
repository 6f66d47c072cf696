package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Entry;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.SignedSurvivors;
import java.time.Instant;
import java.util.BitSet;
import java.util.Optional;

/** R3: awaits the survivor set and signs it, if it keeps every rule; at most one in a session. */
final class SurvivorsPhase extends ClientPhase {

  private final Sharers sharers;

  SurvivorsPhase(ClientState state, Sharers sharers) {
    super(state);
    this.sharers = sharers;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.SURVIVORS;
  }

  @Override
  boolean mayEnd() {
    return true;
  }

  @Override
  ClientPhase accept(Instant now, Envelope message) {
    ByteString bitmap = message.getSurvivors().getSurvivors();
    Optional<String> refusal = refusal(bitmap);
    if (refusal.isPresent()) {
      return state.abort(AbortCode.SURVIVORS_REFUSED, refusal.get());
    }
    byte[] survivors = bitmap.toByteArray();
    byte[] signed = sharers.members.transcript().survivors(sharers.bitmap, survivors);
    ByteString signature = ByteString.copyFrom(state.session.identity().signLabelled(signed));
    state.persist(Entry.Kind.SURVIVORS_SIGNED, ByteString.copyFrom(Labels.sha256(survivors)));
    state.send(
        state
            .message()
            .setSignedSurvivors(SignedSurvivors.newBuilder().setSignature(signature))
            .build(),
        null);
    BitSet set = Bitmap.decode(bitmap, sharers.members.size());
    Signers signers = new Signers(state.session, sharers.members, signed, signature);
    return state.parameters.sample() > 0
        ? new CommitmentPhase(state, sharers, set, signers)
        : new ProofPhase(state, sharers, set, signers, null);
  }

  /** Section 9, row R3. */
  private Optional<String> refusal(ByteString bitmap) {
    int n = sharers.members.size();
    if (!Bitmap.isValid(bitmap, n)) {
      return Optional.of("no set of this roster");
    }
    BitSet survivors = Bitmap.decode(bitmap, n);
    BitSet outside = (BitSet) survivors.clone();
    outside.andNot(sharers.indices());
    if (!outside.isEmpty()) {
      return Optional.of("a survivor that has not shared");
    }
    if (!survivors.get(sharers.members.own())) {
      return Optional.of("this client is missing");
    }
    SumParameters p = state.parameters;
    int live = sharers.live(survivors);
    if (live < p.threshold()) {
      return Optional.of(live + " live neighbours among them, must be >= " + p.threshold());
    }
    int fewest = Math.max(p.floor(), state.session.floors().sum());
    return survivors.cardinality() < fewest
        ? Optional.of(survivors.cardinality() + " survivors, must be >= " + fewest)
        : Optional.empty();
  }
}
