package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.testing.Vectors;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** ML-KEM-768 against a selection of NIST's ACVP vectors; their source stands in the file. */
class MlKem768Test {

  private static final Vectors NIST = Vectors.beside("acvp_mlkem768");

  static List<String> keyGen() {
    return NIST.words("keyGen");
  }

  static List<String> encapsulation() {
    return NIST.words("encapsulation");
  }

  static List<String> decapsulation() {
    return NIST.words("decapsulation");
  }

  private static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] seedOf(String test) {
    return HexFormat.of().parseHex(NIST.text(test + ".d") + NIST.text(test + ".z"));
  }

  private static MlKem768 nistKey() {
    return new MlKem768(
        new MLKEMPrivateKeyParameters(MLKEMParameters.ml_kem_768, NIST.bytes("decapsulation.dk")));
  }

  @ParameterizedTest
  @MethodSource
  void keyGen(String test) {
    byte[] seed = seedOf("keyGen." + test);
    MlKem768 pair = MlKem768.fromSeed(seed);
    assertThat(pair.publicKey()).isEqualTo(NIST.bytes("keyGen." + test + ".ek"));
    // The secret key: NIST's opens what was made for ours, and rejects what ours rejects, alike.
    MlKem768 nist =
        new MlKem768(
            new MLKEMPrivateKeyParameters(
                MLKEMParameters.ml_kem_768, NIST.bytes("keyGen." + test + ".dk")));
    byte[] ciphertext = new byte[MlKem768.CIPHERTEXT];
    MlKem768.encapsulate(pair.publicKey(), new byte[32], ciphertext, 0);
    assertThat(pair.decapsulate(ciphertext)).isEqualTo(nist.decapsulate(ciphertext));
    ciphertext[7] ^= 1;
    assertThat(pair.decapsulate(ciphertext)).isEqualTo(nist.decapsulate(ciphertext));
  }

  @ParameterizedTest
  @MethodSource
  void encapsulation(String test) {
    String at = "encapsulation." + test;
    byte[] ciphertext = new byte[MlKem768.CIPHERTEXT + 2];
    byte[] secret =
        MlKem768.encapsulate(NIST.bytes(at + ".ek"), NIST.bytes(at + ".m"), ciphertext, 1);
    assertThat(secret).isEqualTo(NIST.bytes(at + ".k"));
    assertThat(Arrays.copyOfRange(ciphertext, 1, 1 + MlKem768.CIPHERTEXT))
        .isEqualTo(NIST.bytes(at + ".c"));
    assertThat(ciphertext[0]).isZero();
    assertThat(ciphertext[ciphertext.length - 1]).isZero();
  }

  @ParameterizedTest
  @MethodSource
  void decapsulation(String test) {
    String at = "decapsulation." + test;
    assertThat(nistKey().decapsulate(NIST.bytes(at + ".c"))).isEqualTo(NIST.bytes(at + ".k"));
  }

  @Test
  void decapsulation_vectors_holdBothSorts() {
    List<String> rejected = NIST.words("decapsulation.rejected");
    assertThat(decapsulation()).containsAll(rejected).hasSizeGreaterThan(rejected.size());
    assertThat(rejected).isNotEmpty();
  }

  @Test
  void roundTrip_givesBothTheSameSecret_andAnotherForAnotherCiphertext() {
    for (int seed = 0; seed < 50; seed++) {
      MlKem768 pair = MlKem768.fromSeed(bytes(seed, MlKem768.SEED));
      byte[] ciphertext = new byte[MlKem768.CIPHERTEXT];
      byte[] secret = MlKem768.encapsulate(pair.publicKey(), bytes(-1 - seed, 32), ciphertext, 0);
      assertThat(pair.decapsulate(ciphertext)).as("seed %d", seed).isEqualTo(secret);
      ciphertext[seed * 21] ^= 4;
      byte[] rejected = pair.decapsulate(ciphertext);
      assertThat(rejected).as("seed %d", seed).hasSize(32).isNotEqualTo(secret);
      assertThat(pair.decapsulate(ciphertext)).isEqualTo(rejected);
    }
  }

  /** FIPS 203, section 7.2: length and modulus. */
  @Test
  void publicKey_ofAnotherLengthOrWithACoefficientOfQ_isNone() {
    byte[] good = NIST.bytes("keyGen." + keyGen().get(0) + ".ek");
    assertThat(MlKem768.isPublicKey(good)).isTrue();
    assertThat(MlKem768.isPublicKey(Arrays.copyOf(good, good.length - 1))).isFalse();
    assertThat(MlKem768.isPublicKey(Arrays.copyOf(good, good.length + 1))).isFalse();
    assertThat(MlKem768.isPublicKey(new byte[0])).isFalse();
    int coefficients = 768;
    for (int i : new int[] {0, 1, 255, 256, 500, coefficients - 1}) {
      byte[] bad = good.clone();
      int at = 3 * (i / 2);
      if (i % 2 == 0) { // 3329 = 0xD01
        bad[at] = 0x01;
        bad[at + 1] = (byte) (bad[at + 1] & 0xF0 | 0x0D);
      } else {
        bad[at + 1] = (byte) (bad[at + 1] & 0x0F | 0x10);
        bad[at + 2] = (byte) 0xD0;
      }
      assertThat(MlKem768.isPublicKey(bad)).as("coefficient %d is q", i).isFalse();
      assertThatThrownBy(() -> MlKem768.encapsulate(bad, new byte[32], new byte[1088], 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3329");
    }
  }

  @Test
  void lengths_thatAreNone_areRefused() {
    assertThatThrownBy(() -> MlKem768.fromSeed(new byte[63])).hasMessageContaining("64 bytes");
    MlKem768 pair = MlKem768.fromSeed(new byte[64]);
    assertThatThrownBy(() -> pair.decapsulate(new byte[1087])).hasMessageContaining("1088");
    byte[] key = pair.publicKey();
    assertThatThrownBy(() -> MlKem768.encapsulate(key, new byte[31], new byte[1088], 0))
        .hasMessageContaining("32 bytes");
    assertThatThrownBy(() -> MlKem768.encapsulate(new byte[9], new byte[32], new byte[1088], 0))
        .hasMessageContaining("1184");
  }

  @Test
  void row22_wiped_isOfNoUse_andPrintsNothing() {
    MlKem768 pair = MlKem768.fromSeed(new byte[64]);
    assertThat(pair.toString()).isEqualTo("MlKem768[redacted]");
    pair.wipe();
    assertThatThrownBy(pair::publicKey).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> pair.decapsulate(new byte[1088]))
        .isInstanceOf(IllegalStateException.class);
  }
}
