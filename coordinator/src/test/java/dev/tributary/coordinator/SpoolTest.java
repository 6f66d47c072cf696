package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  private static final ByteString ONE = ByteString.copyFrom(new byte[32]);
  private static final ByteString OTHER = ByteString.copyFromUtf8("x".repeat(32));

  @TempDir Path directory;

  @Test
  void enter_whileAStragglerOpensItsFile_doesNotFail() throws Exception {
    Spool spool = new Spool(directory.resolve("spool"));
    spool.enter(ONE);
    Path straggler = spool.of(0, 8).file();
    AtomicBoolean over = new AtomicBoolean();
    Thread uploads = new Thread(() -> open(straggler, over));
    uploads.start();

    for (int round = 0; round < 2_000; round++) {
      spool.enter(OTHER);
      spool.enter(ONE);
      assertThat(spool.of(0, 8).file()).isEqualTo(straggler);
    }

    over.set(true);
    uploads.join();
    spool.enter(OTHER);
    assertThat(straggler).doesNotExist();
  }

  private static void open(Path file, AtomicBoolean over) {
    for (int i = 0; !over.get(); i++) {
      try {
        Files.write(file.resolveSibling("late-" + i % 16), new byte[8]);
      } catch (IOException e) {
        // Its folder has just been removed: the upload is refused.
      }
    }
  }
}
