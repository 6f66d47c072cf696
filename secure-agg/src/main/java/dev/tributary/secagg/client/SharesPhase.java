package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.graph.Neighbours;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ShareKeys;
import dev.tributary.wire.v1.Shares;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * R1 and R2: deals shares; awaits the others' shares and the input, in either order; then masks and
 * sends it.
 */
final class SharesPhase extends ClientPhase {

  private final Members members;
  private final Dealer dealer;
  private @Nullable Sharers sharers;

  SharesPhase(ClientState state, Members members, Dealer dealer) {
    super(state);
    this.members = members;
    this.dealer = dealer;
  }

  /** Deals shares to the neighbours in a roster that was checked. */
  static ClientPhase deal(ClientState state, Members members) {
    Dealer dealer = new Dealer(state.secrets, members, state.parameters);
    state.setDealer(dealer);
    int refused = dealer.deal();
    if (refused >= 0) {
      return state.abort(
          AbortCode.ROSTER_REFUSED, "member " + refused + " has a channel key of low order");
    }
    state.secrets.wipeAfterSharing();
    ShareKeys.Builder shares = dealer.dealt();
    byte[] signature =
        state.session.identity().signLabelled(members.transcript().shares(shares.build()));
    shares.setSignature(ByteString.copyFrom(signature));
    state.send(state.message().setShareKeys(shares).build(), null);
    return new SharesPhase(state, members, dealer);
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
    Neighbours neighbours = members.neighbours();
    BitSet dealers = neighbours.dealers();
    dealers.and(indices);
    ByteString sealed = shares.getCiphertexts();
    SumParameters parameters = state.parameters;
    BitSet below = dealer.below(indices);
    if (!indices.get(members.own())
        || sealed.size() != SumSteps.sealedLength(parameters) * dealers.cardinality()
        || shares.getMaskCiphertexts().size()
            != SumSteps.maskCiphertexts(parameters, below.cardinality())) {
      return state.abort(
          AbortCode.PROTOCOL_VIOLATION, "the shares do not fit the sharers, or leave this out");
    }
    BitSet hidden = members.hidden(indices);
    if (!hidden.isEmpty()) {
      return state.abort(
          AbortCode.PROTOCOL_VIOLATION,
          "neighbour " + hidden.nextSetBit(0) + " has shared and was not shown");
    }
    int fewest = Math.max(parameters.minimumSum(), state.session.floors().sum());
    if (indices.cardinality() < fewest) {
      return state.abort(
          AbortCode.NOT_ENOUGH_CLIENTS, indices.cardinality() + " sharers, must be >= " + fewest);
    }
    Holdings held =
        dealer.open(
            dealers, sealed.toByteArray(), below, shares.getMaskCiphertexts().toByteArray());
    state.setHoldings(held);
    BitSet unreadable = dealers;
    unreadable.andNot(held.of(dealers));
    unreadable.stream().forEach(state::noteUnreadable);
    Sharers announced =
        new Sharers(
            members, neighbours, indices, shares.getSharers().toByteArray(), held, unreadable);
    int live = announced.live(indices);
    int threshold = parameters.threshold();
    if (live < threshold) {
      return state.abort(
          AbortCode.NOT_ENOUGH_CLIENTS,
          live + " live neighbours have shared, must be >= " + threshold);
    }
    sharers = announced;
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
    if (!new InputMasker(state, sharers, dealer.kem()).send(state.input())) {
      return state.abort(AbortCode.PROTOCOL_VIOLATION, "a mask key of low order");
    }
    state.secrets.wipeAfterMasking();
    state.rememberMore(Envelope.KindCase.SHARES);
    return new SurvivorsPhase(state, sharers);
  }
}
