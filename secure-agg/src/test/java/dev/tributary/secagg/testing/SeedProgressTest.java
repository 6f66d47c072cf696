package dev.tributary.secagg.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is broken off goes on after the last whole part, and forgets no fault. */
class SeedProgressTest {

  @TempDir private Path folder;

  @Test
  void run_brokenOff_goesOnAndKeepsFaults() {
    long to = 2 * SeedProgress.PART + 7;
    SeedProgress broken =
        new SeedProgress(
            folder,
            0,
            to,
            seed -> {
              if (seed == SeedProgress.PART + 1) {
                throw new IllegalStateException("the machine goes down");
              }
              return seed == 3 ? "seed 3:\nwrong" : "";
            });
    assertThatThrownBy(broken::run).isInstanceOf(IllegalStateException.class);

    Set<Long> seen = new ConcurrentSkipListSet<>();
    SeedProgress again =
        new SeedProgress(
            folder,
            0,
            to,
            seed -> {
              seen.add(seed);
              return "";
            });
    assertThat(again.run()).containsExactly("seed 3: wrong");
    assertThat(seen).hasSize(SeedProgress.PART + 7);
    assertThat(seen.iterator().next()).isEqualTo(SeedProgress.PART);

    seen.clear();
    assertThat(again.run()).containsExactly("seed 3: wrong");
    assertThat(seen).isEmpty();
  }
}
