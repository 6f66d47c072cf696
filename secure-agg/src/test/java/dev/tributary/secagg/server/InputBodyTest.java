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
  void run_anyLength_addsEachInputOnce(int length) throws IOException {
    int bits = 13;
    int[] values = values(length, bits);
    byte[] packed = RingPacking.pack(RingVector.of(bits, values));
    InputBody body = new InputBody(lying(packed.length, packed), length, bits);
    assertThat(body.fault(Labels.sha256(packed))).isEmpty();
    Accumulator sum = new Accumulator(length, bits);
    Folds folds = new Folds(sum, bits);
    for (int times = 0; times < 19; times++) {
      folds.add(body);
    }
    folds.run(); // at most 8 together, and all of them after as many runs
    for (int run = 1; run < 19; run++) {
      folds.run();
    }
    int[] expected = Arrays.stream(values).map(v -> (19 * v) & RingVector.mask(bits)).toArray();
    assertThat(SumWorld.values(sum.result())).isEqualTo(expected);
  }

  @Test
  void run_afterEachInput_addsItAlone() throws IOException {
    int[] values = values(20_001, 13);
    byte[] packed = RingPacking.pack(RingVector.of(13, values));
    Accumulator sum = new Accumulator(20_001, 13);
    Folds folds = new Folds(sum, 13);
    folds.add(new InputBody(Body.of(packed), 20_001, 13));
    folds.run();
    folds.run();
    assertThat(SumWorld.values(sum.result())).isEqualTo(values);
  }

  /** Bytes that were hashed as they came are not read again, but for length and padding. */
  @Test
  void fault_digestIsKnown_looksAtTheRestAlone() throws IOException {
    byte[] packed = RingPacking.pack(RingVector.of(13, values(9001, 13)));
    byte[] padded = packed.clone();
    padded[padded.length - 1] |= (byte) 0x80;
    byte[] sha256 = new byte[] {1, 2, 3};
    assertThat(known(packed, sha256).fault(sha256)).isEmpty();
    assertThat(known(packed, sha256).fault(Labels.sha256(packed))).contains("digest differs");
    assertThat(known(padded, sha256).fault(sha256)).contains("padding is not zero");
    assertThat(known(Arrays.copyOf(packed, packed.length + 1), sha256).fault(sha256))
        .contains("too long");
    assertThat(known(Arrays.copyOf(packed, packed.length - 1), sha256).fault(sha256))
        .contains("too short by 1 bytes");
  }

  private static InputBody known(byte[] bytes, byte[] sha256) {
    Body plain = Body.of(bytes);
    Body body =
        new Body() {
          @Override
          public long length() {
            return plain.length();
          }

          @Override
          public InputStream open() throws IOException {
            return plain.open();
          }

          @Override
          public byte[] sha256() {
            return sha256;
          }
        };
    return new InputBody(body, 9001, 13);
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
  void run_bodyThatBecameShorter_fails() {
    byte[] packed = RingPacking.pack(RingVector.of(8, new int[9000]));
    InputBody body = new InputBody(Body.of(Arrays.copyOf(packed, 8999)), 9000, 8);
    Folds folds = new Folds(new Accumulator(9000, 8), 8);
    folds.add(body);
    assertThatThrownBy(folds::run).isInstanceOf(EOFException.class);
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
