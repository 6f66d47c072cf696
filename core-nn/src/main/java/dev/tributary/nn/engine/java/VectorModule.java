package dev.tributary.nn.engine.java;

import java.lang.reflect.Constructor;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** Finds the Vector API kernels, which are compiled apart and reached by name alone. */
final class VectorModule {
  private static final String KERNELS = "dev.tributary.nn.engine.java.vector.VectorKernels";

  private VectorModule() {}

  /** The vector kernels where the incubating module is in the boot layer, else plain loops. */
  static Supplier<Kernels> kernels() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return PlainKernels::new;
    }
    try {
      Constructor<? extends Kernels> constructor =
          Class.forName(KERNELS).asSubclass(Kernels.class).getConstructor();
      constructor.newInstance();
      return () -> create(constructor);
    } catch (ReflectiveOperationException | LinkageError e) {
      LoggerFactory.getLogger(JavaEngine.class)
          .warn("the Vector API of this Java does not fit, plain loops are used: {}", e.toString());
      return PlainKernels::new;
    }
  }

  private static Kernels create(Constructor<? extends Kernels> constructor) {
    try {
      return constructor.newInstance();
    } catch (ReflectiveOperationException e) { // cannot be: it has worked before
      throw new IllegalStateException(e);
    }
  }
}
