package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.ShareKeys;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is signed and derived, field by field, as PROTOCOL.md writes it down. */
class TranscriptTest {

  private static final byte[] SID = filled(1);
  private static final byte[] ROOT = filled(2);
  private static final AdvertiseKeys KEYS =
      AdvertiseKeys.newBuilder()
          .setIdentityKey(ByteString.copyFrom(filled(3)))
          .setChannelKey(ByteString.copyFrom(filled(4)))
          .setMaskKey(ByteString.copyFrom(filled(5)))
          .setChannelKemKey(ByteString.copyFrom(filled(6)))
          .setMaskKemKey(ByteString.copyFrom(filled(7)))
          .setSelfCommitment(ByteString.copyFrom(filled(8)))
          .setClientNonce(ByteString.copyFrom(filled(9)))
          .build();

  private final Transcript early = Transcript.of(SID);
  private final Transcript transcript = early.withRoot(ROOT);

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** u16 length of the label, the label, then the fields; an int is four bytes, big-endian. */
  private static byte[] layout(String label, Object... fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeShort(label.length());
      out.write(label.getBytes(StandardCharsets.US_ASCII));
      for (Object field : fields) {
        if (field instanceof Integer number) {
          out.writeInt(number);
        } else {
          out.write((byte[]) field);
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] sha(byte[] bytes) {
    return Labels.sha256(bytes);
  }

  private static byte[] derive(byte[] salt, byte[] secret, int length, byte[] info) {
    return new Hkdf(salt).derive(secret, info, length);
  }

  @Test
  void roundZero_andTheRoster() {
    Object[] keys = {filled(3), filled(4), filled(5), filled(6), filled(7), filled(8), filled(9)};
    assertThat(early.advertise(KEYS))
        .isEqualTo(
            layout("sa1/adv", SID, keys[0], keys[1], keys[2], keys[3], keys[4], keys[5], keys[6]));
    assertThat(early.selfCommitment(filled(3), filled(9), filled(10)))
        .isEqualTo(sha(layout("sa1/bcommit", SID, filled(3), filled(9), filled(10))));
    byte[] leaf =
        layout(
            "sa1/roster-leaf",
            SID,
            0x01020304,
            keys[0],
            keys[1],
            keys[2],
            keys[3],
            keys[4],
            keys[5],
            keys[6]);
    assertThat(early.leaf(0x01020304, KEYS)).isEqualTo(leaf);
    assertThat(early.absentLeaf(7)).isEqualTo(layout("sa1/roster-absent", SID, 7));
    AdvertiseKeys second = KEYS.toBuilder().setClientNonce(ByteString.copyFrom(SID)).build();
    assertThat(early.withRoster(List.of(KEYS, second)).root())
        .isEqualTo(Merkle.root(List.of(early.leaf(0, KEYS), early.leaf(1, second))));
  }

  @Test
  void theRoot_isACopy() {
    byte[] root = ROOT.clone();
    Transcript with = early.withRoot(root);
    root[0]++;
    assertThat(with.root()).isEqualTo(ROOT);
    with.root()[0]++;
    assertThat(with.root()).isEqualTo(ROOT);
    byte[] sid = SID.clone();
    Transcript other = Transcript.of(sid);
    sid[0]++;
    assertThat(other.absentLeaf(1)).isEqualTo(early.absentLeaf(1));
  }

  @Test
  void signedMessages() {
    byte[] x = {1, 2, 3};
    byte[] y = {4, 5};
    assertThat(transcript.graphKey()).isEqualTo(sha(layout("sa1/graph", SID, ROOT)));
    assertThat(transcript.choice(x)).isEqualTo(layout("sa1/choice", SID, ROOT, x));
    ShareKeys shares =
        ShareKeys.newBuilder()
            .setCiphertexts(ByteString.copyFrom(x))
            .setMaskCiphertexts(ByteString.copyFrom(y))
            .build();
    assertThat(transcript.shares(shares))
        .isEqualTo(layout("sa1/shares", SID, ROOT, sha(new byte[] {1, 2, 3, 4, 5})));
    assertThat(transcript.input(x, y)).isEqualTo(layout("sa1/input", SID, ROOT, sha(x), y));
    assertThat(transcript.survivors(x, y))
        .isEqualTo(layout("sa1/survivors", SID, ROOT, sha(x), sha(y)));
    assertThat(transcript.slotLeaf(5, y)).isEqualTo(layout("sa1/slot", SID, ROOT, 5, y));
    assertThat(transcript.receipt(x, y)).isEqualTo(sha(layout("sa1/receipt", SID, x, y)));
  }

  @Test
  void infosOfKeys() {
    byte[] digest = filled(11);
    assertThat(transcript.channelInfo(3, 2, digest))
        .isEqualTo(layout("sa1/chan", SID, 3, 2, digest));
    byte[] edge = layout("sa1/mask", SID, 2, 3, digest);
    assertThat(transcript.edgeInfo(3, 2, digest)).isEqualTo(edge);
    assertThat(transcript.edgeInfo(2, 3, digest)).isEqualTo(edge);
    assertThat(transcript.selfInfo(4)).isEqualTo(layout("sa1/self", SID, 4));
    assertThat(transcript.prgInfo(6)).isEqualTo(layout("sa1/prg", SID, 6));
    assertThat(transcript.shareData(3, 2, 5, 4, digest))
        .isEqualTo(layout("sa1/share", SID, ROOT, 3, 2, 5, 4, digest));
  }

  @Test
  void derivedSecrets() {
    byte[] secret = filled(12);
    byte[] identity = filled(3);
    byte[] info = new byte[] {9};
    assertThat(transcript.beforeRoster().derive(secret, info, 32))
        .isEqualTo(derive(SID, secret, 32, info));
    assertThat(transcript.afterRoster().derive(secret, info, 32))
        .isEqualTo(derive(ROOT, secret, 32, info));
    assertThat(transcript.maskSecret(secret, identity))
        .isEqualTo(derive(SID, secret, 32, layout("sa1/mask-x25519", identity)));
    assertThat(transcript.maskCoins(secret, 7))
        .isEqualTo(derive(ROOT, secret, 32, layout("sa1/kem-encaps", 7)));
    assertThat(transcript.channelCoins(secret, 7))
        .isEqualTo(derive(ROOT, secret, 32, layout("sa1/chan-encaps", 7)));
    assertThat(transcript.maskKem(secret, identity).publicKey())
        .isEqualTo(
            MlKem768.fromSeed(derive(SID, secret, 64, layout("sa1/mask-mlkem-seed", identity)))
                .publicKey());
    assertThat(transcript.channelKem(secret, identity).publicKey())
        .isEqualTo(
            MlKem768.fromSeed(derive(SID, secret, 64, layout("sa1/chan-mlkem-seed", identity)))
                .publicKey());
  }
}
