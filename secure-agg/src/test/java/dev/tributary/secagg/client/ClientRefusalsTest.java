package dev.tributary.secagg.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.Wiped;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Shares;
import dev.tributary.wire.v1.Survivors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a client on the complete graph stops, and the last that it still takes. */
class ClientRefusalsTest {

  private static final int OWN = 1;
  private static final Instant NOW = SumWorld.START.plusMillis(10);

  /** Threshold 3 and quorum 3. */
  private static final SumParameters FOUR =
      SumParameters.derive("sa1", Mode.MALICIOUS, 4, 0, 0.25, 2, 0, 8, 5);

  private static final Recording RECORDING = new Recording(FOUR, 5);
  private Machine client = RECORDING.world.freshClient(OWN);

  private List<Effect> give(Envelope message) {
    return client.on(NOW, new Event.Received(Machine.COORDINATOR, message));
  }

  private void after(KindCase... kinds) {
    client = RECORDING.world.freshClient(OWN);
    client.on(NOW, RECORDING.world.start(OWN));
    client.on(NOW, RECORDING.world.input(OWN));
    for (KindCase kind : kinds) {
      assertThat(give(RECORDING.down(OWN, kind)))
          .anyMatch(Effect.Send.class::isInstance)
          .noneMatch(Effect.Finish.class::isInstance);
    }
  }

  private static SumResult end(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Finish.class::isInstance)
        .map(effect -> (SumResult) ((Effect.Finish) effect).result())
        .findFirst()
        .orElseThrow(() -> new AssertionError("no end in " + effects));
  }

  private void refused(List<Effect> effects, String code, String reason) {
    assertThat(effects).as(reason).noneMatch(Effect.Send.class::isInstance);
    SumResult.Aborted aborted = (SumResult.Aborted) end(effects);
    assertThat(aborted.reason()).contains(reason);
    assertThat(aborted.code()).isEqualTo(code);
    assertThat(client.toString()).isEqualTo("SumClient[DonePhase]");
  }

  private static byte[] bitmap(int... indices) {
    BitSet set = new BitSet();
    for (int index : indices) {
      set.set(index);
    }
    return Bitmap.encode(set, 4);
  }

  /** The shares of these dealers. */
  private Envelope shares(int... sharers) {
    Envelope whole = RECORDING.down(OWN, KindCase.SHARES);
    ByteString sealed = ByteString.EMPTY;
    for (int j : sharers) {
      int at = SumSteps.CIPHERTEXT * (j < OWN ? j : j - 1);
      if (j != OWN) {
        sealed =
            sealed.concat(
                whole.getShares().getCiphertexts().substring(at, at + SumSteps.CIPHERTEXT));
      }
    }
    return whole.toBuilder()
        .setShares(
            Shares.newBuilder()
                .setSharers(ByteString.copyFrom(bitmap(sharers)))
                .setCiphertexts(sealed))
        .build();
  }

  @Test
  void sharers_fewerThanTheFloorOrTheThreshold() {
    after(KindCase.ROSTER);
    refused(give(shares(1)), "NOT_ENOUGH_CLIENTS", "1 sharers, must be >= 2");
    after(KindCase.ROSTER);
    refused(
        give(shares(0, 1)), "NOT_ENOUGH_CLIENTS", "2 live neighbours have shared, must be >= 3");
    after(KindCase.ROSTER);
    assertThat(give(shares(0, 1, 3))).anyMatch(Effect.Send.class::isInstance);
    after(KindCase.ROSTER);
    refused(give(shares(0, 2, 3)), "PROTOCOL_VIOLATION", "do not fit the sharers, or leave this");
    after(KindCase.ROSTER);
    Envelope.Builder other = shares(0, 1, 2, 3).toBuilder();
    other.getSharesBuilder().setSharers(ByteString.copyFrom(new byte[] {31}));
    refused(give(other.build()), "PROTOCOL_VIOLATION", "the sharers are no set of this roster");
    after(KindCase.ROSTER);
    other = shares(0, 1, 2, 3).toBuilder();
    other.getSharesBuilder().setMaskCiphertexts(ByteString.copyFrom(new byte[1088]));
    refused(give(other.build()), "PROTOCOL_VIOLATION", "do not fit the sharers, or leave this");
  }

  /** A share that does not open is named, and nothing else changes. */
  @Test
  void share_thatDoesNotOpen_isNamedAtTheEnd() {
    after(KindCase.ROSTER);
    Envelope.Builder damaged = RECORDING.down(OWN, KindCase.SHARES).toBuilder();
    byte[] sealed = damaged.getShares().getCiphertexts().toByteArray();
    sealed[SumSteps.CIPHERTEXT + 9] ^= 1; // of dealer 2
    damaged.getSharesBuilder().setCiphertexts(ByteString.copyFrom(sealed));
    assertThat(give(damaged.build())).anyMatch(Effect.Send.class::isInstance);
    give(RECORDING.down(OWN, KindCase.SURVIVORS));
    List<Effect> effects = give(RECORDING.down(OWN, KindCase.PROOF));
    assertThat(end(effects)).isEqualTo(new SumResult.Contributed(true, List.of(2)));
    Envelope answer = ((Effect.Send) effects.get(0)).message();
    assertThat(answer.getUnmask().getSelfMaskDealers().toByteArray()).isEqualTo(bitmap(0, 1, 3));
  }

  /** With one unreadable share three live neighbours are left, with two only two. */
  @Test
  void shares_thatDoNotOpen_countAsNoneTowardsTheThreshold() {
    after(KindCase.ROSTER);
    Envelope.Builder damaged = RECORDING.down(OWN, KindCase.SHARES).toBuilder();
    byte[] sealed = damaged.getShares().getCiphertexts().toByteArray();
    sealed[9] ^= 1;
    sealed[SumSteps.CIPHERTEXT + 9] ^= 1;
    damaged.getSharesBuilder().setCiphertexts(ByteString.copyFrom(sealed));
    refused(
        give(damaged.build()), "NOT_ENOUGH_CLIENTS", "2 live neighbours have shared, must be >= 3");
  }

  private Envelope survivors(int... indices) {
    return RECORDING.down(OWN, KindCase.SURVIVORS).toBuilder()
        .setSurvivors(Survivors.newBuilder().setSurvivors(ByteString.copyFrom(bitmap(indices))))
        .build();
  }

  @Test
  void survivors_fewerOrOthers() {
    after(KindCase.ROSTER, KindCase.SHARES);
    assertThat(give(survivors(0, 1, 3))).anyMatch(Effect.Send.class::isInstance);
    after(KindCase.ROSTER, KindCase.SHARES);
    refused(give(survivors(0, 1)), "SURVIVORS_REFUSED", "2 live neighbours among them");
    after(KindCase.ROSTER, KindCase.SHARES);
    refused(give(survivors(0, 2, 3)), "SURVIVORS_REFUSED", "this client is missing");
    after(KindCase.ROSTER);
    give(shares(0, 1, 3));
    refused(give(survivors(0, 1, 2)), "SURVIVORS_REFUSED", "a survivor that has not shared");
  }

  private Envelope proof(QuorumSignature... signatures) {
    return RECORDING.down(OWN, KindCase.PROOF).toBuilder()
        .setProof(Proof.newBuilder().addAllSignatures(List.of(signatures)))
        .build();
  }

  private QuorumSignature signed(int index) {
    ByteString signature =
        RECORDING.up(index, KindCase.SIGNED_SURVIVORS).getSignedSurvivors().getSignature();
    return QuorumSignature.newBuilder().setIndex(index).setSignature(signature).build();
  }

  private QuorumSignature forged(int index) {
    return signed((index + 1) % 4).toBuilder().setIndex(index).build();
  }

  @Test
  void proof_goesOnToTheNextSignatures_whereSomeAreWrong() {
    KindCase[] before = {KindCase.ROSTER, KindCase.SHARES, KindCase.SURVIVORS};
    List<Envelope> good = new ArrayList<>();
    good.add(proof(signed(0), signed(1), signed(2)));
    good.add(proof(forged(0), signed(1), signed(2), signed(3)));
    good.add(proof(signed(0), forged(1), signed(2), signed(3)));
    good.add(proof(signed(0), signed(1), signed(2), forged(3)));
    for (Envelope proof : good) {
      after(before);
      assertThat(end(give(proof))).isEqualTo(new SumResult.Contributed(true, List.of()));
      assertThat(client.toString()).isEqualTo("SumClient[DonePhase]");
    }
    for (Envelope proof :
        List.of(
            proof(signed(0), signed(1)),
            proof(signed(0), signed(1), forged(2)),
            proof(forged(0), signed(1), forged(2), signed(3)),
            proof(forged(0), forged(1), signed(2), signed(3)))) {
      after(before);
      refused(give(proof), "PROOF_REFUSED", "fewer than 3 valid signatures");
    }
    after(before);
    refused(
        give(proof(signed(0), signed(1), signed(2), signed(3), signed(3))),
        "PROOF_REFUSED",
        "5 signatures of 4 members");
    after(before);
    refused(give(proof(signed(0), signed(1), signed(3), signed(3))), "PROOF_REFUSED", "twice");
    for (int index : new int[] {-1, 4}) {
      after(before);
      QuorumSignature outside = signed(3).toBuilder().setIndex(index).build();
      refused(give(proof(signed(0), outside)), "PROOF_REFUSED", "outside the roster");
    }
  }

  /** A reason of 500 characters stays whole, a longer one is cut. */
  @ParameterizedTest
  @ValueSource(ints = {499, 500, 501, 900})
  void abort_ofTheCoordinator_isCutAt500(int length) {
    after(KindCase.ROSTER);
    Envelope.Builder abort = RECORDING.down(OWN, KindCase.ROSTER).toBuilder();
    abort.getAbortBuilder().setCode("X").setReason("r".repeat(length));
    SumResult.Aborted aborted = (SumResult.Aborted) end(give(abort.build()));
    assertThat(aborted.reason()).hasSize(Math.min(500, length));
  }

  /** A roster in which a member has signed other keys, under a root of its own. */
  private void roster(int member, UnaryOperator<AdvertiseKeys.Builder> change, String reason) {
    Envelope.Builder message = RECORDING.down(OWN, KindCase.ROSTER).toBuilder();
    AdvertiseKeys.Builder keys =
        change.apply(message.getRosterBuilder().getMembersBuilder(member).clearSignature());
    Transcript before = Transcript.of(RECORDING.world.sid);
    byte[] signed = before.advertise(keys.build());
    keys.setSignature(ByteString.copyFrom(RECORDING.world.identities[member].signLabelled(signed)));
    byte[] root = before.withRoster(message.getRoster().getMembersList()).root();
    message.getRosterBuilder().setRoot(ByteString.copyFrom(root));
    after();
    refused(give(message.build()), "ROSTER_REFUSED", reason);
  }

  @Test
  void channelKey_ofLowOrder_namesItsMember() {
    for (int member : new int[] {0, 2, 3}) {
      roster(
          member,
          keys -> keys.setChannelKey(bytes(32)),
          "member " + member + " has a channel key of low order");
    }
  }

  private static ByteString bytes(int length) {
    return ByteString.copyFrom(new byte[length]);
  }

  @Test
  void keysOfOtherLengths_nameTheirMember() {
    byte[] noPoint = new byte[32];
    Arrays.fill(noPoint, (byte) 0xFF);
    List<UnaryOperator<AdvertiseKeys.Builder>> changes =
        List.of(
            keys -> keys.setIdentityKey(ByteString.copyFrom(noPoint)),
            keys -> keys.clearIdentityKey(),
            keys -> keys.setChannelKey(keys.getChannelKey().substring(1)),
            keys -> keys.setMaskKey(keys.getMaskKey().concat(bytes(1))),
            keys -> keys.setChannelKemKey(bytes(1184)),
            keys -> keys.setMaskKemKey(bytes(1184)),
            keys -> keys.clearSelfCommitment(),
            keys -> keys.setSelfCommitment(bytes(33)),
            keys -> keys.setClientNonce(bytes(31)));
    for (UnaryOperator<AdvertiseKeys.Builder> change : changes) {
      roster(2, change, "member 2 has no Ed25519 key, or another bad one");
    }
  }

  private byte[] secret(String field) {
    return (byte[]) Wiped.value(Wiped.value(Wiped.value(client, "state"), "secrets"), field);
  }

  @Test
  void secrets_areClearedOnceTheyAreUsed() {
    after();
    assertThat(secret("channelSecret")).isNotEqualTo(new byte[32]);
    after(KindCase.ROSTER);
    assertThat(secret("channelSecret")).containsOnly(0);
    assertThat(secret("coefficientKey")).containsOnly(0);
    assertThat(secret("maskSeed")).isNotEqualTo(new byte[32]);
    assertThat(secret("selfSeed")).isNotEqualTo(new byte[32]);
    after(KindCase.ROSTER, KindCase.SHARES);
    assertThat(secret("maskSeed")).containsOnly(0);
    assertThat(secret("selfSeed")).containsOnly(0);
  }

  @Test
  void channels_areClearedOnceTheSharesAreRead_orTheClientStops() {
    for (boolean stopped : new boolean[] {true, false}) {
      after(KindCase.ROSTER);
      Object dealer = Wiped.value(Wiped.value(client, "state"), "dealer");
      Object channels = Wiped.value(dealer, "channels");
      Map<?, ?> agreed = (Map<?, ?>) Wiped.value(channels, "agreed");
      assertThat(agreed).hasSize(3);
      Wiped.assertNotZero(channels, "prk");
      if (stopped) {
        client.on(NOW, new Event.Stop("enough"));
        Wiped.assertZero(dealer, "ownSelfShare");
      } else {
        give(RECORDING.down(OWN, KindCase.SHARES));
        Wiped.assertNotZero(dealer, "ownSelfShare");
      }
      Wiped.assertZero(channels, "prk");
      Wiped.assertZero(Wiped.value(channels, "hkdf"), "key");
      agreed.values().forEach(shared -> assertThat((byte[]) shared).containsOnly(0));
    }
  }
}
