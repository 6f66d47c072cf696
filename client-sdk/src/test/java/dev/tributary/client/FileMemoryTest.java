package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileMemoryTest {
  @TempDir Path directory;

  private List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("memory"))) {
      return files.toList();
    }
  }

  @Test
  void keep_isRecalledByTaskAndByTheNextProcess() {
    FileMemory memory = new FileMemory(directory);
    assertThat(memory.recall("a")).isEmpty();

    memory.keep("a", new float[] {1, -2.5f});
    memory.keep("../../b", new float[] {3});
    memory.keep("a", new float[] {4, Float.MIN_VALUE});

    FileMemory next = new FileMemory(directory);
    assertThat(next.recall("a")).containsExactly(4, Float.MIN_VALUE);
    assertThat(next.recall("../../b")).containsExactly(3);
  }

  @Test
  void damagedFile_isNamed() throws Exception {
    FileMemory memory = new FileMemory(directory);
    memory.keep("a", new float[] {1});
    Files.write(files().get(0), new byte[5]);

    assertThatThrownBy(() -> memory.recall("a"))
        .isInstanceOf(ClientException.class)
        .hasMessageContaining(files().get(0).toString());
  }

  @Test
  void forget_leavesNothing() throws Exception {
    FileMemory memory = new FileMemory(directory);
    memory.forget();
    memory.keep("a", new float[] {1});

    memory.forget();

    assertThat(directory.resolve("memory")).doesNotExist();
    assertThat(memory.recall("a")).isEmpty();
  }

  @Test
  void clientThatWithdraws_forgetsWhatStrategiesLeft() {
    try (StateDirectory state = StateDirectory.open(directory)) {
      state.memory().keep("a", new float[] {1});

      state.forget();
    }
    assertThat(directory.resolve("memory")).doesNotExist();
  }
}
