package dev.tributary.coordinator.net;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.Map;

/**
 * How far clients may send ahead of what is read: HTTP/2's windows of streams. All streams begin
 * with a narrow one. While few upload each gets a wide one, so that it fills a long line; many fill
 * the line together. What clients have sent and nobody has read is thus bounded by 64 KiB an upload
 * and 16 MiB for all. Safe for many threads.
 */
final class Windows {
  /** Bytes of a stream's window at first, as in RFC 9113: 1.3 MB/s at 50 ms round trip. */
  static final int NARROW = (1 << 16) - 1;

  /** Bytes of an upload's window while few upload: 20 MB/s at 50 ms. */
  static final int WIDE = 1 << 20;

  /** Connections whose windows are wide at the same time. */
  static final int MOST_WIDE = 16;

  private static final class Uploads {
    int count;
    boolean wide;
  }

  private final Map<HttpConnection, Uploads> connections = new HashMap<>();
  private int wide;

  /** An upload begins. One that shares its connection with another goes on with a narrow window. */
  synchronized void begins(HttpConnection connection) {
    Uploads uploads = connections.computeIfAbsent(connection, c -> new Uploads());
    uploads.count++;
    if (uploads.count > 1) {
      narrow(connection, uploads);
    } else if (wide < MOST_WIDE) {
      uploads.wide = true;
      wide++;
      set(connection, WIDE);
    }
  }

  /** An upload that began is over, or its connection is. */
  synchronized void ends(HttpConnection connection) {
    Uploads uploads = connections.get(connection);
    if (uploads != null && --uploads.count == 0) {
      connections.remove(connection);
      narrow(connection, uploads);
    }
  }

  private void narrow(HttpConnection connection, Uploads uploads) {
    if (uploads.wide) {
      uploads.wide = false;
      wide--;
      set(connection, NARROW);
    }
  }

  /** Of a connection that is closed meanwhile nothing is set. */
  private static void set(HttpConnection connection, int window) {
    var unused = connection.updateSettings(new Http2Settings().setInitialWindowSize(window));
  }
}
