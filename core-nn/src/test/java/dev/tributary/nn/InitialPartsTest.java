package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InitialPartsTest {
  /** An LSTM's forget gates, which start at 1, lie across the parts here. */
  @Test
  void initialise_longerThanAPart_fillsGatesAndWeightsAsBefore() {
    int units = 70_000;
    Weight bias = Weight.forgetBias(units);
    float[] whole = new float[4 * units];
    bias.initialise(0, whole, whole.length, new SeededStream(1));
    List<Float> parts = new ArrayList<>();
    float[] block = new float[1 << 16];
    SeededStream stream = new SeededStream(1);
    for (int from = 0; from < whole.length; from += block.length) {
      int count = Math.min(block.length, whole.length - from);
      bias.initialise(from, block, count, stream);
      for (int i = 0; i < count; i++) {
        parts.add(block[i]);
      }
    }
    for (int i = 0; i < whole.length; i++) {
      assertThat(parts.get(i)).as("element %d", i).isEqualTo(whole[i]);
      if (i >= units && i < 2 * units) {
        assertThat(whole[i]).as("forget gate %d", i).isEqualTo(1f);
      }
    }
  }
}
