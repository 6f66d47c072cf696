package dev.tributary.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.client.ClientException.Code;
import dev.tributary.client.tls.Fingerprint;
import dev.tributary.wire.v1.Problem;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Turns what HTTP and TLS report into the codes of {@link ClientException}. */
final class TransportFailure {
  private TransportFailure() {}

  /** No reply: TLS refused the server, or nothing answered. */
  static ClientException of(URI coordinator, IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof Fingerprint.Mismatch mismatch) {
        return new ClientException(
            Code.CERTIFICATE_MISMATCH,
            "The server at "
                + coordinator
                + " showed another certificate than the pinned one: expected "
                + mismatch.expected()
                + ", got "
                + mismatch.got()
                + ". Nothing was sent. Ask the operator for the fingerprint that the coordinator prints"
                + " when it starts; if it differs, somebody is in between.",
            e);
      }
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return tls(coordinator, cause, e);
      }
    }
    if (e instanceof BoundedBody.TooLong) {
      return new ClientException(
          Code.REPLY_INVALID, "From the coordinator at " + coordinator + ": " + text(e) + ".", e);
    }
    String what = e instanceof ConnectException ? "nothing listens there" : text(e);
    return new ClientException(
        Code.COORDINATOR_UNREACHABLE,
        "The coordinator at " + coordinator + " does not answer (" + what + ").",
        e);
  }

  private static ClientException tls(URI coordinator, Throwable cause, IOException e) {
    if (isAboutTheCertificate(cause)) {
      return new ClientException(
          Code.CERTIFICATE_MISMATCH,
          "This machine does not trust the certificate of "
              + coordinator
              + " ("
              + reason(cause)
              + "). Nothing was sent. Pin the fingerprint that the coordinator prints when it starts,"
              + " or give the server a certificate from an authority that this machine trusts.",
          e);
    }
    return new ClientException(
        Code.COORDINATOR_UNREACHABLE,
        "The TLS connection to " + coordinator + " failed (" + text(cause) + ").",
        e);
  }

  /** What a failure is at bottom, where that is the time of a certificate. */
  private static String reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.security.cert.CertificateExpiredException) {
        return "it has expired, " + text(cause);
      }
      if (cause instanceof java.security.cert.CertificateNotYetValidException) {
        return "it is not valid yet, " + text(cause);
      }
    }
    return text(failure);
  }

  private static boolean isAboutTheCertificate(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.security.cert.CertificateException
          || cause instanceof java.security.cert.CertPathBuilderException) {
        return true;
      }
    }
    return false;
  }

  /** A reply that is not a success. */
  static ClientException of(Reply reply) {
    int status = reply.status();
    Optional<Problem> problem = problem(reply);
    String said =
        problem.map(p -> p.getMessage() + " " + p.getAction()).orElse("no reason given").strip();
    if (status == 407) {
      return new ClientException(
          Code.PROXY_REFUSED,
          "The proxy on the way to "
              + reply.uri()
              + " asks for a login that it was not given. Give builder().proxy(HttpProxy.at(...).login(...)),"
              + " and start Java with -Djdk.http.auth.tunneling.disabledSchemes= so that it is sent.");
    }
    String message =
        "The coordinator answered "
            + status
            + " to "
            + reply.method()
            + " "
            + reply.uri().getPath()
            + ": "
            + said;
    Duration window =
        Duration.ofSeconds(
            Math.max(
                0, Math.min(86_400, reply.headers().firstValueAsLong("Retry-After").orElse(0))));
    boolean clock =
        status == 403 && problem.filter(p -> p.getCode().endsWith("-clock")).isPresent();
    return new ClientException(
        clock ? Code.CLOCK_WRONG : code(status), message, null, window, serverTime(reply));
  }

  private static @Nullable Instant serverTime(Reply reply) {
    String date = reply.headers().firstValue("Date").orElse("");
    try {
      return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static Code code(int status) {
    return switch (status) {
      case 401 -> Code.TOKEN_EXPIRED;
      case 403 -> Code.CHECK_IN_REFUSED;
      case 410 -> Code.ROUND_OVER;
      case 429, 503 -> Code.COORDINATOR_BUSY;
      default -> status >= 500 ? Code.COORDINATOR_UNREACHABLE : Code.REQUEST_REFUSED;
    };
  }

  private static Optional<Problem> problem(Reply reply) {
    String type = reply.headers().firstValue("Content-Type").orElse("");
    if (!type.startsWith("application/x-protobuf")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Problem.parseFrom(reply.body()));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private static String text(@Nullable Throwable e) {
    String message = e == null ? null : e.getMessage();
    return message == null ? String.valueOf(e) : message;
  }
}
