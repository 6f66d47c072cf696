package dev.tributary.coordinator.net;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.tributary.coordinator.Cluster;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.FederatedTraining;
import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.access.ClientToken;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.store.Nodes;
import dev.tributary.coordinator.store.StorePause;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Every path of the server. A request is paused until it is known what to do with its body. */
final class Routes implements Handler<HttpServerRequest> {
  private static final int CHECK_IN_BYTES = 16 << 10;
  private static final int EXCHANGE_BYTES = 4 << 20;
  private static final String PROTOBUF = "application/x-protobuf";
  private static final Pattern CHECK_IN =
      Pattern.compile("POST /v1/jobs/([a-z0-9][a-z0-9-]{0,63})/check-in");
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final Pattern MODEL = Pattern.compile("GET /v1/models/([0-9a-f]{64})");
  private static final Pattern INPUT = Pattern.compile("(HEAD|PUT) /v1/inputs/([0-9a-f]{64})");
  private static final Pattern TOKEN = Pattern.compile("Bearer (?:[0-9a-f]{2})++");

  /** Characters of the header that shows a client's token, at most. */
  static final int LONGEST_TOKEN = "Bearer ".length() + 2 * ClientToken.LONGEST;

  /** Models, or parts of them, that go out to one client at once: each holds a file open. */
  private static final int DOWNLOADS = 8;

  /** Exchanges of one client at once: a reply that nobody reads stays in memory. */
  private static final int EXCHANGES = 16;

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{1,18})?");

  private final Vertx vertx;
  private final Blocking blocking;
  private final Coordinator coordinator;
  private final CoordinatorMetrics metrics;
  private final InputRoute inputs;
  private final AdminRoutes admin;
  private final Bodies bodies;

  /** Of models, by identity. */
  private final Map<ByteString, Integer> downloads = new ConcurrentHashMap<>();

  /** By identity. */
  private final Map<ByteString, Integer> exchanges = new ConcurrentHashMap<>();

  private final @Nullable NodeProxy nodes;

  /**
   * All routes.
   *
   * @param nodes the other coordinators of the store; null where there are none
   */
  Routes(
      Vertx vertx,
      Coordinator coordinator,
      CoordinatorMetrics metrics,
      @Nullable NodeProxy nodes,
      SlowClients slow,
      Windows windows,
      Blocking blocking,
      Bodies bodies) {
    this.nodes = nodes;
    this.bodies = bodies;
    this.vertx = vertx;
    this.blocking = blocking;
    this.coordinator = coordinator;
    this.metrics = metrics;
    this.inputs = new InputRoute(vertx, coordinator, slow, windows, blocking);
    this.admin = new AdminRoutes(vertx, coordinator, nodes, blocking, bodies);
    metrics.watch(() -> coordinator.pause() != null);
  }

  @Override
  public void handle(HttpServerRequest request) {
    request.pause();
    request.response().putHeader("Date", Problems.date(coordinator.now()));
    try {
      route(request);
    } catch (RuntimeException e) {
      Problems.answer(request, e);
    }
  }

  private void route(HttpServerRequest request) {
    String path = request.path() == null ? "" : request.path();
    String call = request.method().name() + " " + path;
    Matcher checkIn = CHECK_IN.matcher(call);
    Matcher model = MODEL.matcher(call);
    Matcher input = INPUT.matcher(call);
    if (path.startsWith(AdminRoute.PREFIX)) {
      admin.handle(request, path);
    } else if (call.equals("POST /v1/check-in")) {
      checkIn(request, null);
    } else if (checkIn.matches()) {
      checkIn(request, checkIn.group(1));
    } else if (call.equals("POST /v1/withdraw")) {
      withdraw(request);
    } else if (call.equals("POST /v1/exchange")) {
      exchange(request);
    } else if (call.equals("GET /v1/coordinator")) {
      var unused = answer(request, coordinator.introduce());
    } else if (model.matches()) {
      model(request, model.group(1));
    } else if (input.matches() && input.group(1).equals("HEAD")) {
      inputs.head(request, token(request), hex(input.group(2)));
    } else if (input.matches()) {
      inputs.put(request, token(request), hex(input.group(2)));
    } else if (call.equals("GET /healthz")) {
      health(request);
    } else if (call.equals("GET /readyz")) {
      ready(request);
    } else if (call.equals("GET /metrics")) {
      text(request, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape());
    } else {
      throw new FrontDoorException(
          Kind.NOT_FOUND,
          "path-unknown",
          "This coordinator has no " + call + ".",
          "Check the address and the client's version.");
    }
  }

  private void checkedIn(HttpServerRequest request, CheckInReply reply) {
    if (reply.getRetryAfterMillis() != 0) {
      metrics.onToldToComeBack();
    }
    var unused = answer(request, reply);
  }

  /** Judged here, and given to the coordinator that runs the job. */
  private void checkIn(HttpServerRequest request, @Nullable String job) {
    NodeProxy others = nodes;
    if (others == null) {
      bodies
          .read(
              request,
              CHECK_IN_BYTES,
              body -> on(coordinator.checkIn(job, parsed(request, body, CheckInRequest.parser()))))
          .onSuccess(reply -> checkedIn(request, reply))
          .onFailure(failure -> Problems.answer(request, failure));
      return;
    }
    boolean judged = others.isNode(request);
    bodies
        .read(
            request,
            CHECK_IN_BYTES,
            body -> {
              CheckInRequest message = parsed(request, body, CheckInRequest.parser());
              if (judged) {
                return on(coordinator.checkedIn(job, message))
                    .onSuccess(reply -> checkedIn(request, reply))
                    .<Void>mapEmpty();
              }
              return on(coordinator.place(job))
                  .compose(
                      place -> {
                        if (place.isPresent()) {
                          coordinator.check(null, message);
                          return others.forward(request, place.get(), body);
                        }
                        return on(coordinator.checkIn(job, message))
                            .onSuccess(reply -> checkedIn(request, reply))
                            .<Void>mapEmpty();
                      });
            })
        .onFailure(failure -> Problems.answer(request, failure));
  }

  /** Written here; the other coordinators are told, and find it written if they do not hear it. */
  private void withdraw(HttpServerRequest request) {
    NodeProxy others = nodes;
    boolean judged = others != null && others.isNode(request);
    bodies
        .read(
            request,
            CHECK_IN_BYTES,
            body -> {
              CheckInRequest message = parsed(request, body, CheckInRequest.parser());
              if (judged) {
                return on(coordinator.withdrawn(message));
              }
              return on(coordinator.withdraw(message))
                  .onSuccess(
                      reply -> {
                        if (others != null) {
                          for (Nodes.Node node : others.others()) {
                            var unused =
                                others.ask(
                                    node,
                                    request.method(),
                                    String.valueOf(request.path()),
                                    request.headers(),
                                    body);
                          }
                        }
                      });
            })
        .compose(reply -> answer(request, reply))
        .onFailure(failure -> Problems.answer(request, failure));
  }

  private void exchange(HttpServerRequest request) {
    ByteString token = token(request);
    NodeProxy others = nodes;
    if (others == null || others.isNode(request)) {
      exchangeHere(request, token);
      return;
    }
    blocking
        .run(() -> coordinator.jobOf(token))
        .compose(job -> on(coordinator.place(job)))
        .onSuccess(
            place -> {
              if (place.isEmpty()) {
                exchangeHere(request, token);
              } else {
                once(
                        exchanges,
                        EXCHANGES,
                        token,
                        () ->
                            bodies.read(
                                request,
                                EXCHANGE_BYTES,
                                body -> others.forward(request, place.get(), body)))
                    .onFailure(failure -> Problems.answer(request, failure));
              }
            })
        .onFailure(failure -> Problems.answer(request, failure));
  }

  private void exchangeHere(HttpServerRequest request, ByteString token) {
    on(coordinator.authenticate(token))
        .compose(
            known ->
                once(
                    exchanges,
                    EXCHANGES,
                    token,
                    () ->
                        bodies
                            .read(
                                request,
                                EXCHANGE_BYTES,
                                body -> {
                                  CompletableFuture<ExchangeReply> reply =
                                      coordinator.exchange(
                                          token, parsed(request, body, ExchangeRequest.parser()));
                                  request
                                      .response()
                                      .closeHandler(gone -> coordinator.abandoned(token, reply));
                                  request
                                      .response()
                                      .exceptionHandler(
                                          gone -> coordinator.abandoned(token, reply));
                                  return on(reply);
                                })
                            .compose(
                                reply -> {
                                  if (reply.getRetryAfterMillis() != 0) {
                                    metrics.onToldToComeBack();
                                  }
                                  return answer(request, reply);
                                })))
        .onFailure(failure -> Problems.answer(request, failure));
  }

  private void model(HttpServerRequest request, String digest) {
    String tag = '"' + digest + '"';
    ByteString token = token(request);
    request.resume();
    on(coordinator.model(token, digest))
        .compose(file -> once(downloads, DOWNLOADS, token, () -> send(request, file, tag)))
        .onFailure(failure -> Problems.answer(request, failure));
  }

  /**
   * Answers a client whose token holds, unless too many such answers to it are under way, the last
   * byte of each included.
   */
  private <T> Future<T> once(
      Map<ByteString, Integer> underWay, int most, ByteString token, Supplier<Future<T>> answer) {
    ByteString client = ClientToken.identity(token);
    if (underWay.merge(client, 1, Integer::sum) > most) {
      ended(underWay, client);
      metrics.onLimited();
      return Future.failedFuture(
          new FrontDoorException(
              Kind.TOO_MANY,
              "too-many-requests",
              "A client has at most " + most + " such requests under way.",
              "Read the answers to those that are."));
    }
    return answer.get().onComplete(sent -> ended(underWay, client));
  }

  private static void ended(Map<ByteString, Integer> underWay, ByteString client) {
    underWay.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
  }

  private Future<Void> send(HttpServerRequest request, Path file, String tag) {
    request.response().putHeader("ETag", tag).putHeader("Content-Type", "application/octet-stream");
    if (tag.equals(request.getHeader("If-None-Match"))) {
      return request.response().setStatusCode(304).end();
    }
    return vertx
        .fileSystem()
        .props(file.toString())
        .compose(
            props -> {
              String asked = request.getHeader("Range");
              Matcher range = RANGE.matcher(asked == null ? "" : asked);
              if (!range.matches() || Long.parseLong(range.group(1)) >= props.size()) {
                return request.response().sendFile(file.toString());
              }
              long from = Long.parseLong(range.group(1));
              long last =
                  range.group(2) == null
                      ? props.size() - 1
                      : Math.min(props.size() - 1, Long.parseLong(range.group(2)));
              if (last < from) {
                return request.response().sendFile(file.toString());
              }
              request
                  .response()
                  .setStatusCode(206)
                  .putHeader("Content-Range", "bytes " + from + "-" + last + "/" + props.size());
              return request.response().sendFile(file.toString(), from, last - from + 1);
            });
  }

  /** Whether requests are served now; who shares them out looks here. */
  private void ready(HttpServerRequest request) {
    StorePause pause = coordinator.pause();
    if (pause != null) {
      throw FrontDoorException.paused(pause.code());
    }
    on(coordinator.status())
        .onSuccess(status -> text(request, TEXT, "ready\n"))
        .onFailure(failure -> Problems.answer(request, failure));
  }

  /** Whether the process lives, and how it stands; a disk without room does not end it. */
  private void health(HttpServerRequest request) {
    StorePause pause = coordinator.pause();
    if (pause != null) {
      text(
          request,
          TEXT,
          String.format(
              "paused%nstate stands still until its disk takes writes: %s, since %d s%n",
              pause.code(), Duration.between(pause.since(), Instant.now()).toSeconds()));
      return;
    }
    on(coordinator.status())
        .onSuccess(jobs -> text(request, TEXT, "ok\n" + sharing() + health(jobs)))
        .onFailure(failure -> Problems.answer(request, failure));
  }

  /** Whether the others are seen, and which one this is. */
  private String sharing() {
    Cluster cluster = coordinator.cluster();
    return cluster == null
        ? ""
        : String.format(
            "coordinator %s of %d that live%n", cluster.id(), cluster.view().live().size());
  }

  /** Of several jobs those that are not over. */
  private static String health(List<Coordinator.Status> jobs) {
    String each =
        jobs.stream()
            .filter(job -> jobs.size() == 1 || !job.finished())
            .map(
                job ->
                    String.format(
                        "job %s%nclients %d of %d%nstate %s%nkey material on disk %d bytes%n",
                        job.task(), job.enrolled(), job.awaited(), state(job), job.relayedBytes()))
            .collect(Collectors.joining());
    return each.isEmpty() ? "no job is open\n" : each;
  }

  private static String state(Coordinator.Status status) {
    if (status.finished()) {
      return "finished";
    }
    if (status.paused()) {
      return "paused";
    }
    return status.started() ? training(status) : "waiting for clients";
  }

  private static String training(Coordinator.Status status) {
    FederatedTraining.Waiting waiting = status.waiting();
    return waiting == null
        ? "training"
        : String.format(
            "round %d waits for its clients: %d of at least %d are there, since %d s",
            waiting.round(), waiting.there(), waiting.needed(), waiting.time().toSeconds());
  }

  private static <T extends MessageLite> T parsed(
      HttpServerRequest request, Buffer body, Parser<T> parser) {
    try {
      return parser.parseFrom(body.getBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new FrontDoorException(
          Kind.MALFORMED,
          "message-malformed",
          "The body is not a " + request.path() + " message: " + e.getMessage(),
          "Use a client of a matching version.");
    }
  }

  /** What the request says about its length; -1 where it does not. */
  static long length(HttpServerRequest request) {
    String header = request.getHeader("Content-Length");
    return header != null && header.matches("\\d{1,18}") ? Long.parseLong(header) : -1;
  }

  private static ByteString token(HttpServerRequest request) {
    String header = request.getHeader("Authorization");
    if (header == null || header.length() > LONGEST_TOKEN || !TOKEN.matcher(header).matches()) {
      throw new FrontDoorException(
          Kind.UNKNOWN_TOKEN,
          "token-missing",
          "This needs the token of a check-in, as Authorization: Bearer and hexadecimal digits.",
          "Check in first.");
    }
    return hex(header.substring("Bearer ".length()));
  }

  private static ByteString hex(String digits) {
    return ByteString.copyFrom(HexFormat.of().parseHex(digits));
  }

  private <T> Future<T> on(CompletionStage<T> stage) {
    return Future.fromCompletionStage(stage, vertx.getOrCreateContext());
  }

  private static Future<Void> answer(HttpServerRequest request, MessageLite message) {
    Problems.discardRest(request);
    return request
        .response()
        .putHeader("Content-Type", PROTOBUF)
        .end(Buffer.buffer(message.toByteArray()));
  }

  private static void text(HttpServerRequest request, String type, String text) {
    Problems.discardRest(request);
    request.response().putHeader("Content-Type", type).end(text);
  }
}
