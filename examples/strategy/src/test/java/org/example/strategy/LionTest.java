package org.example.strategy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tributary.coordinator.Strategy;
import dev.tributary.coordinator.StrategyProvider;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LionTest {
  @Test
  void lion_isFoundAndStepsBySign() {
    StrategyProvider provider =
        ServiceLoader.load(StrategyProvider.class).findFirst().orElseThrow();
    assertEquals("lion", provider.name());
    Strategy lion = provider.create(new TreeMap<>(provider.settings()), 1, 3);
    float[] parameters = {1, 1, 1};

    lion.apply(1, parameters, new float[] {5, -0.1f, 0}, 0, 3);

    assertArrayEquals(new float[] {1.001f, 0.999f, 1}, parameters, 1e-6f);
    assertArrayEquals(new float[] {0.05f, -0.001f, 0}, lion.state(), 1e-6f);
  }
}
