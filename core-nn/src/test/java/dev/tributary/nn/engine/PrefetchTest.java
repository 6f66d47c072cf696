package dev.tributary.nn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import dev.tributary.nn.data.Dataset;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

final class PrefetchTest {
  private static final ModelSpec SPEC = Models.mlp(4, 3, 2);

  @Test
  void next_givesTheBatchesOfAPlainLoop() {
    Dataset data = Models.noise(SPEC, 23, 1);
    int[] order = new int[23];
    Arrays.setAll(order, i -> 22 - i);
    Batch plain = new Batch(SPEC, 5);
    int batches = 0;
    try (Prefetch prefetch = new Prefetch(SPEC, data, order, 5)) {
      for (Batch batch = prefetch.next(); batch != null; batch = prefetch.next()) {
        plain.fill(data, order, 5 * batches, Math.min(5, 23 - 5 * batches));
        int numbers = 4 * plain.rows();
        assertThat(batch.rows()).isEqualTo(plain.rows());
        assertThat(Arrays.copyOf(batch.features(), numbers))
            .isEqualTo(Arrays.copyOf(plain.features(), numbers));
        assertThat(Arrays.copyOf(batch.labels(), plain.rows()))
            .isEqualTo(Arrays.copyOf(plain.labels(), plain.rows()));
        batches++;
      }
      assertThat(prefetch.next()).isNull();
    }
    assertThat(batches).isEqualTo(5);
    try (Prefetch none = new Prefetch(SPEC, data, new int[0], 5)) {
      assertThat(none.next()).isNull();
    }
  }

  @Test
  void next_throwsWhatTheDataThrows() {
    Dataset wrong = Dataset.of(new int[] {4}, 9, new float[4], new int[] {8});
    try (Prefetch prefetch = new Prefetch(SPEC, wrong, new int[1], 1)) {
      assertThatThrownBy(prefetch::next)
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("label 8");
    }
    assertThatThrownBy(() -> new Prefetch(SPEC, wrong, new int[1], 0))
        .hasMessage("batchSize must be at least 1, is 0");
  }

  @Test
  void next_onInterruptedThread_isCancelled() {
    try (Prefetch prefetch = new Prefetch(SPEC, Models.noise(SPEC, 2, 1), new int[2], 1)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(prefetch::next).isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
