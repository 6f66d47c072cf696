package dev.tributary.coordinator.net;

import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.Upload;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request's bytes, from the line to the file. They are gathered on the request's event loop and
 * written by a worker, one write at a time; the line is held while too many wait. It holds the
 * upload until its last byte is durable, the line breaks, or a newer request of the same client
 * overtakes it.
 */
final class InputWriting {
  /** Bytes of one upload that may wait for a write. */
  private static final int WAITING = 512 << 10;

  private final Context loop;
  private final HttpServerRequest request;
  private final Upload upload;
  private final long from;
  private final Backlog backlog;
  private final Windows windows;
  private final Blocking blocking;
  private boolean running;
  private boolean windowed;
  private List<Buffer> waiting = new ArrayList<>();
  private long waitingBytes;
  private long came;
  private boolean writing;
  private boolean held;
  private boolean ended;
  private boolean closed;
  private boolean broken;
  private @Nullable Throwable cause;

  InputWriting(
      Context loop,
      HttpServerRequest request,
      Upload upload,
      long from,
      Backlog backlog,
      Windows windows,
      Blocking blocking) {
    this.loop = loop;
    this.request = request;
    this.upload = upload;
    this.from = from;
    this.backlog = backlog;
    this.windows = windows;
    this.blocking = blocking;
  }

  /** Ends this writing, from any thread, because the client has begun again. */
  void overtaken() {
    loop.runOnContext(
        now ->
            end(
                new FrontDoorException(
                    Kind.CONFLICT,
                    "upload-overtaken",
                    "A newer request of this client goes on with the upload.",
                    "Go on at the offset in Upload-Offset.")));
  }

  /** Writes what comes to an upload that has begun, and ends it in the end. */
  void run() {
    if (request.response().closed()) {
      end(null);
      return;
    }
    running = true;
    backlog.begins();
    if (Windows.counts(request, upload.length() - from)) {
      windowed = true;
      windows.begins(request.connection());
    }
    request.handler(this::take);
    request.endHandler(all -> end(null));
    request.exceptionHandler(
        gone -> {
          broken = true;
          end(gone);
        });
    request.resume();
  }

  private void take(Buffer chunk) {
    if (ended) {
      return;
    }
    if (chunk.length() > upload.length() - from - came) {
      end(tooLarge(upload));
      return;
    }
    came += chunk.length();
    waiting.add(chunk);
    waitingBytes += chunk.length();
    backlog.add(chunk.length());
    write();
    if (writing && !held && (waitingBytes >= WAITING || backlog.isFull())) {
      held = true;
      request.pause();
    }
  }

  /** Ends it with what came so far. */
  void end(@Nullable Throwable failure) {
    if (!ended) {
      ended = true;
      cause = failure;
      write();
    }
  }

  /**
   * Hands what waits to a worker, if it is worth a write and no other is under way. The first bytes
   * are, so that a disk that takes none is known before the others come.
   */
  private void write() {
    boolean first = waitingBytes == came;
    if (writing || closed || !(ended || first || waitingBytes >= backlog.worthAWrite())) {
      return;
    }
    writing = true;
    List<Buffer> batch = waiting;
    long bytes = waitingBytes;
    boolean last = ended;
    waiting = new ArrayList<>();
    waitingBytes = 0;
    closed = last;
    var unused =
        blocking
            .run(
                loop,
                () -> {
                  store(batch, last);
                  return bytes;
                })
            .onComplete(
                stored -> {
                  writing = false;
                  backlog.add(-bytes);
                  if (stored.failed() && cause == null) {
                    ended = true;
                    cause = stored.cause();
                  }
                  if (last) {
                    if (running) {
                      backlog.ends();
                    }
                    if (windowed) {
                      windows.ends(request.connection());
                    }
                    answer();
                  } else {
                    write();
                    release();
                  }
                });
  }

  /** On a worker. */
  private void store(List<Buffer> batch, boolean last) throws IOException {
    Backlog.Block block = backlog.block();
    try {
      for (Buffer chunk : batch) {
        for (int at = 0; at < chunk.length(); ) {
          at += block.put(chunk, at);
          if (!block.bytes.hasRemaining()) {
            upload.write(block.bytes.flip());
            block.bytes.clear();
          }
        }
      }
      if (block.bytes.position() > 0) {
        upload.write(block.bytes.flip());
      }
    } finally {
      backlog.giveBack(block);
      if (last) {
        upload.end();
      }
    }
  }

  /** Whether bytes wait for the disk, and not for the client. */
  boolean holdsTheLine() {
    return held || writing;
  }

  private void release() {
    if (held && !ended && waitingBytes < WAITING) {
      held = false;
      request.resume();
    }
  }

  private void answer() {
    if (broken || request.response().ended() || request.response().closed()) {
      return;
    }
    request.response().putHeader(InputRoute.OFFSET, Long.toString(upload.offset()));
    if (cause == null) {
      request.response().setStatusCode(204).end();
    } else {
      Problems.answer(request, cause);
    }
  }

  static FrontDoorException tooLarge(Upload upload) {
    return new FrontDoorException(
        Kind.TOO_LARGE,
        "upload-too-large",
        "The input of this round has " + upload.length() + " bytes.",
        "Send the vector that the plan describes.");
  }
}
