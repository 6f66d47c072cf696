package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.wire.Body;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadTest {
  private static final byte[] BYTES = "twenty bytes of input".substring(0, 20).getBytes();

  @TempDir Path directory;
  private Upload upload;

  @BeforeEach
  void begins() {
    upload = new Upload(new UploadFile(directory.resolve("input"), Runnable::run), 20);
  }

  @Test
  void takeOver_nobodyWrites_isDoneAtOnce() {
    assertThat(upload.takeOver()).isCompleted();
  }

  @Test
  void takeOver_somebodyWrites_waitsUntilItsBytesAreCommitted() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    upload.begin(0, asked::incrementAndGet);

    CompletableFuture<Void> free = upload.takeOver();

    assertThat(asked).hasValue(1);
    assertThat(free).isNotDone();
    assertThatThrownBy(() -> upload.begin(0, () -> {}))
        .isInstanceOfSatisfying(
            FrontDoorException.class, e -> assertThat(e.code()).isEqualTo("upload-busy"));
    upload.write(ByteBuffer.wrap(BYTES, 0, 10));
    assertThat(upload.offset()).isZero();
    upload.end();
    assertThat(free).isCompleted();
    upload.begin(10, () -> {});
    assertThat(upload.takeOver()).isNotDone();
    assertThat(asked).hasValue(1);
  }

  @Test
  void body_ofAnUploadInParts_isTheBytesWithTheirDigest() throws Exception {
    upload.begin(0, () -> {});
    upload.write(ByteBuffer.wrap(BYTES, 0, 3));
    upload.write(ByteBuffer.wrap(BYTES, 3, 7));
    upload.end();
    assertThat(upload.complete()).isFalse();
    upload.begin(10, () -> {});
    upload.write(ByteBuffer.wrap(BYTES, 10, 10));
    upload.end();

    assertThat(upload.complete()).isTrue();
    Body body = upload.body();
    try (InputStream in = body.open()) {
      assertThat(in.readAllBytes()).isEqualTo(BYTES);
    }
    assertThat(body.sha256()).isEqualTo(MessageDigest.getInstance("SHA-256").digest(BYTES));
  }

  @Test
  void write_aboveTheLength_isRefused() {
    upload.begin(0, () -> {});
    assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(21)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** What a failed write left in the digest or the file does not count: it is read again. */
  @Test
  void write_fails_nothingSinceTheBeginCounts_andTheDigestIsForgotten() throws Exception {
    upload.begin(0, () -> {});
    upload.write(ByteBuffer.wrap(BYTES, 0, 5));
    upload.end();
    upload.begin(5, () -> {});
    upload.write(ByteBuffer.wrap(BYTES, 5, 5));
    upload.file().close();
    Files.move(directory.resolve("input"), directory.resolve("aside"));
    Files.createDirectory(directory.resolve("input")); // which no file can be opened as
    assertThatThrownBy(() -> upload.write(ByteBuffer.wrap(BYTES, 10, 10)))
        .isInstanceOf(IOException.class);
    upload.end();

    assertThat(upload.offset()).isEqualTo(5);
    Files.delete(directory.resolve("input"));
    Files.move(directory.resolve("aside"), directory.resolve("input"));
    upload.begin(5, () -> {});
    upload.write(ByteBuffer.wrap(BYTES, 5, 15));
    upload.end();
    assertThat(upload.complete()).isTrue();
    Body body = upload.body();
    assertThat(body.sha256()).isNull();
    try (InputStream in = body.open()) {
      assertThat(in.readAllBytes()).isEqualTo(BYTES);
    }
  }

  /** The disk refuses what it was given while the upload went on; the end is told, and no byte. */
  @Test
  void syncAhead_fails_nothingSinceTheBeginCounts() throws Exception {
    byte[] block = new byte[17 << 20];
    AtomicReference<UploadFile> file = new AtomicReference<>();
    AtomicBoolean broken = new AtomicBoolean(true);
    file.set(
        new UploadFile(
            directory.resolve("large"),
            sync -> {
              if (broken.get()) {
                assertThatCode(file.get()::close).doesNotThrowAnyException();
              }
              sync.run();
            }));
    Upload large = new Upload(file.get(), block.length + 1);
    large.begin(0, () -> {});
    large.write(ByteBuffer.wrap(block));
    large.write(ByteBuffer.wrap(block, 0, 1));
    assertThatThrownBy(large::end).isInstanceOf(ClosedChannelException.class);
    assertThat(large.offset()).isZero();

    broken.set(false);
    large.begin(0, () -> {});
    large.write(ByteBuffer.wrap(block));
    large.write(ByteBuffer.wrap(block, 0, 1));
    large.end();
    assertThat(large.complete()).isTrue();
  }
}
