package dev.tributary.nn.engine.java;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.EngineContract;
import org.junit.jupiter.api.Test;

final class VectorJavaEngineTest extends EngineContract {
  @Override
  protected Engine engine() {
    return new JavaEngine();
  }

  @Test
  void defaultKernels_withIncubatingModule_areVectors() {
    assertThat(new JavaEngine().loops()).startsWith("vectors of ");
  }
}
