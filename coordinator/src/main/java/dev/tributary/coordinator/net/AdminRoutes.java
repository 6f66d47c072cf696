package dev.tributary.coordinator.net;

import dev.tributary.coordinator.AdminDesk;
import dev.tributary.coordinator.Cluster;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.JobStatus;
import dev.tributary.coordinator.access.Permission;
import dev.tributary.coordinator.access.TokenException;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.job.JobFileException;
import dev.tributary.coordinator.store.AuditLog;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.Nodes;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.coordinator.store.Tokens;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The paths of those who administer a coordinator. Who asks is known before anything of the request
 * is read but its head; what reads or writes the store is done off the event loop.
 */
final class AdminRoutes {
  private static final int BODY_BYTES = 4 << 10;
  private static final int JOB_BYTES = 256 << 10;
  private static final String JOB_FILE = "job.yaml";
  private static final int PAGE = 100;
  private static final String JSON = "application/json";

  private final Vertx vertx;
  private final Blocking blocking;
  private final Coordinator coordinator;
  private final AdminDesk desk;
  private final SecureRandom random = new SecureRandom();
  private final String description;
  private final @Nullable NodeProxy nodes;
  private final Bodies bodies;

  AdminRoutes(
      Vertx vertx,
      Coordinator coordinator,
      @Nullable NodeProxy nodes,
      Blocking blocking,
      Bodies bodies) {
    this.blocking = blocking;
    this.nodes = nodes;
    this.bodies = bodies;
    this.vertx = vertx;
    this.coordinator = coordinator;
    this.desk = coordinator.admin();
    this.description = description();
  }

  private static String description() {
    try (InputStream in = AdminRoutes.class.getResourceAsStream("openapi.yaml")) {
      if (in == null) {
        throw new IllegalStateException("openapi.yaml is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void handle(HttpServerRequest request, String path) {
    AdminRoute.Match match =
        AdminRoute.of(request.method().name(), path)
            .orElseThrow(
                () ->
                    new FrontDoorException(
                        Kind.NOT_FOUND,
                        "path-unknown",
                        "The administration has no such path.",
                        "GET /admin/v1/openapi.yaml names those that it has."));
    Permission permission = match.route().permission();
    if (permission == null) {
      answer(request, 200, "application/yaml", description);
      return;
    }
    if (nodes != null && match.route().ofOneJob() && !nodes.isNode(request)) {
      var unused = desk.admit(request.getHeader("Authorization"), permission);
      NodeProxy others = nodes;
      on(coordinator.place(match.name()))
          .onSuccess(
              place -> {
                if (place.isPresent()) {
                  var unusedAnswer = others.forward(request, place.get(), Buffer.buffer());
                } else {
                  admitted(request, match, permission);
                }
              })
          .onFailure(failure -> Problems.answer(request, failure));
      return;
    }
    admitted(request, match, permission);
  }

  private void admitted(HttpServerRequest request, AdminRoute.Match match, Permission permission) {
    try {
      answer(request, match, permission);
    } catch (RuntimeException e) {
      Problems.answer(request, e);
    }
  }

  private void answer(HttpServerRequest request, AdminRoute.Match match, Permission permission) {
    Tokens.Token caller = desk.admit(request.getHeader("Authorization"), permission);
    String who = AdminDesk.who(caller);
    Instant now = Instant.now();
    Future<String> answer =
        switch (match.route()) {
          case DESCRIPTION -> throw new IllegalStateException("everybody may have it");
          case JOBS -> jobs(request);
          case SUBMIT -> submit(request, who);
          case JOB -> on(coordinator.jobStatus(match.name())).map(AdminJson::job);
          case PAUSE -> say(who, match.name(), JobControl.State.PAUSED);
          case RESUME -> say(who, match.name(), JobControl.State.RUNNING);
          case CANCEL -> say(who, match.name(), JobControl.State.CANCELLED);
          case AUDIT_LOG -> {
            long from = number(request, "from", 1, Long.MAX_VALUE);
            int limit = (int) number(request, "limit", PAGE, AuditLog.PAGE);
            yield off(() -> AdminJson.auditLog(desk.auditLog().page(from, limit)));
          }
          case TOKENS -> off(() -> AdminJson.tokens(desk.tokens().all(), now));
          case CREATE_TOKEN ->
              bodies.read(
                  request,
                  BODY_BYTES,
                  body -> {
                    AdminJson.TokenRequest asked = AdminJson.tokenRequest(body.getBytes());
                    return off(() -> create(who, asked, now));
                  });
          case REVOKE_TOKEN ->
              off(() -> AdminJson.token(desk.tokens().revoke(who, match.name()), now));
        };
    boolean makes = match.route() == AdminRoute.CREATE_TOKEN || match.route() == AdminRoute.SUBMIT;
    int status = makes ? 201 : 200;
    answer
        .onSuccess(text -> answer(request, status, JSON, text))
        .onFailure(failure -> Problems.answer(request, refusal(failure)));
  }

  /** All jobs of the store: those of other coordinators as they stand there. */
  private Future<String> jobs(HttpServerRequest request) {
    Cluster cluster = coordinator.cluster();
    NodeProxy others = nodes;
    if (cluster == null || others == null) {
      return on(coordinator.jobStatus()).map(AdminJson::jobs);
    }
    Nodes.View view = cluster.view();
    return on(coordinator.jobStatus())
        .compose(
            here -> {
              Map<String, Future<String>> all = new LinkedHashMap<>();
              here.forEach(job -> all.put(job.name(), Future.succeededFuture(AdminJson.job(job))));
              for (String name : view.jobs()) {
                all.computeIfAbsent(name, job -> elsewhere(request, job, view, others));
              }
              return Future.all(List.copyOf(all.values()))
                  .map(done -> AdminJson.merged(done.<String>list()));
            });
  }

  private static Future<String> elsewhere(
      HttpServerRequest request, String job, Nodes.View view, NodeProxy others) {
    Nodes.Owner owner = view.owners().get(job);
    Nodes.Node node = owner == null ? null : view.live().get(owner.node());
    String nobody =
        AdminJson.job(JobStatus.unavailable(job, "it is being taken over by a coordinator"));
    return node == null
        ? Future.succeededFuture(nobody)
        : others
            .ask(
                node,
                HttpMethod.GET,
                AdminRoute.PREFIX + "v1/jobs/" + job,
                request.headers(),
                Buffer.buffer())
            .map(answer -> answer.status() == 200 ? answer.body().toString() : nobody)
            .otherwise(nobody);
  }

  /** The job file is read, and its plan, noise and ledger run dry, off the event loop. */
  private Future<String> submit(HttpServerRequest request, String who) {
    var unused = coordinator.requireSubmissions();
    return bodies
        .read(
            request,
            JOB_BYTES,
            body ->
                off(
                    () ->
                        coordinator.submit(
                            who, JobFile.parse(JOB_FILE, text(body.getBytes()), List.of()))))
        .compose(this::on)
        .map(AdminJson::job);
  }

  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw AdminJson.malformed("The job file is not UTF-8 text.");
    }
  }

  private Future<String> say(String who, String job, JobControl.State to) {
    return on(coordinator.say(who, job, to)).map(AdminJson::job);
  }

  private String create(String who, AdminJson.TokenRequest asked, Instant now) {
    Tokens.Issued issued =
        desk.tokens()
            .create(who, asked.name(), asked.role(), Duration.ofDays(asked.days()), random);
    return AdminJson.issued(issued, now);
  }

  /** What was asked for and is not done has its own words; the rest is a failure. */
  private static Throwable refusal(Throwable failure) {
    if (failure instanceof TokenException refused) {
      Kind kind =
          switch (refused.code()) {
            case TokenException.UNKNOWN -> Kind.NOT_FOUND;
            case TokenException.TAKEN -> Kind.CONFLICT;
            default -> Kind.MALFORMED;
          };
      return new FrontDoorException(
          kind, refused.code(), String.valueOf(refused.getMessage()), "Correct the request.");
    }
    if (failure instanceof JobFileException refused) {
      return new FrontDoorException(
          Kind.MALFORMED,
          refused.code(),
          String.valueOf(refused.getMessage()),
          "Correct the job file.");
    }
    if (failure instanceof ServerException refused) {
      return new FrontDoorException(
          Kind.CONFLICT,
          refused.code(),
          String.valueOf(refused.getMessage()),
          "Correct the job file, or start the coordinator as the job needs it.");
    }
    if (failure instanceof StoreException store
        && store.code().equals(StoreException.AUDIT_LOG_DAMAGED)) {
      return new FrontDoorException(
          Kind.CONFLICT,
          store.code(),
          String.valueOf(store.getMessage()),
          "Nothing is done that the audit log cannot tell of.");
    }
    return failure;
  }

  private static long number(HttpServerRequest request, String name, long otherwise, long most) {
    String text;
    try {
      text = request.getParam(name);
    } catch (IllegalArgumentException e) {
      throw AdminJson.malformed("The query is not encoded as it must be.");
    }
    if (text == null) {
      return otherwise;
    }
    if (!text.matches("[1-9]\\d{0,17}") || Long.parseLong(text) > most) {
      throw AdminJson.malformed(name + " is a whole number from 1 to " + most + ".");
    }
    return Long.parseLong(text);
  }

  private <T> Future<T> off(Callable<T> work) {
    return blocking.run(work);
  }

  private <T> Future<T> on(CompletionStage<T> stage) {
    return Future.fromCompletionStage(stage, vertx.getOrCreateContext());
  }

  private static void answer(
      HttpServerRequest request, int status, String type, @Nullable String text) {
    Problems.discardRest(request);
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", type)
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Content-Type-Options", "nosniff")
        .end(text == null ? "" : text);
  }
}
