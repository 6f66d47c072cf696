package dev.tributary.client;

import dev.tributary.client.round.LocalMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** A file for each task, named by a hash of the task's name: float32 little-endian. */
final class FileMemory implements LocalMemory {
  private static final String FOLDER = "memory";

  private final Path folder;

  FileMemory(Path directory) {
    this.folder = directory.resolve(FOLDER);
  }

  @Override
  public float[] recall(String task) {
    Path file = file(task);
    try {
      if (!Files.exists(file)) {
        return new float[0];
      }
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length % Float.BYTES != 0) {
        throw FileClientJournal.damaged(file, "it ends within a number", null);
      }
      float[] values = new float[bytes.length / Float.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      Arrays.fill(bytes, (byte) 0);
      return values;
    } catch (IOException e) {
      throw FileClientJournal.unusable(file, e);
    }
  }

  @Override
  public void keep(String task, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, values.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw FileClientJournal.unusable(folder, e);
    }
    CoordinatorFile.replace(file(task), bytes.array());
    Arrays.fill(bytes.array(), (byte) 0);
  }

  /** Everything that was kept. */
  void forget() throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder)) {
      files = listed.toList();
    }
    for (Path file : files) {
      overwrite(file);
      Files.delete(file);
    }
    Files.delete(folder);
    AppendedLines.syncDirectory(folder);
  }

  /** Zeros in place of the bytes, as far as the file system writes in place. */
  private static void overwrite(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
      for (long at = 0; at < channel.size(); at += zeros.capacity()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), channel.size() - at));
        channel.write(zeros, at);
      }
      channel.force(true);
    }
  }

  private Path file(String task) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(task.getBytes(StandardCharsets.UTF_8));
      return folder.resolve(HexFormat.of().formatHex(hash, 0, 16));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
