package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.EngineContract;
import org.junit.jupiter.api.Tag;

@Tag("nd4j")
final class Nd4jEngineTest extends EngineContract {
  @Override
  protected Engine engine() {
    return new Nd4jEngine();
  }
}
