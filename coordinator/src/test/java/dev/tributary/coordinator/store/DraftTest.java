package dev.tributary.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DraftTest {
  @TempDir Path directory;

  private static float[] values(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) Math.sin(i);
    }
    return values;
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(5 + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("head:".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private Draft written(Store store, float[] values) {
    Draft draft = store.draft();
    VectorFile vector = draft.vector(5, values.length);
    draft.write(0, "head:".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    int half = values.length / 2;
    draft.write(vector, half, values, half, values.length - half);
    draft.write(vector, 0, values, 0, half);
    draft.seal();
    return draft;
  }

  /** Blocks are of 2^16: shorter, longer, and of odd ends. */
  @Test
  void put_keepsTheBytesUnderTheirDigest_asOfAnArray() throws IOException {
    try (Store store = Store.open(directory, Durability.DISK)) {
      for (int length : new int[] {1, 1000, (1 << 16) + 1, 300_001}) {
        float[] values = values(length);
        byte[] expected = bytes(values);
        String digest;
        try (Draft draft = written(store, values)) {
          digest = store.put(draft);
          assertThat(draft.length()).isEqualTo(expected.length);
        }
        assertThat(digest).isEqualTo(Blobs.digest(expected));
        assertThat(store.blobs().read(digest)).isEqualTo(expected);
        assertThat(store.blobs().checked(digest)).hasBinaryContent(expected);
        float[] read = new float[length];
        try (FileChannel channel =
            FileChannel.open(store.blobs().file(digest), StandardOpenOption.READ)) {
          new VectorFile(channel, 5, length).read(0, read, 0, length);
        }
        assertThat(read).containsExactly(values);
      }
      assertThat(drafts()).isEmpty();
    }
  }

  @Test
  void put_ofABlobThatIsThere_isHarmless() throws IOException {
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      String first = store.blobs().put(bytes(values(10)));
      try (Draft draft = written(store, values(10))) {
        assertThat(store.put(draft)).isEqualTo(first);
      }
      assertThat(drafts()).isEmpty();
    }
  }

  @Test
  void checked_changedOrMissing_isRefused() throws IOException {
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      String digest = store.blobs().put(bytes(values(10)));
      Files.write(store.blobs().file(digest), new byte[45]);
      assertThatThrownBy(() -> store.blobs().checked(digest))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("has other bytes than its name says");
      Files.delete(store.blobs().file(digest));
      assertThatThrownBy(() -> store.blobs().checked(digest))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("is missing");
    }
  }

  @Test
  void open_afterAKill_removesDrafts() throws IOException {
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      written(store, values(10)); // nobody closes it
      assertThat(drafts()).hasSize(1);
    }
    Store.open(directory, Durability.MEMORY).close();
    assertThat(drafts()).isEmpty();
  }

  @Test
  void vector_beyondItsEnd_isRefused() throws IOException {
    try (Store store = Store.open(directory, Durability.MEMORY);
        Draft draft = store.draft()) {
      VectorFile vector = draft.vector(0, 4);
      assertThatThrownBy(() -> draft.write(vector, 3, new float[2], 0, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      draft.write(vector, 0, new float[2], 0, 2);
      assertThatThrownBy(() -> vector.read(0, new float[4], 0, 4))
          .isInstanceOf(UncheckedIOException.class);
    }
  }

  /** Any thread waits within such a write, and is as impatient as before after it. */
  @Test
  void runPatiently_diskWithoutRoom_waitsAndGoesOn() throws Exception {
    RoomWait room = new RoomWait(Clock.systemUTC());
    AtomicBoolean full = new AtomicBoolean(true);
    CompletableFuture<String> work =
        CompletableFuture.supplyAsync(
            () -> {
              String done = room.runPatiently("Writing", () -> write(full));
              full.set(true);
              assertThatThrownBy(() -> room.run("Writing", () -> write(full)))
                  .isInstanceOf(StoreException.class);
              return done;
            });
    await().until(() -> room.pause() != null);
    full.set(false);
    assertThat(work.get(20, TimeUnit.SECONDS)).isEqualTo("written");
    assertThat(room.pause()).isNull();
  }

  private static String write(AtomicBoolean full) {
    if (full.get()) {
      throw StoreException.of("Writing", new IOException("No space left on device"));
    }
    return "written";
  }

  private java.util.List<Path> drafts() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".tmp")).toList();
    }
  }
}
