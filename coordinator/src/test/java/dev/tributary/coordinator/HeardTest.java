package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class HeardTest {
  private static ByteString message(int number, int length) {
    byte[] bytes = new byte[length];
    bytes[0] = (byte) number;
    return ByteString.copyFrom(bytes);
  }

  @Test
  void aRepeatIsNoNewMessage_anotherSlotsIs() {
    Heard heard = new Heard(100);
    assertThat(heard.note(1, message(1, 60))).isEqualTo(Heard.Kind.NEW);
    assertThat(heard.note(1, message(1, 60))).isEqualTo(Heard.Kind.REPEATED);
    assertThat(heard.note(2, message(1, 60))).isEqualTo(Heard.Kind.NEW);
    assertThat(heard.note(1, message(2, 40))).isEqualTo(Heard.Kind.NEW);
  }

  @Test
  void moreBytesThanTheStepsAllow_isTooMuchOnceAndForGood() {
    Heard heard = new Heard(100);
    assertThat(heard.note(1, message(1, 100))).isEqualTo(Heard.Kind.NEW);
    assertThat(heard.note(1, message(2, 1))).isEqualTo(Heard.Kind.TOO_MUCH);
    assertThat(heard.note(1, message(1, 100))).isEqualTo(Heard.Kind.IGNORED);
    assertThat(heard.note(2, message(1, 101))).isEqualTo(Heard.Kind.TOO_MUCH);
  }

  @Test
  void aSeventeenthMessage_isTooMuch() {
    Heard heard = new Heard(1000);
    for (int number = 0; number < 16; number++) {
      assertThat(heard.note(1, message(number, 1))).isEqualTo(Heard.Kind.NEW);
    }
    assertThat(heard.note(1, message(16, 1))).isEqualTo(Heard.Kind.TOO_MUCH);
  }
}
