package dev.tributary.nn.engine.java;

import org.slf4j.LoggerFactory;

/** Finds the Vector API kernels, which are compiled apart and reached by name alone. */
final class VectorModule {
  private static final String KERNELS = "dev.tributary.nn.engine.java.vector.VectorKernels";

  private VectorModule() {}

  /** The vector kernels where the incubating module is in the boot layer, else plain loops. */
  static Kernels kernels() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return new PlainKernels();
    }
    try {
      return Class.forName(KERNELS).asSubclass(Kernels.class).getConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      LoggerFactory.getLogger(JavaEngine.class)
          .warn("the Vector API of this Java does not fit, plain loops are used: {}", e.toString());
      return new PlainKernels();
    }
  }
}
