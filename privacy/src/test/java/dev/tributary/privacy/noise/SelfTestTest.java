package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

final class SelfTestTest {
  private static double weight(int k) {
    return Math.exp(-0.5 * k * k / 90_000);
  }

  @Test
  void require_passesHere() {
    assertThatCode(SelfTest::require).doesNotThrowAnyException();
  }

  @Test
  void secureNoise_afterASelfTestThatFailed_isNotGivenOut() throws Exception {
    Field failure = Class.forName(SelfTest.class.getName() + "$Once").getDeclaredField("failure");
    failure.setAccessible(true);
    Object before = failure.get(null);
    failure.set(null, "a coin fell wrong");
    try {
      assertThatIllegalStateException()
          .isThrownBy(SecureNoise::create)
          .withMessage(
              "the self-test of the noise failed: a coin fell wrong. No noise can be drawn here");
    } finally {
      failure.set(null, before);
    }
  }

  @Test
  void misfit_halvedNoise_isFarBeyondTheLimit() {
    IntegerNoise halved = new TwoLevelGaussian(150);
    assertThat(SelfTest.misfit(halved, 300, SelfTestTest::weight, new byte[32]))
        .isGreaterThan(1000);
  }

  @Test
  void misfit_constantNoise_isFarBeyondTheLimit() {
    assertThat(SelfTest.misfit(bits -> 0, 300, SelfTestTest::weight, new byte[32]))
        .isGreaterThan(1000);
  }
}
