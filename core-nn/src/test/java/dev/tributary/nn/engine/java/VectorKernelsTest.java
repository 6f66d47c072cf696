package dev.tributary.nn.engine.java;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class VectorKernelsTest {
  @Test
  void kernels_withIncubatingModule_load() throws Exception {
    Class<?> shape = Class.forName("dev.tributary.nn.engine.java.vector.VectorShape");
    assertThat((int) shape.getMethod("lanes").invoke(null)).isGreaterThanOrEqualTo(2);
  }
}
