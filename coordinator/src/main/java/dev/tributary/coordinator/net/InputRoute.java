package dev.tributary.coordinator.net;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.Upload;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/**
 * Masked inputs on their way to disk, resumable at an offset. Bytes are hashed and written as they
 * come, with lines held up while the disk is behind; an offset counts once they are durable, also
 * when the line breaks.
 */
final class InputRoute {
  static final String OFFSET = "Upload-Offset";

  /** Bytes of all uploads together that may wait for the disk in memory. */
  private static final long BACKLOG = 16 << 20;

  private final Vertx vertx;
  private final Coordinator coordinator;
  private final Backlog backlog = new Backlog(BACKLOG);
  private final SlowClients slow;
  private final Windows windows;
  private final Blocking blocking;

  InputRoute(
      Vertx vertx, Coordinator coordinator, SlowClients slow, Windows windows, Blocking blocking) {
    this.blocking = blocking;
    this.windows = windows;
    this.slow = slow;
    this.vertx = vertx;
    this.coordinator = coordinator;
  }

  void head(HttpServerRequest request, ByteString token, ByteString session) {
    request.resume();
    upload(token, session)
        .onSuccess(
            upload -> {
              if (Windows.counts(request, upload.length() - upload.offset())) {
                windows.announced(request.connection());
              }
              request.response().putHeader(OFFSET, Long.toString(upload.offset())).end();
            })
        .onFailure(failure -> Problems.answer(request, failure));
  }

  void put(HttpServerRequest request, ByteString token, ByteString session) {
    upload(token, session)
        .compose(
            upload ->
                Future.fromCompletionStage(upload.takeOver(), vertx.getOrCreateContext())
                    .map(upload))
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
    InputWriting writing =
        new InputWriting(
            vertx.getOrCreateContext(), request, upload, from, backlog, windows, blocking);
    upload.begin(from, writing::overtaken);
    slow.reads(request, writing::holdsTheLine, writing::end);
    if (Routes.length(request) > upload.length() - from) {
      writing.end(InputWriting.tooLarge(upload));
    } else {
      writing.run();
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
}
