package dev.tributary.nn.interchange;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Little-endian numbers of the kinds that weights come in, as float32. */
enum Numbers {
  F16(2),
  BF16(2),
  F32(4),
  F64(8);

  final int bytes;

  Numbers(int bytes) {
    this.bytes = bytes;
  }

  /** {@code count} numbers from {@code from} on; a double is rounded. */
  float[] read(byte[] file, int from, int count) {
    ByteBuffer in = ByteBuffer.wrap(file, from, count * bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (this) {
            case F16 -> half(in.getShort());
            case BF16 -> Float.intBitsToFloat(in.getShort() << 16);
            case F32 -> in.getFloat();
            case F64 -> (float) in.getDouble();
          };
    }
    return values;
  }

  /** IEEE 754 binary16. */
  private static float half(short bits) {
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    float size =
        exponent == 0
            ? fraction * 0x1p-24f
            : Float.intBitsToFloat(
                ((exponent == 31 ? 0xff : exponent + 112) << 23) | (fraction << 13));
    return bits < 0 ? -size : size;
  }

  static byte[] write(float[] values) {
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(4, values.length)).order(ByteOrder.LITTLE_ENDIAN);
    out.asFloatBuffer().put(values);
    return out.array();
  }
}
