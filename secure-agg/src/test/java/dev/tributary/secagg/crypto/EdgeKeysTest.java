package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.testing.Wiped;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Keys of edges from both ends, with and without ML-KEM, and the key of a member's own mask. */
class EdgeKeysTest {

  private static final int[] MEMBERS = {0, 5, 9};

  private final Transcript transcript = Transcript.of(secret(1)).withRoot(secret(2));

  private static byte[] secret(int value) {
    return Labels.sha256(new byte[] {(byte) value});
  }

  private static byte[] publicKey(int member) {
    return KeyAgreement.publicKey(secret(10 + member));
  }

  private EdgeKem kem(int member) {
    return new EdgeKem(transcript, secret(30 + member), secret(50 + member));
  }

  /** The key of an edge as the specification derives it, step by step. */
  private byte[] expected(int i, int j, byte[] encapsulated, byte[] digest) {
    byte[] shared = new byte[32];
    assertThat(
            KeyAgreement.agree(secret(10 + i), new byte[][] {publicKey(j)}, new byte[][] {shared}))
        .isNegative();
    byte[] both = Arrays.copyOf(shared, 32 + encapsulated.length);
    System.arraycopy(encapsulated, 0, both, 32, encapsulated.length);
    byte[] seed =
        transcript.afterRoster().derive(both, transcript.edgeInfo(i, j, digest), Hkdf.HASH);
    return transcript.afterRoster().derive(seed, transcript.prgInfo(0), Hkdf.HASH);
  }

  private static BitSet others(int own) {
    BitSet others = new BitSet();
    Arrays.stream(MEMBERS).filter(m -> m != own).forEach(others::set);
    return others;
  }

  private static byte[][] keys(int own) {
    return others(own).stream().mapToObj(EdgeKeysTest::publicKey).toArray(byte[][]::new);
  }

  @Test
  void edges_bothEnds_equalTheDerivation() {
    EdgeKeys keys = new EdgeKeys(transcript);
    for (int own : MEMBERS) {
      byte[][] edges = keys.edges(secret(10 + own), own, others(own), keys(own), null);
      int at = 0;
      for (int other : others(own).stream().toArray()) {
        assertThat(edges[at++]).isEqualTo(expected(own, other, new byte[0], new byte[0]));
      }
    }
    byte[] self = keys.self(secret(7), 5);
    byte[] seed = transcript.afterRoster().derive(secret(7), transcript.selfInfo(5), Hkdf.HASH);
    assertThat(self)
        .isEqualTo(transcript.afterRoster().derive(seed, transcript.prgInfo(0), Hkdf.HASH));
  }

  @Test
  void edges_pointOfLowOrder_giveNone() {
    byte[][] keys = {publicKey(5), new byte[32]};
    assertThat(new EdgeKeys(transcript).edges(secret(10), 0, others(0), keys, null)).isNull();
    keys = new byte[][] {new byte[32], publicKey(9)};
    assertThat(new EdgeKeys(transcript).edges(secret(10), 0, others(0), keys, null)).isNull();
  }

  @Test
  void edges_withKem_areTheSameAtBothEnds_andHoldSecretAndCiphertext() {
    EdgeKem two = kem(2);
    EdgeKem five = kem(5);
    byte[] ciphertext = two.encapsulate(5, five.publicKey());
    five.decapsulate(2, ciphertext);
    byte[] coins = transcript.maskCoins(secret(32), 5);
    byte[] again = new byte[MlKem768.CIPHERTEXT];
    byte[] encapsulated = MlKem768.encapsulate(five.publicKey(), coins, again, 0);
    assertThat(ciphertext).as("from the coins of this edge").isEqualTo(again);
    assertThat(two.secret(5)).isEqualTo(encapsulated).isEqualTo(five.secret(2));
    byte[] digest = Labels.sha256(ciphertext);
    assertThat(two.ciphertextSha256(5)).isEqualTo(digest).isEqualTo(five.ciphertextSha256(2));
    BitSet one = new BitSet();
    one.set(5);
    byte[][] edges =
        new EdgeKeys(transcript).edges(secret(12), 2, one, new byte[][] {publicKey(5)}, two);
    assertThat(edges[0]).isEqualTo(expected(2, 5, encapsulated, digest));
  }

  @Test
  void kem_withoutACiphertext_orWiped_givesNothing() {
    EdgeKem kem = kem(2);
    assertThatThrownBy(() -> kem.secret(5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("5");
    kem.encapsulate(5, kem(5).publicKey());
    byte[] secret = kem.secret(5);
    assertThat(secret).isNotEqualTo(new byte[32]);
    assertThat(kem).hasToString("EdgeKem[redacted]");
    kem.wipe();
    assertThat(secret).isEqualTo(new byte[32]);
    assertThat((Map<?, ?>) Wiped.value(kem, "halves")).isEmpty();
    assertThatThrownBy(kem::publicKey).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void hybridKeys_fitTheSuiteOrAreRefused() {
    ByteString channel = ByteString.copyFrom(kem(2).publicKey());
    ByteString mask = ByteString.copyFrom(kem(5).publicKey());
    ByteString bad = channel.substring(1);
    AdvertiseKeys plain =
        AdvertiseKeys.newBuilder()
            .setChannelKey(ByteString.copyFrom(publicKey(2)))
            .setMaskKey(ByteString.copyFrom(publicKey(5)))
            .build();
    AdvertiseKeys both = plain.toBuilder().setChannelKemKey(channel).setMaskKemKey(mask).build();
    assertThat(HybridKeys.all(plain)).containsExactly(plain.getChannelKey(), plain.getMaskKey());
    assertThat(HybridKeys.all(both))
        .containsExactly(plain.getChannelKey(), plain.getMaskKey(), channel, mask);
    assertThat(HybridKeys.kemKeysFit(plain, false)).isTrue();
    assertThat(HybridKeys.kemKeysFit(plain, true)).isFalse();
    assertThat(HybridKeys.kemKeysFit(both, true)).isTrue();
    assertThat(HybridKeys.kemKeysFit(both, false)).isFalse();
    for (AdvertiseKeys half :
        new AdvertiseKeys[] {
          both.toBuilder().clearMaskKemKey().build(), both.toBuilder().clearChannelKemKey().build()
        }) {
      assertThat(HybridKeys.kemKeysFit(half, true)).isFalse();
      assertThat(HybridKeys.kemKeysFit(half, false)).isFalse();
    }
    assertThat(HybridKeys.kemKeysFit(both.toBuilder().setMaskKemKey(bad).build(), true)).isFalse();
    assertThat(HybridKeys.kemKeysFit(both.toBuilder().setChannelKemKey(bad).build(), true))
        .isFalse();
  }
}
