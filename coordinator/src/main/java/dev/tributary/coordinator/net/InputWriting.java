package dev.tributary.coordinator.net;

import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.Upload;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * One request's bytes, from the line to the file. It holds the upload until its last byte is
 * flushed, the line breaks, or a newer request of the same client overtakes it. Runs on the
 * request's event loop.
 */
final class InputWriting {
  private final Context loop;
  private final HttpServerRequest request;
  private final Upload upload;
  private final long from;
  private @Nullable AsyncFile file;
  private @Nullable Throwable early;
  private long written;
  private boolean torn;
  private boolean ended;

  InputWriting(Context loop, HttpServerRequest request, Upload upload, long from) {
    this.loop = loop;
    this.request = request;
    this.upload = upload;
    this.from = from;
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

  /** Writes what comes to an open file, and closes it in the end. */
  void run(AsyncFile opened) {
    file = opened;
    if (early != null || request.response().closed()) {
      end(early);
      return;
    }
    request.handler(
        chunk -> {
          if (ended) {
            return;
          }
          if (chunk.length() > upload.length() - from - written) {
            end(tooLarge(upload));
            return;
          }
          written += chunk.length();
          Future<Void> unused =
              opened
                  .write(chunk)
                  .onFailure(
                      failure -> {
                        torn = true;
                        end(failure);
                      });
          if (opened.writeQueueFull()) {
            request.pause();
            opened.drainHandler(drained -> request.resume());
          }
        });
    request.endHandler(all -> end(null));
    request.exceptionHandler(this::end);
    request.resume();
  }

  /** Flushes what came and commits it; answers, unless the line is gone. */
  private void end(@Nullable Throwable failure) {
    AsyncFile opened = file;
    if (opened == null) {
      early = failure;
      return;
    }
    if (ended) {
      return;
    }
    ended = true;
    opened
        .flush()
        .eventually(opened::close)
        .onComplete(
            flushed -> {
              upload.end(flushed.succeeded() && !torn ? from + written : from);
              if (request.response().ended() || request.response().closed()) {
                return;
              }
              request.response().putHeader(InputRoute.OFFSET, Long.toString(upload.offset()));
              Throwable cause = failure == null ? flushed.cause() : failure;
              if (cause == null) {
                request.response().setStatusCode(204).end();
              } else {
                Problems.answer(request, cause);
              }
            });
  }

  static FrontDoorException tooLarge(Upload upload) {
    return new FrontDoorException(
        Kind.TOO_LARGE,
        "upload-too-large",
        "The input of this round has " + upload.length() + " bytes.",
        "Send the vector that the plan describes.");
  }
}
