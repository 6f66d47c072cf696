package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Body;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.RingVector;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are not what they say, and vectors around the size of a block. */
class InputBodyTest {

  /** A body that says one length and brings other bytes, a few at a time and now and then none. */
  private static Body lying(long says, byte[] brings) {
    return new Body() {
      @Override
      public long length() {
        return says;
      }

      @Override
      public InputStream open() {
        return new FilterInputStream(new ByteArrayInputStream(brings)) {
          private int calls;

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return calls++ % 3 == 0 ? 0 : super.read(into, offset, Math.min(length, 1000));
          }
        };
      }
    };
  }

  private static int[] values(int length, int bits) {
    int[] values = new int[length];
    for (int i = 0; i < length; i++) {
      values[i] = (i * 0x9E3779B1) & RingVector.mask(bits);
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8191, 8192, 8193, 16384, 20001})
  void foldInto_anyLength_addsEachElementOnce(int length) throws IOException {
    int bits = 13;
    int[] values = values(length, bits);
    byte[] packed = RingPacking.pack(RingVector.of(bits, values));
    InputBody body = new InputBody(lying(packed.length, packed), length, bits);
    assertThat(body.fault(Labels.sha256(packed))).isEmpty();
    Accumulator sum = new Accumulator(length, bits);
    body.foldInto(sum);
    body.foldInto(sum);
    int[] twice = Arrays.stream(values).map(v -> (2 * v) & RingVector.mask(bits)).toArray();
    assertThat(SumWorld.values(sum.result())).isEqualTo(twice);
  }

  @Test
  void fault_namesWhatIsWrong() throws IOException {
    int bits = 13;
    byte[] packed = RingPacking.pack(RingVector.of(bits, values(9001, bits)));
    byte[] sha256 = Labels.sha256(packed);
    byte[] shorter = Arrays.copyOf(packed, packed.length - 1);
    byte[] longer = Arrays.copyOf(packed, packed.length + 1);
    byte[] padded = packed.clone();
    padded[padded.length - 1] |= (byte) 0x80;
    assertThat(new InputBody(Body.of(shorter), 9001, bits).fault(sha256))
        .contains("too short by 1 bytes");
    assertThat(new InputBody(Body.of(longer), 9001, bits).fault(sha256)).contains("too long");
    assertThat(new InputBody(Body.of(packed), 9001, bits).fault(new byte[32]))
        .contains("digest differs");
    assertThat(new InputBody(Body.of(padded), 9001, bits).fault(Labels.sha256(padded)))
        .contains("padding is not zero");
    assertThat(new InputBody(Body.of(packed), 9001, bits).fault(sha256)).isEmpty();
  }

  @Test
  void foldInto_bodyThatBecameShorter_fails() {
    byte[] packed = RingPacking.pack(RingVector.of(8, new int[9000]));
    InputBody body = new InputBody(Body.of(Arrays.copyOf(packed, 8999)), 9000, 8);
    assertThatThrownBy(() -> body.foldInto(new Accumulator(9000, 8)))
        .isInstanceOf(EOFException.class);
  }

  @Test
  void accumulator_addBeyondItsEnd_isRefused() {
    Accumulator sum = new Accumulator(10, 8);
    sum.add(7, new int[] {1, 2, 3}, 3);
    assertThatThrownBy(() -> sum.add(8, new int[] {1, 2, 3}, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(SumWorld.values(sum.result())).containsExactly(0, 0, 0, 0, 0, 0, 0, 1, 2, 3);
    assertThat(sum.length()).isEqualTo(10);
  }
}
