package dev.tributary.simulation.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * One file over HTTP, which goes on where an earlier try stopped: what came lies in the file, and
 * the next request asks for the rest ({@code Range}, RFC 9110 section 14). It is over when nothing
 * comes for a while: {@link java.net.http.HttpClient} has no such limit on a body.
 */
final class Download {
  private final Duration patience;

  /**
   * @param patience how long nothing may come
   */
  Download(Duration patience) {
    this.patience = patience;
  }

  /**
   * Brings the bytes that {@code part} does not have yet.
   *
   * @param bytes that the whole has; a server that sends more is refused
   * @param progress is told how many are there
   */
  void to(URI from, Path part, long bytes, LongConsumer progress) throws IOException {
    long there = Files.exists(part) ? Files.size(part) : 0;
    if (there > bytes) {
      Files.delete(part);
      there = 0;
    }
    if (there == bytes) {
      return;
    }
    if (!(from.toURL().openConnection() instanceof HttpURLConnection connection)) {
      throw new IOException(from + " is no address of HTTP");
    }
    connection.setConnectTimeout((int) patience.toMillis());
    connection.setReadTimeout((int) patience.toMillis());
    if (there > 0) {
      connection.setRequestProperty("Range", "bytes=" + there + "-");
    }
    int status = connection.getResponseCode();
    String range = connection.getHeaderField("Content-Range");
    boolean rest = status == 206 && range != null && range.startsWith("bytes " + there + "-");
    if (!rest && status != 200) {
      connection.disconnect();
      throw new IOException(from + " answered with status " + status);
    }
    try (InputStream in = connection.getInputStream()) {
      write(in, part, rest ? there : 0, bytes, progress);
    }
  }

  private static void write(
      InputStream in, Path part, long there, long bytes, LongConsumer progress) throws IOException {
    if (there == 0) {
      Files.deleteIfExists(part);
    }
    long count = there;
    try (OutputStream out =
        Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        count += read;
        if (count > bytes) {
          throw new IOException("more than the " + bytes + " bytes that the register names came");
        }
        out.write(buffer, 0, read);
        progress.accept(count);
      }
    }
    if (count < bytes) {
      throw new IOException(
          count + " of " + bytes + " bytes came; run the command again, it goes on from there");
    }
  }
}
