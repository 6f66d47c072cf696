package dev.tributary.coordinator.net;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.Map;

/**
 * How far clients may send ahead of what is read: HTTP/2's windows of streams. All streams begin
 * with the same. A connection that uploads gets as wide a one as there is room for beside the
 * others: a single upload fills a long line, many fill the line together, and what clients have
 * sent and nobody has read is bounded by 16 MiB for all uploads, once they have heard of it, or by
 * 16 KiB for each where they are more than a thousand. Safe for many threads.
 */
final class Windows {
  /** Bytes of a stream's window at first, as in RFC 9113: 1.3 MB/s at 50 ms round trip. */
  static final int FIRST = (1 << 16) - 1;

  /** Bytes of an upload's window while few upload: 20 MB/s at 50 ms. */
  static final int WIDEST = 1 << 20;

  /** Bytes of an upload's window while many upload: a frame of HTTP/2. */
  static final int NARROWEST = 16 << 10;

  /** Bytes of all windows of uploads. */
  static final long ALL = 16 << 20;

  /** Uploads of each connection that has one. */
  private final Map<HttpConnection, Integer> connections = new HashMap<>();

  private int uploads;
  private int window = WIDEST;

  /** An upload begins. */
  synchronized void begins(HttpConnection connection) {
    uploads++;
    boolean first = connections.merge(connection, 1, Integer::sum) == 1;
    if (window > NARROWEST && (long) uploads * window > ALL) {
      resize(window / 2);
    } else if (first) {
      set(connection, window);
    }
  }

  /** An upload that began is over, or its connection is. */
  synchronized void ends(HttpConnection connection) {
    uploads--;
    if (connections.merge(connection, -1, Integer::sum) == 0) {
      connections.remove(connection);
      set(connection, FIRST);
    }
    // Only once a fourth is taken, so that an upload that ends and one that begins change nothing.
    if (window < WIDEST && 4L * uploads * window <= ALL) {
      resize(window * 2);
    }
  }

  private void resize(int size) {
    window = size;
    connections.keySet().forEach(each -> set(each, size));
  }

  /** Of a connection that is closed meanwhile nothing is set. */
  private static void set(HttpConnection connection, int window) {
    var unused = connection.updateSettings(new Http2Settings().setInitialWindowSize(window));
  }
}
