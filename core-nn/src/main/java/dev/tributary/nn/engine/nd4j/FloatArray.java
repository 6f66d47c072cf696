package dev.tributary.nn.engine.nd4j;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A flat float32 array outside the heap and its views, with the only copies in and out: bulk puts
 * and gets of one cached buffer, which cost a memory copy and allocate nothing. On a card the
 * buffer is the host's side of the array, and ND4J is told who wrote last.
 */
final class FloatArray implements AutoCloseable {
  private final INDArray flat;
  private final FloatBuffer buffer;
  private final boolean onCard;

  FloatArray(int length) {
    this.flat = Nd4j.create(DataType.FLOAT, length);
    this.buffer = flat.data().asNioFloat();
    this.onCard = !Nd4j.getEnvironment().isCPU();
  }

  /** A contiguous row-major view of {@code [offset, offset + product of shape)}. */
  INDArray view(int offset, long... shape) {
    long length = 1;
    for (long dimension : shape) {
      length *= dimension;
    }
    return flat.get(NDArrayIndex.interval(offset, offset + length)).reshape('c', shape);
  }

  void put(int offset, float[] values, int count) {
    buffer.put(offset, values, 0, count);
    if (onCard) {
      Nd4j.getAffinityManager().tagLocation(flat, Location.HOST);
    }
  }

  void get(float[] into, int count) {
    if (onCard) {
      Nd4j.getExecutioner().commit();
      Nd4j.getAffinityManager().ensureLocation(flat, Location.HOST);
    }
    buffer.get(0, into, 0, count);
  }

  @Override
  public void close() {
    flat.close();
  }
}
