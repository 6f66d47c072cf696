package dev.tributary.nn.engine.nd4j;

import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Loads the natives and sets them to one thread per training thread: work is spread over clients,
 * and with more threads inside a step small steps are up to a hundred times slower. The settings
 * hold for the whole process.
 */
final class Nd4jRuntime {
  private static final ThreadLocal<Boolean> PREPARED = new ThreadLocal<>();

  private Nd4jRuntime() {}

  /** Loads, sets threads, and runs one operation to see that the natives answer. */
  static void start() {
    Nd4j.getEnvironment().setMaxMasterThreads(1);
    Nd4j.getEnvironment().setMaxThreads(1);
    if (Nd4j.getEnvironment().isCPU()) {
      openblas.blas_set_num_threads(1);
    }
    prepareThread();
    try (INDArray probe = Nd4j.create(DataType.FLOAT, 2)) {
      probe.addi(1f);
      if (probe.getFloat(1) != 1f) {
        throw new IllegalStateException("0 + 1 gave " + probe.getFloat(1));
      }
    }
  }

  /** One OpenMP thread for whoever calls; the setting belongs to the calling thread. */
  static void prepareThread() {
    if (PREPARED.get() == null) {
      NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
      PREPARED.set(true);
    }
  }
}
