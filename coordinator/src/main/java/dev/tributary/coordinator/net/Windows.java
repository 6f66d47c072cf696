package dev.tributary.coordinator.net;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.HashMap;
import java.util.Map;

/**
 * How far clients may send ahead of what is read: HTTP/2's windows of streams. All streams begin
 * with the same. A client that asks how far its upload is, as it does before a long one, gets as
 * wide a window as there is room for beside the others, before the answer: a single upload fills a
 * long line, many fill the line together, and what clients have sent and nobody has read is bounded
 * by 16 MiB, and for each upload beyond those that fit 16 KiB, or 64 KiB if it was not announced.
 * Safe for many threads.
 *
 * <p>No window changes below an upload that goes on. A client whose window shrinks below what it
 * has sent waits for a word that follows only when more of it is read, and one that waits for its
 * window may not hear of a wider one: java.net.http looks with the stream's next window update
 * alone, and Netty forgets a stream that waits if the wider window fills the line.
 */
final class Windows {
  /** Bytes of a stream's window at first, as in RFC 9113: 1.3 MB/s at 50 ms round trip. */
  static final int FIRST = (1 << 16) - 1;

  /** Bytes of an upload's window while few upload: 20 MB/s at 50 ms. */
  static final int WIDEST = 1 << 20;

  /** Bytes of an upload's window while very many upload: a frame of HTTP/2. */
  static final int NARROWEST = 16 << 10;

  /** Bytes of all windows of uploads. */
  static final long ALL = 16 << 20;

  /** Bytes of those that are wider than the first. */
  static final long WIDE = ALL / 2;

  private final Map<HttpConnection, Line> lines = new HashMap<>();

  private long given;

  /** A connection with an upload that is announced, or with uploads that have begun. */
  private static final class Line {
    final int window;
    int uploads;

    Line(int window) {
      this.window = window;
    }
  }

  /** Whether a request that uploads so many bytes is one of those here. */
  static boolean counts(HttpServerRequest request, long bytes) {
    return request.version() == HttpVersion.HTTP_2 && bytes > FIRST;
  }

  /** The connection's next request may be a long upload. To be called before the answer. */
  synchronized void announced(HttpConnection connection) {
    if (!lines.containsKey(connection)) {
      Line line = open(connection, room());
      if (line.window != FIRST) {
        set(connection, line.window);
      }
    }
  }

  private int room() {
    // An eighth of what is left, so that the first to come leave something to the next.
    int share = (int) Long.highestOneBit(Math.max(0, WIDE - given) / 8);
    if (share > FIRST) {
      return Math.min(share, WIDEST);
    }
    return given + FIRST <= ALL ? FIRST : NARROWEST;
  }

  private Line open(HttpConnection connection, int window) {
    Line line = new Line(window);
    lines.put(connection, line);
    given += window;
    return line;
  }

  /** A long upload begins. */
  synchronized void begins(HttpConnection connection) {
    Line line = lines.get(connection);
    if (line == null) {
      line = open(connection, FIRST);
    }
    line.uploads++;
  }

  /**
   * A long upload that began is over. To be called before the answer: what the client sends next
   * then keeps to the window that it finds.
   */
  synchronized void ends(HttpConnection connection) {
    Line line = lines.get(connection);
    if (line != null && --line.uploads == 0) {
      closed(connection);
      if (line.window != FIRST) {
        set(connection, FIRST);
      }
    }
  }

  /** A connection is no more. */
  synchronized void closed(HttpConnection connection) {
    Line line = lines.remove(connection);
    if (line != null) {
      given -= line.window;
    }
  }

  /** Bytes of all windows of uploads now. */
  synchronized long given() {
    return given;
  }

  private static void set(HttpConnection connection, int window) {
    var unused = connection.updateSettings(new Http2Settings().setInitialWindowSize(window));
  }
}
