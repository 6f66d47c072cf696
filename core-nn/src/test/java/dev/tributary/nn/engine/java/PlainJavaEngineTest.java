package dev.tributary.nn.engine.java;

import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.EngineContract;

final class PlainJavaEngineTest extends EngineContract {
  @Override
  protected Engine engine() {
    return new JavaEngine(PlainKernels::new);
  }
}
