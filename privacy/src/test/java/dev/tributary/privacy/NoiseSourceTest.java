package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tributary.privacy.insecure.InsecureSeededNoise;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class NoiseSourceTest {
  @Test
  void secure_givesFreshBitsAtEveryOpening_alsoForOnePurpose() {
    Set<Long> words = new HashSet<>();
    NoiseSource source = NoiseSource.secure();
    for (int i = 0; i < 100; i++) {
      words.add(source.open("same").nextLong());
      words.add(NoiseSource.secure().open("same").nextLong());
    }
    assertThat(words).hasSize(200);
  }

  @Test
  void secure_showsNoKey() {
    assertThat(NoiseSource.secure()).hasToString("SecureNoise[redacted]");
  }

  @Test
  void seeded_repeatsForSeedAndPurpose_andDiffersOtherwise() {
    long word = Seeds.noise(1).open("a").nextLong();
    assertThat(Seeds.noise(1).open("a").nextLong()).isEqualTo(word);
    assertThat(Seeds.noise(1).open("b").nextLong()).isNotEqualTo(word);
    assertThat(Seeds.noise(2).open("a").nextLong()).isNotEqualTo(word);
  }

  @Test
  void seeded_keepsNoReferenceToTheSeed() {
    byte[] seed = Seeds.bytes(5);
    NoiseSource source = new InsecureSeededNoise(seed);
    long before = source.open("a").nextLong();
    seed[31] = 1;
    assertThat(source.open("a").nextLong()).isEqualTo(before);
  }

  @Test
  void seeded_wrongSeedLength_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InsecureSeededNoise(new byte[31]))
        .withMessage("key must hold 32 bytes, was 31");
  }
}
