package dev.tributary.simulation.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.client.tls.Fingerprint;
import dev.tributary.coordinator.access.TokenSecret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** A client of a coordinator's administration, {@code /admin/v1/}, and of nothing else. */
final class AdminClient {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How long a job may be on its way to another coordinator: a lease of theirs, with room. */
  static final Duration MOVING = Duration.ofSeconds(60);

  private static final String JOB_MOVING = "job-moving";
  private static final int LONGEST_REPLY = 16 << 20;

  /** More than a coordinator takes, so that it is the one to refuse a longer file. */
  private static final int LONGEST_FILE = 1 << 20;

  private static final long SHORTEST_PAUSE = 100;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final URI coordinator;
  private final TokenSecret token;
  private final HttpClient http;
  private final Duration moving;
  private final Consumer<String> told;

  /**
   * A client.
   *
   * @param tls whom to trust; null for the system's authorities
   * @param moving how long to wait for a job that is on its way to another coordinator
   * @param told once when it waits for that
   */
  AdminClient(
      URI coordinator,
      @Nullable SSLContext tls,
      TokenSecret token,
      Duration moving,
      Consumer<String> told) {
    this.moving = moving;
    this.told = told;
    this.coordinator = coordinator;
    this.token = token;
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3"});
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            .sslParameters(parameters);
    this.http = (tls == null ? builder : builder.sslContext(tls)).build();
  }

  JsonNode get(String path) {
    return send(path, request(path).GET());
  }

  JsonNode post(String path, @Nullable JsonNode body) {
    return send(
        path,
        request(path)
            .header("Content-Type", "application/json")
            .POST(
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString())));
  }

  JsonNode postFile(String path, Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LONGEST_FILE);
    } catch (IOException e) {
      throw new CommandException(
          ErrorCode.JOB_UNREADABLE, file + " cannot be read. Give the path of a job file.", e);
    }
    return send(
        path,
        request(path)
            .header("Content-Type", "application/yaml")
            .POST(BodyPublishers.ofByteArray(bytes)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(coordinator.resolve("/admin/v1/" + path))
        .timeout(PATIENCE)
        .header("Authorization", "Bearer " + token.reveal());
  }

  /** Sends a request, again for as long as its job is on its way; such a one may come twice. */
  private JsonNode send(String path, HttpRequest.Builder request) {
    long began = System.nanoTime();
    boolean waits = false;
    while (true) {
      Answer answer = once(path, request);
      if (answer.status() / 100 == 2) {
        return answer.json();
      }
      boolean moves = answer.json().path("code").asText().equals(JOB_MOVING);
      if (!moves || System.nanoTime() - began > moving.toNanos()) {
        throw refusal(answer.status(), answer.json());
      }
      if (!waits) {
        waits = true;
        told.accept(
            "The job is on its way to another coordinator; asking again for up to "
                + moving.toSeconds()
                + " s.");
      }
      try {
        Thread.sleep(Math.max(SHORTEST_PAUSE, Math.min(answer.pause(), moving.toMillis())));
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  /** What came; milliseconds after which to ask again. */
  private record Answer(int status, JsonNode json, long pause) {}

  private static CommandException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CommandException(ErrorCode.INTERRUPTED, "Interrupted.", e);
  }

  private Answer once(String path, HttpRequest.Builder request) {
    try {
      HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
      byte[] body;
      try (InputStream in = response.body()) {
        body = in.readNBytes(LONGEST_REPLY + 1);
      }
      JsonNode json = body.length > LONGEST_REPLY ? null : json(body);
      if (json == null || !json.isObject()) {
        throw new CommandException(
            ErrorCode.REPLY_INVALID,
            coordinator + " answered " + path + " with something that is not its answer to that.");
      }
      return new Answer(response.statusCode(), json, waitMillis(response.headers()));
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Of a Retry-After in seconds; a date, which proxies may send, is waited for like none. */
  private static long waitMillis(HttpHeaders headers) {
    return headers
        .firstValue("Retry-After")
        .filter(seconds -> seconds.matches("\\d{1,6}"))
        .map(seconds -> Long.parseLong(seconds) * 1_000)
        .orElse(1_000L);
  }

  private static @Nullable JsonNode json(byte[] body) throws IOException {
    try {
      return MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static CommandException refusal(int status, JsonNode problem) {
    ErrorCode code =
        switch (status) {
          case 401, 403 -> ErrorCode.ACCESS_REFUSED;
          case 503 -> ErrorCode.COORDINATOR_BUSY;
          case 500 -> ErrorCode.REPLY_INVALID;
          default -> ErrorCode.ADMINISTRATION_REFUSED;
        };
    return new CommandException(
        code,
        AuditLogCommand.printable(
            problem.path("message").asText("The coordinator refused, and did not say why.")
                + " "
                + problem.path("action").asText("")
                + " ("
                + problem.path("code").asText("status " + status)
                + ")"));
  }

  private CommandException unreachable(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof Fingerprint.Mismatch mismatch) {
        return new CommandException(
            ErrorCode.CERTIFICATE_MISMATCH,
            "The server's certificate has the fingerprint "
                + mismatch.got()
                + ", which is not the one that was given. If the coordinator has a new certificate,"
                + " give the fingerprint that it prints at its start; else somebody is in between.",
            e);
      }
    }
    if (e instanceof SSLException) {
      return new CommandException(
          ErrorCode.CERTIFICATE_MISMATCH,
          coordinator
              + " offers no TLS 1.3 with a certificate that this machine trusts for that address."
              + " Give --fingerprint as the coordinator prints it at its start, or --ca with who"
              + " signed it.",
          e);
    }
    String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new CommandException(
        ErrorCode.COORDINATOR_UNREACHABLE,
        coordinator
            + " does not answer ("
            + what
            + "). Check the address, and that the coordinator runs.",
        e);
  }
}
