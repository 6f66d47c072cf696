package dev.tributary.nn.engine.nd4j;

import java.nio.FloatBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A flat float32 array outside the heap and its views, with the only copies in and out: bulk puts
 * and gets of one cached buffer, which cost a memory copy and allocate nothing. On a card the
 * buffer is the host's side of the array, and ND4J is told who wrote last. It has a length first,
 * and memory, all zeros, from {@link #allocate} on.
 */
final class FloatArray implements AutoCloseable {
  private int length;
  private @Nullable INDArray flat;
  private @Nullable FloatBuffer buffer;
  private boolean onCard;

  FloatArray(int length) {
    this.length = length;
  }

  int length() {
    return length;
  }

  /** Makes it at least that long, before it has memory. */
  void reserve(int least) {
    length = Math.max(length, least);
  }

  void allocate() {
    flat = Nd4j.create(DataType.FLOAT, Math.max(1, length));
    buffer = flat.data().asNioFloat();
    onCard = !Nd4j.getEnvironment().isCPU();
  }

  private INDArray flat() {
    return Objects.requireNonNull(flat, "no memory yet");
  }

  private FloatBuffer buffer() {
    return Objects.requireNonNull(buffer, "no memory yet");
  }

  /** A contiguous row-major view of {@code [offset, offset + product of shape)}. */
  INDArray view(int offset, long... shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strided(offset, shape, strides);
  }

  /** A view with gaps, or with its dimensions in another order: for products and permutations. */
  INDArray strided(int offset, long[] shape, long[] strides) {
    long last = offset;
    for (int i = 0; i < shape.length; i++) {
      last += (shape[i] - 1) * strides[i];
    }
    Objects.checkIndex(last, (long) length);
    return Nd4j.create(flat().data(), shape, strides, offset, 'c');
  }

  void put(int offset, float[] values, int count) {
    buffer().put(offset, values, 0, count);
    if (onCard) {
      Nd4j.getAffinityManager().tagLocation(flat(), Location.HOST);
    }
  }

  void get(float[] into, int count) {
    if (onCard) {
      Nd4j.getExecutioner().commit();
      Nd4j.getAffinityManager().ensureLocation(flat(), Location.HOST);
    }
    buffer().get(0, into, 0, count);
  }

  @Override
  public void close() {
    if (flat != null) {
      flat.close();
    }
  }
}
