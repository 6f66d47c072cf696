package dev.tributary.coordinator.net;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.Upload;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerRequest;

/**
 * Masked inputs on their way to disk, resumable at an offset. Bytes are written as they come, with
 * the line held up while the disk is behind; an offset counts once they are written and flushed,
 * also when the line breaks.
 */
final class InputRoute {
  private static final String OFFSET = "Upload-Offset";

  private final Vertx vertx;
  private final Coordinator coordinator;

  InputRoute(Vertx vertx, Coordinator coordinator) {
    this.vertx = vertx;
    this.coordinator = coordinator;
  }

  void head(HttpServerRequest request, ByteString token, ByteString session) {
    request.resume();
    upload(token, session)
        .onSuccess(
            upload -> request.response().putHeader(OFFSET, Long.toString(upload.offset())).end())
        .onFailure(failure -> Problems.answer(request, failure));
  }

  void put(HttpServerRequest request, ByteString token, ByteString session) {
    upload(token, session)
        .onSuccess(
            upload -> {
              try {
                write(request, upload);
              } catch (FrontDoorException e) {
                request.response().putHeader(OFFSET, Long.toString(upload.offset()));
                Problems.answer(request, e);
              }
            })
        .onFailure(failure -> Problems.answer(request, failure));
  }

  private void write(HttpServerRequest request, Upload upload) {
    long from = offset(request);
    upload.begin(from);
    if (Routes.length(request) > upload.length() - from) {
      upload.end(from);
      throw tooLarge(upload);
    }
    OpenOptions options = new OpenOptions().setRead(false).setWrite(true).setCreate(true);
    vertx
        .fileSystem()
        .open(upload.file().toString(), options)
        .onSuccess(file -> new Writing(request, upload, file.setWritePos(from), from).run())
        .onFailure(
            failure -> {
              upload.end(from);
              Problems.answer(request, failure);
            });
  }

  /** One request's bytes, from the line to the file. Runs on the request's event loop. */
  private static final class Writing {
    private final HttpServerRequest request;
    private final Upload upload;
    private final AsyncFile file;
    private final long from;
    private long written;
    private boolean torn;
    private boolean ended;

    Writing(HttpServerRequest request, Upload upload, AsyncFile file, long from) {
      this.request = request;
      this.upload = upload;
      this.file = file;
      this.from = from;
    }

    void run() {
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
                file.write(chunk)
                    .onFailure(
                        failure -> {
                          torn = true;
                          end(failure);
                        });
            if (file.writeQueueFull()) {
              request.pause();
              file.drainHandler(drained -> request.resume());
            }
          });
      request.endHandler(all -> end(null));
      request.exceptionHandler(this::end);
      request.resume();
    }

    /** Flushes what came and commits it; answers, unless the line is gone. */
    private void end(@org.jspecify.annotations.Nullable Throwable failure) {
      if (ended) {
        return;
      }
      ended = true;
      file.flush()
          .eventually(file::close)
          .onComplete(
              flushed -> {
                upload.end(flushed.succeeded() && !torn ? from + written : from);
                request.response().putHeader(OFFSET, Long.toString(upload.offset()));
                Throwable cause = failure == null ? flushed.cause() : failure;
                if (cause == null) {
                  request.response().setStatusCode(204).end();
                } else {
                  Problems.answer(request, cause);
                }
              });
    }
  }

  private Future<Upload> upload(ByteString token, ByteString session) {
    return Future.fromCompletionStage(
        coordinator.upload(token, session), vertx.getOrCreateContext());
  }

  private static long offset(HttpServerRequest request) {
    String header = request.getHeader(OFFSET);
    if (header == null || !header.matches("\\d{1,18}")) {
      throw new FrontDoorException(
          Kind.MALFORMED,
          "upload-offset-missing",
          "An upload says in Upload-Offset which byte it begins with.",
          "Ask for the offset with HEAD.");
    }
    return Long.parseLong(header);
  }

  private static FrontDoorException tooLarge(Upload upload) {
    return new FrontDoorException(
        Kind.TOO_LARGE,
        "upload-too-large",
        "The input of this round has " + upload.length() + " bytes.",
        "Send the vector that the plan describes.");
  }
}
