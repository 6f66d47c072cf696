package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UploadTest {
  private final Upload upload = new Upload(Path.of("input"), 20);

  @Test
  void takeOver_nobodyWrites_isDoneAtOnce() {
    assertThat(upload.takeOver()).isCompleted();
  }

  @Test
  void takeOver_somebodyWrites_waitsUntilItsBytesAreCommitted() {
    AtomicInteger asked = new AtomicInteger();
    upload.begin(0, asked::incrementAndGet);

    CompletableFuture<Void> free = upload.takeOver();

    assertThat(asked).hasValue(1);
    assertThat(free).isNotDone();
    assertThatThrownBy(() -> upload.begin(0, () -> {}))
        .isInstanceOfSatisfying(
            FrontDoorException.class, e -> assertThat(e.code()).isEqualTo("upload-busy"));
    upload.end(10);
    assertThat(free).isCompleted();
    upload.begin(10, () -> {});
    assertThat(upload.takeOver()).isNotDone();
    assertThat(asked).hasValue(1);
  }
}
