package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.Topology;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * R3 at the coordinator: the survivor set goes out, signatures over it come in, until there are
 * enough.
 */
final class SignPhase extends ServerPhase {

  private final Survivors survivors;
  private final Envelope survivorMessage;
  private final Map<Integer, ByteString> signatures = new TreeMap<>();
  private final byte[] signed;

  SignPhase(ServerState state, Survivors survivors) {
    super(state);
    this.survivors = survivors;
    this.signed =
        survivors.roster.transcript().survivors(survivors.sharers.bitmap, survivors.bitmap);
    dev.tributary.wire.v1.Survivors.Builder message = dev.tributary.wire.v1.Survivors.newBuilder();
    this.survivorMessage =
        state
            .message()
            .setSurvivors(message.setSurvivors(ByteString.copyFrom(survivors.bitmap)))
            .build();
  }

  @Override
  String step() {
    return SumSteps.SIGN;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.SIGNED_SURVIVORS;
  }

  @Override
  ServerPhase enter(Instant now) {
    state.sendToAll(alive(survivors.slots()), survivorMessage);
    return advance(now);
  }

  @Override
  void repeated(int slot, Envelope.KindCase kind) {
    if (kind == Envelope.KindCase.MASKED_INPUT) {
      state.send(slot, survivorMessage);
    }
  }

  @Override
  ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    ByteString signature = message.getSignedSurvivors().getSignature();
    int index = survivors.roster.index(slot);
    if (!survivors.roster.identity(index).verify(signed, signature.toByteArray())) {
      return dropAndAdvance(now, slot, DropReason.INVALID_SURVIVOR_SIGNATURE);
    }
    signatures.put(index, signature);
    return advance(now);
  }

  @Override
  ServerPhase advance(Instant now) {
    int quorum = state.parameters.signatures();
    if (signatures.size() >= quorum) {
      return next();
    }
    BitSet possible = survivors.roster.indices(alive(survivors.slots()));
    signatures.keySet().forEach(possible::set);
    return possible.cardinality() >= quorum
        ? this
        : state.abort(
            now,
            AbortCode.NOT_ENOUGH_CLIENTS,
            "at most "
                + possible.cardinality()
                + " of "
                + quorum
                + " survivor signatures can come");
  }

  @Override
  ServerPhase expire(Instant now) {
    BitSet silent = alive(survivors.slots());
    for (int index : signatures.keySet()) {
      silent.clear(survivors.roster.slot(index));
    }
    state.dropAll(silent, DropReason.NO_SIGNATURE);
    return advance(now);
  }

  /** A signature, on a sparse graph with its signer's place in the roster. */
  static QuorumSignature.Builder signed(
      ServerState state, Roster roster, int index, ByteString by) {
    QuorumSignature.Builder one = QuorumSignature.newBuilder().setIndex(index).setSignature(by);
    return state.parameters.graph() == Topology.Graph.COMPLETE
        ? one
        : one.setKeys(roster.keys(index).toBuilder().clearSignature()).setPath(roster.path(index));
  }

  private ServerPhase next() {
    if (state.parameters.sample() > 0) {
      return new SamplePhase(state, survivors, signatures);
    }
    Proof.Builder proof = Proof.newBuilder();
    signatures.forEach(
        (index, by) -> proof.addSignatures(signed(state, survivors.roster, index, by)));
    Envelope message = state.message().setProof(proof).build();
    return new UnmaskPhase(state, survivors, slot -> message);
  }
}
