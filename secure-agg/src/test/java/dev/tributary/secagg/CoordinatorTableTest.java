package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Section 9, the coordinator's table, row by row. Client 4 of ten misbehaves. */
class CoordinatorTableTest {

  private static final int BAD = 4;
  private static final SumParameters TEN =
      SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 10, 0, 0.3, 2, 0, 13, 50);

  private final SumWorld world = new SumWorld(new Sa1(), TEN, 77);

  private SumResult.RingSum exact() {
    SumResult result = world.run();
    assertThat(result).isInstanceOf(SumResult.RingSum.class);
    SumResult.RingSum sum = (SumResult.RingSum) result;
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
    return sum;
  }

  private void dropped(DropReason reason) {
    SumResult.RingSum sum = exact();
    assertThat(sum.dropped()).containsExactly(java.util.Map.entry(BAD, reason));
    assertThat(sum.survivors().get(BAD)).isFalse();
    assertThat(sum.survivors().cardinality()).isEqualTo(9);
    assertThat(world.results[BAD])
        .isInstanceOfSatisfying(
            SumResult.Aborted.class, told -> assertThat(told.code()).isEqualTo(reason.name()));
  }

  private void droppedButInTheSum(DropReason reason) {
    SumResult.RingSum sum = exact();
    assertThat(sum.dropped()).containsExactly(java.util.Map.entry(BAD, reason));
    assertThat(sum.survivors().cardinality()).isEqualTo(10);
  }

  private static Envelope keys(Envelope envelope, UnaryOperator<AdvertiseKeys.Builder> change) {
    return envelope.toBuilder()
        .setAdvertiseKeys(change.apply(envelope.getAdvertiseKeys().toBuilder()))
        .build();
  }

  /** Changes keys and signs them again with the member's own identity. */
  private UnaryOperator<Envelope> signedKeys(UnaryOperator<AdvertiseKeys.Builder> change) {
    return envelope ->
        keys(
            envelope,
            builder -> {
              AdvertiseKeys.Builder changed = change.apply(builder);
              byte[] signed = Transcript.of(world.sid).advertise(changed.build());
              return changed.setSignature(
                  ByteString.copyFrom(world.identities[BAD].signLabelled(signed)));
            });
  }

  private static ByteString flip(ByteString bytes, int bit) {
    byte[] flipped = bytes.toByteArray();
    flipped[bit / 8] ^= (byte) (1 << (bit % 8));
    return ByteString.copyFrom(flipped);
  }

  @Test
  void unknownClientOrWrongSession_changesNothing() {
    Envelope stray =
        Envelope.newBuilder()
            .setSession(ByteString.copyFrom(new byte[32]))
            .setAdvertiseKeys(AdvertiseKeys.getDefaultInstance())
            .build();
    for (int slot : new int[] {-7, 10, 1 << 30, BAD}) {
      world.post(1, -1, new dev.tributary.wire.Event.Received(slot, stray));
    }
    assertThat(exact().dropped()).isEmpty();
  }

  @Test
  void byteIdenticalRepeat_ofEveryMessage_getsTheSameBytes() {
    world.network((from, send) -> from == BAD ? List.of(send, send) : List.of(send));
    assertThat(exact().dropped()).isEmpty();
    List<Envelope> toBad =
        world.sent.stream().filter(send -> send.to() == BAD).map(Effect.Send::message).toList();
    for (KindCase kind : List.of(KindCase.ROSTER, KindCase.SHARES, KindCase.SURVIVORS)) {
      List<Envelope> same = toBad.stream().filter(m -> m.getKindCase() == kind).toList();
      assertThat(same).as("%s", kind).isNotEmpty();
      assertThat(same.stream().distinct().count()).as("%s", kind).isEqualTo(1);
    }
  }

  @Test
  void secondDifferentMessageInAStep_isEquivocation() {
    world.network(
        Bend.after(
            BAD,
            KindCase.ADVERTISE_KEYS,
            signedKeys(k -> k.setClientNonce(ByteString.copyFrom(new byte[32])))));
    dropped(DropReason.EQUIVOCATION);
  }

  @Test
  void messageOfAnotherStep_isEquivocation() {
    world.network(
        Bend.after(
            BAD,
            KindCase.ADVERTISE_KEYS,
            m ->
                Envelope.newBuilder()
                    .setSession(m.getSession())
                    .setUnmask(dev.tributary.wire.v1.Unmask.getDefaultInstance())
                    .build()));
    dropped(DropReason.EQUIVOCATION);
  }

  @Test
  void equivocationAfterAcceptedInput_staysInTheSum() {
    world.network(
        (from, send) -> {
          if (from == BAD && send.message().getKindCase() == KindCase.SIGNED_SURVIVORS) {
            Envelope other =
                Envelope.newBuilder()
                    .setSession(send.message().getSession())
                    .setMaskedInput(dev.tributary.wire.v1.MaskedInput.getDefaultInstance())
                    .build();
            return List.of(new Effect.Send(send.to(), other));
          }
          return List.of(send);
        });
    droppedButInTheSum(DropReason.EQUIVOCATION);
  }

  @Test
  void r0_badSignature_dropped() {
    world.network(
        Bend.from(
            BAD,
            KindCase.ADVERTISE_KEYS,
            m -> keys(m, k -> k.setSignature(flip(k.getSignature(), 3)))));
    dropped(DropReason.INVALID_PUBLIC_KEY);
  }

  @Test
  void r0_lowOrderPoint_dropped() {
    world.network(
        Bend.from(
            BAD,
            KindCase.ADVERTISE_KEYS,
            signedKeys(k -> k.setMaskKey(ByteString.copyFrom(new byte[32])))));
    dropped(DropReason.INVALID_PUBLIC_KEY);
  }

  @Test
  void r0_keyOfWrongLength_dropped() {
    world.network(
        Bend.from(
            BAD,
            KindCase.ADVERTISE_KEYS,
            signedKeys(k -> k.setChannelKey(k.getChannelKey().substring(1)))));
    dropped(DropReason.INVALID_PUBLIC_KEY);
  }

  @Test
  void r0_anotherMembersKey_dropped() {
    List<AdvertiseKeys> seen = new ArrayList<>();
    world.network(
        (from, send) -> {
          if (send.message().getKindCase() != KindCase.ADVERTISE_KEYS) {
            return List.of(send);
          }
          if (from == BAD && seen.isEmpty()) {
            seen.add(send.message().getAdvertiseKeys());
          }
          if (from == BAD + 1 && !seen.isEmpty()) {
            byte[] signed;
            AdvertiseKeys.Builder copy =
                send.message().getAdvertiseKeys().toBuilder()
                    .setChannelKey(seen.get(0).getChannelKey());
            signed = Transcript.of(world.sid).advertise(copy.build());
            copy.setSignature(ByteString.copyFrom(world.identities[from].signLabelled(signed)));
            return List.of(
                new Effect.Send(
                    send.to(), send.message().toBuilder().setAdvertiseKeys(copy).build()));
          }
          return List.of(send);
        });
    SumResult.RingSum sum = exact();
    assertThat(sum.dropped()).containsValue(DropReason.INVALID_PUBLIC_KEY);
    assertThat(sum.survivors().get(BAD + 1)).isFalse();
  }

  @Test
  void r0_certificateOfAnotherOrExpiredOrNone_dropped() {
    Certificate expired =
        world.authority.issue(
            world.identities[BAD].publicKey(),
            SumWorld.START.minusSeconds(90),
            SumWorld.START.minusSeconds(30));
    for (byte[] bytes :
        List.of(world.certificates[1].bytes(), expired.bytes(), new byte[0], new byte[200])) {
      SumWorld fresh = new SumWorld(new Sa1(), TEN, 78);
      fresh.network(
          Bend.from(
              BAD,
              KindCase.ADVERTISE_KEYS,
              m -> keys(m, k -> k.setCertificate(ByteString.copyFrom(bytes)))));
      SumResult.RingSum sum = (SumResult.RingSum) fresh.run();
      assertThat(sum.dropped())
          .containsExactly(java.util.Map.entry(BAD, DropReason.INVALID_PUBLIC_KEY));
    }
  }

  @Test
  void r1_missingExtraOrUnsignedCiphertext_dropped() {
    List<UnaryOperator<ByteString>> changes =
        List.of(
            bytes -> bytes.substring(SumSteps.CIPHERTEXT),
            bytes -> bytes.concat(bytes.substring(0, SumSteps.CIPHERTEXT)),
            bytes -> bytes.substring(1),
            bytes -> flip(bytes, 100));
    for (UnaryOperator<ByteString> change : changes) {
      SumWorld fresh = new SumWorld(new Sa1(), TEN, 79);
      fresh.network(
          Bend.from(
              BAD,
              KindCase.SHARE_KEYS,
              m ->
                  m.toBuilder()
                      .setShareKeys(
                          m.getShareKeys().toBuilder()
                              .setCiphertexts(change.apply(m.getShareKeys().getCiphertexts())))
                      .build()));
      SumResult.RingSum sum = (SumResult.RingSum) fresh.run();
      assertThat(sum.dropped())
          .containsExactly(java.util.Map.entry(BAD, DropReason.INVALID_SHARE_KEYS_RESPONSE));
    }
  }

  @Test
  void r2_noBody_wrongLengthDigestOrSignature_dropped() {
    List<SumWorld.Network> bends =
        List.of(
            Bend.body(BAD, bytes -> java.util.Arrays.copyOf(bytes, bytes.length - 1)),
            Bend.body(BAD, bytes -> java.util.Arrays.copyOf(bytes, bytes.length + 1)),
            Bend.body(
                BAD,
                bytes -> {
                  bytes[5] ^= 1;
                  return bytes;
                }),
            (from, send) ->
                List.of(from == BAD ? new Effect.Send(send.to(), send.message()) : send),
            Bend.from(
                BAD,
                KindCase.MASKED_INPUT,
                m ->
                    m.toBuilder()
                        .setMaskedInput(m.getMaskedInput().toBuilder().setLength(Long.MAX_VALUE))
                        .build()),
            Bend.from(
                BAD,
                KindCase.MASKED_INPUT,
                m ->
                    m.toBuilder()
                        .setMaskedInput(
                            m.getMaskedInput().toBuilder()
                                .setSignature(flip(m.getMaskedInput().getSignature(), 9)))
                        .build()));
    for (SumWorld.Network bend : bends) {
      SumWorld fresh = new SumWorld(new Sa1(), TEN, 80);
      fresh.network(bend);
      SumResult.RingSum sum = (SumResult.RingSum) fresh.run();
      assertThat(sum.dropped())
          .containsExactly(java.util.Map.entry(BAD, DropReason.INVALID_MASKED_INPUT));
      assertThat(SumWorld.values(sum.sum())).isEqualTo(fresh.plainSum(sum.survivors()));
    }
  }

  /** 50 elements of 13 bits leave six padding bits. */
  @Test
  void r2_paddingNotZeroThoughSigned_dropped() {
    List<AdvertiseKeys> members = new ArrayList<>();
    world.network(
        (from, send) -> {
          if (from < 0 && send.message().hasRoster() && members.isEmpty()) {
            members.addAll(send.message().getRoster().getMembersList());
          }
          if (from != BAD || !send.message().hasMaskedInput()) {
            return List.of(send);
          }
          byte[] bytes = Bend.bytes(send.body());
          bytes[bytes.length - 1] |= (byte) 0x80;
          byte[] sha = Labels.sha256(bytes);
          BitSet all = new BitSet();
          all.set(0, 10);
          byte[] signed =
              Transcript.of(world.sid).withRoster(members).input(Bitmap.encode(all, 10), sha);
          Envelope changed =
              send.message().toBuilder()
                  .setMaskedInput(
                      send.message().getMaskedInput().toBuilder()
                          .setSha256(ByteString.copyFrom(sha))
                          .setSignature(
                              ByteString.copyFrom(world.identities[BAD].signLabelled(signed))))
                  .build();
          return List.of(new Effect.Send(send.to(), changed, dev.tributary.wire.Body.of(bytes)));
        });
    dropped(DropReason.INVALID_MASKED_INPUT);
  }

  @Test
  void r3_badSignature_droppedButInTheSum() {
    world.network(
        Bend.from(
            BAD,
            KindCase.SIGNED_SURVIVORS,
            m ->
                m.toBuilder()
                    .setSignedSurvivors(
                        m.getSignedSurvivors().toBuilder()
                            .setSignature(flip(m.getSignedSurvivors().getSignature(), 0)))
                    .build()));
    SumResult.RingSum sum = exact();
    assertThat(sum.survivors().cardinality()).isEqualTo(10);
    assertThat(sum.dropped().getOrDefault(BAD, DropReason.INVALID_SURVIVOR_SIGNATURE))
        .isEqualTo(DropReason.INVALID_SURVIVOR_SIGNATURE);
  }

  @Test
  void r4_wrongKindSetOrLength_isNeverUsed() {
    List<UnaryOperator<dev.tributary.wire.v1.Unmask.Builder>> changes =
        List.of(
            u -> u.setMaskSeedDealers(u.getSelfMaskDealers()),
            u -> u.setSelfMaskShares(u.getSelfMaskShares().substring(1)),
            u ->
                u.setSelfMaskDealers(
                    u.getSelfMaskDealers().concat(ByteString.copyFrom(new byte[1]))),
            u -> u.setSelfMaskDealers(flip(u.getSelfMaskDealers(), BAD)),
            u -> u.setSelfMaskShares(flip(u.getSelfMaskShares(), 7)),
            u -> u.setSelfMaskDealers(flip(u.getSelfMaskDealers(), 15)));
    for (UnaryOperator<dev.tributary.wire.v1.Unmask.Builder> change : changes) {
      SumWorld fresh = new SumWorld(new Sa1(), TEN, 81);
      // One is lost after sharing and two do not answer, so that all seven answers are needed.
      fresh.drop(0, KindCase.MASKED_INPUT);
      fresh.drop(1, KindCase.UNMASK).drop(2, KindCase.UNMASK);
      fresh.network(
          Bend.from(
              BAD,
              KindCase.UNMASK,
              m -> m.toBuilder().setUnmask(change.apply(m.getUnmask().toBuilder())).build()));
      SumResult.Aborted aborted = (SumResult.Aborted) fresh.run();
      assertThat(aborted.code()).isEqualTo("NOT_ENOUGH_CLIENTS");
      assertThat(aborted.dropped()).containsEntry(BAD, DropReason.INVALID_UNMASKING_RESPONSE);
    }
  }

  @Test
  void belowTheFloor_abortsAtOnceAndNamesIt() {
    for (int client = 0; client < 4; client++) {
      world.drop(client, KindCase.SHARE_KEYS);
    }
    world.declaringDrops();
    SumResult.Aborted aborted = (SumResult.Aborted) world.run();
    assertThat(aborted.code()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(aborted.reason()).contains("6 of 10").contains("at least 7");
    assertThat(aborted.unmaskingAnswered()).isFalse();
    assertThat(world.endedAt).isBefore(SumWorld.START.plusSeconds(5));
    assertThat(world.results[9]).isInstanceOf(SumResult.Aborted.class);
  }

  @Test
  void deadline_freezesTheSetAndGoesOn() {
    world.drop(BAD, KindCase.SHARE_KEYS);
    SumResult.RingSum sum = exact();
    assertThat(sum.dropped()).containsExactly(java.util.Map.entry(BAD, DropReason.NO_SHARES));
    assertThat(sum.steps())
        .filteredOn(step -> step.name().equals("share"))
        .singleElement()
        .extracting(StepReport::to)
        .isEqualTo(SumWorld.START.plusSeconds(20));
  }

  @Test
  void answersMissing_afterTheFreeze_abort() {
    for (int client = 0; client < 4; client++) {
      world.drop(client, KindCase.UNMASK);
    }
    SumResult.Aborted aborted = (SumResult.Aborted) world.run();
    assertThat(aborted.code()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(aborted.unmaskingAnswered()).isTrue();
    assertThat(aborted.dropped().values()).containsOnly(DropReason.NO_ANSWER);
  }

  @Test
  void durableRecords_comeInOrder() {
    world.drop(BAD, KindCase.MASKED_INPUT);
    exact();
    List<dev.tributary.wire.Entry.Kind> kinds =
        world.serverEntries.stream().map(dev.tributary.wire.Entry::kind).toList();
    assertThat(kinds).hasSize(9 + 1 + 1);
    assertThat(kinds.subList(0, 9)).containsOnly(dev.tributary.wire.Entry.Kind.INPUT_ACCEPTED);
    assertThat(kinds.get(9)).isEqualTo(dev.tributary.wire.Entry.Kind.SURVIVORS_FROZEN);
    assertThat(kinds.get(10)).isEqualTo(dev.tributary.wire.Entry.Kind.UNMASKING_ANSWERED);
    BitSet expected = new BitSet();
    expected.set(0, 10);
    expected.clear(BAD);
    assertThat(Bitmap.decode(world.serverEntries.get(9).payload(), 10)).isEqualTo(expected);
  }
}
