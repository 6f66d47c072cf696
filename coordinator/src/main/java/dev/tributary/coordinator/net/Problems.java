package dev.tributary.coordinator.net;

import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.wire.v1.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Failures as HTTP answers with a {@link Problem} for a body; for the administration the same in
 * JSON.
 */
final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  /** How long a client leaves a busy coordinator alone. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Problems() {}

  static void answer(HttpServerRequest request, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (request.response().ended() || request.response().closed()) {
      return;
    }
    if (cause instanceof FrontDoorException refused) {
      if (refused.kind() == FrontDoorException.Kind.BUSY) {
        request.response().putHeader("Retry-After", Long.toString(PATIENCE.toSeconds()));
      }
      if (refused.kind() == FrontDoorException.Kind.TOO_MANY
          || refused.kind() == FrontDoorException.Kind.MOVING) {
        request.response().putHeader("Retry-After", "1");
      }
      answer(request, status(refused.kind()), refused.code(), message(refused), refused.action());
    } else if (StoreException.wantsRoom(cause)) {
      answer(
          request,
          FrontDoorException.paused(cause instanceof StoreException e ? e.code() : "disk-full"));
    } else {
      LOG.error(
          "event=request-failed request={} path={}",
          request.response().headers().get(FrontGate.REQUEST_ID),
          request.path(),
          cause);
      answer(
          request,
          500,
          "internal",
          "The coordinator failed at this request.",
          "Try again later; its log says what happened.");
    }
  }

  /** Lets whatever is still to come of a request's body go by. */
  static void discardRest(HttpServerRequest request) {
    if (!request.isEnded()) {
      request.handler(rest -> {});
      request.resume();
    }
  }

  /** As the header {@code Date} has it. */
  static String date(Instant now) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC));
  }

  private static String message(FrontDoorException refused) {
    return String.valueOf(refused.getMessage());
  }

  private static void answer(
      HttpServerRequest request, int status, String code, String message, String action) {
    discardRest(request);
    request.response().setStatusCode(status);
    if (String.valueOf(request.path()).startsWith(AdminRoute.PREFIX)) {
      request
          .response()
          .putHeader("Content-Type", "application/json")
          .end(AdminJson.problem(code, message, action));
      return;
    }
    Problem problem =
        Problem.newBuilder().setCode(code).setMessage(message).setAction(action).build();
    request
        .response()
        .putHeader("Content-Type", "application/x-protobuf")
        .end(Buffer.buffer(problem.toByteArray()));
  }

  static int status(FrontDoorException.Kind kind) {
    return switch (kind) {
      case MALFORMED -> 400;
      case UNKNOWN_TOKEN -> 401;
      case FORBIDDEN -> 403;
      case NOT_FOUND -> 404;
      case CONFLICT -> 409;
      case OVER -> 410;
      case TOO_LARGE -> 413;
      case TOO_MANY -> 429;
      case BUSY, MOVING -> 503;
    };
  }
}
