package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.wire.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  private static final ByteString ONE = ByteString.copyFrom(new byte[32]);
  private static final ByteString OTHER = ByteString.copyFromUtf8("x".repeat(32));

  @TempDir Path directory;

  @Test
  void enter_whileAStragglerOpensItsFile_doesNotFail() throws Exception {
    Spool spool = new Spool(directory, "job", UnaryOperator.identity(), Runnable::run);
    spool.enter(ONE);
    Path straggler = spool.of(0, 8).file().path();
    AtomicBoolean over = new AtomicBoolean();
    Thread uploads = new Thread(() -> open(straggler, over));
    uploads.start();

    for (int round = 0; round < 2_000; round++) {
      spool.enter(OTHER);
      spool.enter(ONE);
      assertThat(spool.of(0, 8).file().path()).isEqualTo(straggler);
    }

    over.set(true);
    uploads.join();
    spool.enter(OTHER);
    assertThat(straggler).doesNotExist();
  }

  @Test
  void relayed_isOneRoundsAlone_andAfterItNothing() throws Exception {
    Spool spool = new Spool(directory, "job", UnaryOperator.identity(), Runnable::run);
    assertThat(spool.relayedBytes()).isZero();
    Scratch first = spool.relayed(8);
    first.append(ByteString.copyFrom(new byte[8]));
    assertThat(spool.relayedBytes()).isEqualTo(8);
    Scratch second = spool.relayed(8);
    assertThat(spool.relayedBytes()).isZero();
    assertThatThrownBy(() -> first.read(0, new byte[1], 0, 1))
        .isInstanceOf(UncheckedIOException.class);
    second.append(ByteString.copyFrom(new byte[3]));

    spool.close();

    try (Stream<Path> left = Files.walk(directory)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
    assertThat(spool.relayedBytes()).isEqualTo(3);
  }

  /** What lay there when the process was killed goes at the next start. */
  @Test
  void relayed_ofAProcessThatWasKilled_isRemoved() throws Exception {
    Spool killed = new Spool(directory, "job", UnaryOperator.identity(), Runnable::run);
    killed.relayed(8).append(ByteString.copyFrom(new byte[8]));

    Spool next = new Spool(directory, "job", UnaryOperator.identity(), Runnable::run);

    try (Stream<Path> left = Files.walk(directory)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
    next.close();
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
