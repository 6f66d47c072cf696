package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Topology;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.MlKem768;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** R0 and R1: sends signed keys, awaits the roster and checks it. */
final class RosterPhase extends ClientPhase {

  private final AdvertiseKeys own;

  RosterPhase(ClientState state) {
    super(state);
    this.own = ownKeys(state);
    state.open(state.message().setAdvertiseKeys(own).build());
  }

  private static AdvertiseKeys ownKeys(ClientState state) {
    Identity identity = state.session.identity();
    Certificate certificate = state.session.certificate();
    byte[] identityKey = identity.publicKey();
    ClientSecrets secrets = state.secrets;
    byte[] maskSecret = state.beforeRoster.maskSecret(secrets.maskSeed, identityKey);
    AdvertiseKeys.Builder keys =
        AdvertiseKeys.newBuilder()
            .setIdentityKey(ByteString.copyFrom(identityKey))
            .setChannelKey(ByteString.copyFrom(KeyAgreement.publicKey(secrets.channelSecret)))
            .setMaskKey(ByteString.copyFrom(KeyAgreement.publicKey(maskSecret)))
            .setSelfCommitment(
                ByteString.copyFrom(
                    state.beforeRoster.selfCommitment(
                        identityKey, secrets.nonce, secrets.selfSeed)))
            .setClientNonce(ByteString.copyFrom(secrets.nonce));
    Arrays.fill(maskSecret, (byte) 0);
    if (state.parameters.postQuantum()) {
      MlKem768 channel = state.beforeRoster.channelKem(secrets.channelKemSeed, identityKey);
      MlKem768 mask = state.beforeRoster.maskKem(secrets.maskSeed, identityKey);
      keys.setChannelKemKey(ByteString.copyFrom(channel.publicKey()))
          .setMaskKemKey(ByteString.copyFrom(mask.publicKey()));
      channel.wipe();
      mask.wipe();
    }
    if (certificate != null) {
      keys.setCertificate(ByteString.copyFrom(certificate.bytes()));
    }
    return keys.setSignature(
            ByteString.copyFrom(identity.signLabelled(state.beforeRoster.advertise(keys.build()))))
        .build();
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.ROSTER;
  }

  @Override
  ClientPhase accept(Instant now, Envelope message) {
    RosterCheck check = new RosterCheck(state.session, state.beforeRoster, own);
    Optional<String> refusal = check.refusal(message.getRoster(), now);
    if (refusal.isPresent()) {
      return state.abort(AbortCode.ROSTER_REFUSED, refusal.get());
    }
    return state.parameters.graph() == Topology.Graph.OUT_NEIGHBOURS
        ? new NeighboursPhase(state, check)
        : SharesPhase.deal(state, check.members());
  }
}
