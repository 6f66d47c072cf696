package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.crypto.ShareBox;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Shares;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** R2: awaits the others' shares and the input, in either order; then masks and sends it. */
final class SharesPhase extends ClientPhase {

  private final Members members;
  private final Dealer dealer;
  private @Nullable Sharers sharers;

  SharesPhase(ClientState state, Members members, Dealer dealer) {
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
    int n = members.size();
    if (!Bitmap.isValid(shares.getSharers(), n)) {
      return state.abort(AbortCode.PROTOCOL_VIOLATION, "the sharers are no set of this roster");
    }
    BitSet indices = Bitmap.decode(shares.getSharers(), n);
    ByteString sealed = shares.getCiphertexts();
    if (!indices.get(members.own())
        || sealed.size() != ShareBox.CIPHERTEXT * (indices.cardinality() - 1)) {
      return state.abort(
          AbortCode.PROTOCOL_VIOLATION, "the shares do not fit the sharers, or leave this out");
    }
    int fewest = Math.max(state.parameters.minimumSum(), state.session.floors().sum());
    if (indices.cardinality() < fewest) {
      return state.abort(
          AbortCode.NOT_ENOUGH_CLIENTS, indices.cardinality() + " sharers, must be >= " + fewest);
    }
    Holdings held = dealer.open(indices, sealed.toByteArray());
    state.setHoldings(held);
    BitSet unreadable = (BitSet) indices.clone();
    unreadable.andNot(held.of(indices));
    unreadable.clear(members.own());
    unreadable.stream().forEach(state::noteUnreadable);
    int threshold = state.parameters.threshold();
    if (held.live(indices) < threshold) {
      return state.abort(
          AbortCode.NOT_ENOUGH_CLIENTS,
          "shares of " + held.live(indices) + " members opened, must be >= " + threshold);
    }
    sharers = new Sharers(members, indices, shares.getSharers().toByteArray(), held);
    return sendIfReady();
  }

  @Override
  ClientPhase inputArrived() {
    return sendIfReady();
  }

  private ClientPhase sendIfReady() {
    if (sharers == null || state.input() == null) {
      return this;
    }
    if (!new InputMasker(state, sharers).send(state.input())) {
      return state.abort(AbortCode.PROTOCOL_VIOLATION, "a mask key of low order");
    }
    state.secrets.destroy();
    state.rememberMore(Envelope.KindCase.SHARES);
    return new SurvivorsPhase(state, sharers);
  }
}
