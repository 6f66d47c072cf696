package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.access.Permission;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.access.TokenSecret;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.store.AuditEntry;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The administration as any program would use it. */
@Timeout(120)
class AdminRoutesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SMALL = "cohort={size: 4, minimum: 3, population: 4}";

  /** Every status that was seen, by route: the description must have it. */
  private final Map<AdminRoute, Set<String>> seen = new HashMap<>();

  private final Map<Role, String> secrets = new EnumMap<>(Role.class);

  @TempDir Path directory;

  private Live live() {
    return live(Clock.systemUTC());
  }

  private Live live(Clock clock) {
    Job job = Jobs.plain(SMALL, "secureAggregation={mode: curious}");
    Live live = new Live(directory, job, 4, TrustAnchors.trustOnFirstUse(), clock);
    if (secrets.isEmpty()) {
      for (Role role : Role.values()) {
        secrets.put(role, create(live.store, role.word(), role));
      }
    }
    return live;
  }

  private static String create(Store store, String name, Role role) {
    return store
        .tokens()
        .create("test", name, role, Duration.ofDays(90), new SecureRandom())
        .secret()
        .reveal();
  }

  /** The path of a route with a name that is there. */
  private static String path(AdminRoute route) {
    return route.path().replace("{name}", route == AdminRoute.REVOKE_TOKEN ? "viewer" : "small");
  }

  private HttpResponse<byte[]> call(Live live, AdminRoute route, String secret, String body)
      throws Exception {
    return call(live, route, path(route), secret, body);
  }

  private HttpResponse<byte[]> call(
      Live live, AdminRoute route, String path, String secret, String body) throws Exception {
    var request =
        live.request(path).method(route.method(), BodyPublishers.ofByteArray(bytes(body)));
    if (secret != null) {
      request.header("Authorization", "Bearer " + secret);
    }
    HttpResponse<byte[]> response = live.send(request);
    seen.computeIfAbsent(route, any -> new TreeSet<>())
        .add(Integer.toString(response.statusCode()));
    return response;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode json(HttpResponse<byte[]> response) throws Exception {
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    return MAPPER.readTree(response.body());
  }

  private static void refused(HttpResponse<byte[]> response, int status, String code)
      throws Exception {
    JsonNode problem = json(response);
    assertThat(problem.path("code").asText()).isEqualTo(code);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(problem.path("message").asText()).isNotBlank();
    assertThat(problem.path("action").asText()).isNotBlank();
  }

  private JsonNode ok(Live live, AdminRoute route, Role role) throws Exception {
    HttpResponse<byte[]> response = call(live, route, secrets.get(role), "");
    assertThat(response.statusCode()).as("%s", new String(response.body())).isEqualTo(200);
    assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
    return json(response);
  }

  /** Route by route: without, malformed, another's, a client's and each role's credentials. */
  @Test
  void everyRoute_asksForTheRoleThatItTakes() throws Exception {
    try (Live live = live()) {
      String client = live.checkIn(live.identity()).substring("Bearer ".length());
      String revoked = create(live.store, "revoked", Role.OWNER);
      live.store.tokens().revoke("test", "revoked");
      String stranger = TokenSecret.draw(new SecureRandom()).reveal();
      for (AdminRoute route : AdminRoute.values()) {
        Permission permission = route.permission();
        if (permission == null) {
          assertThat(call(live, route, null, "").statusCode()).isEqualTo(200);
          continue;
        }
        refused(call(live, route, null, ""), 401, "admin-token-missing");
        for (String wrong : List.of("x", client, stranger, stranger.toUpperCase(), "'; --")) {
          refused(call(live, route, wrong, ""), 401, "admin-token-unknown");
        }
        refused(call(live, route, revoked, ""), 401, "admin-token-revoked");
        for (Role role : Role.values()) {
          if (!role.may(permission)) {
            refused(call(live, route, secrets.get(role), ""), 403, "role-forbids");
          }
        }
      }
      assertThat(live.store.auditLog().page(1, 100).entries())
          .as("nothing of all this was done")
          .extracting(AuditEntry::what)
          .containsOnly("trust-changed", "token-created", "token-revoked");
      // In the order of the routes a job is cancelled last, and the viewer loses its token.
      for (AdminRoute route : AdminRoute.values()) {
        for (Role role : Role.values()) {
          if (route.permission() != null && role.may(route.permission())) {
            assertThat(call(live, route, secrets.get(role), "").statusCode())
                .as("%s as %s", route, role)
                .isNotIn(401, 403);
          }
        }
      }
      for (String path : List.of("/v1/exchange", "/v1/models/" + "a".repeat(64))) {
        HttpResponse<byte[]> response =
            live.send(
                live.with("Bearer " + secrets.get(Role.OWNER), path)
                    .method(path.endsWith("e") ? "POST" : "GET", BodyPublishers.noBody()));
        assertThat(response.statusCode()).as("an owner is no client: %s", path).isEqualTo(401);
      }
      documented();
    }
  }

  @Test
  void token_thatHasExpired_isNotLetIn() throws Exception {
    live().close();
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(90).plusMinutes(1));
    try (Live live = live(later)) {
      for (AdminRoute route : AdminRoute.values()) {
        if (route.permission() != null) {
          refused(call(live, route, secrets.get(Role.OWNER), ""), 401, "admin-token-expired");
        }
      }
    }
  }

  @Test
  void unknownPathsAndJobs_areNotFound() throws Exception {
    try (Live live = live()) {
      for (String path :
          List.of("/admin/", "/admin/v1/users", "/admin/v2/jobs", "/admin/v1/jobs/")) {
        refused(live.send(live.request(path).GET()), 404, "path-unknown");
      }
      refused(live.send(live.request("/admin/v1/jobs").DELETE()), 404, "path-unknown");
      String owner = secrets.get(Role.OWNER);
      for (AdminRoute route :
          List.of(AdminRoute.JOB, AdminRoute.PAUSE, AdminRoute.RESUME, AdminRoute.CANCEL)) {
        String path = route.path().replace("{name}", "other");
        refused(call(live, route, path, owner, ""), 404, "job-unknown");
      }
      for (String name : List.of("..%2f..%2fsmall", "a".repeat(65), "A", "%00")) {
        String path = AdminRoute.JOB.path().replace("{name}", name);
        refused(call(live, AdminRoute.JOB, path, owner, ""), 404, "path-unknown");
      }
      documented();
    }
  }

  private static List<Member> members(Live live, List<Identity> identities) throws Exception {
    List<Member> members = new ArrayList<>();
    for (Identity identity : identities) {
      members.add(new Member(live, identity));
    }
    return members;
  }

  private static JobResult run(Live live, List<Member> members) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(members.size());
    try {
      members.forEach(threads::execute);
      return live.coordinator.done().get(50, TimeUnit.SECONDS);
    } finally {
      threads.shutdown();
      assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static List<Identity> four(Live live) {
    return List.of(live.identity(), live.identity(), live.identity(), live.identity());
  }

  /** A pause holds over a restart; nobody is asked until somebody resumes the job. */
  @Test
  void pausedJob_asksNobody_evenAfterARestart_untilItIsResumed() throws Exception {
    List<Identity> identities;
    try (Live live = live()) {
      identities = four(live);
      assertThat(ok(live, AdminRoute.JOB, Role.VIEWER).path("state").asText())
          .isEqualTo("waiting-for-clients");
      assertThat(ok(live, AdminRoute.PAUSE, Role.OPERATOR).path("state").asText())
          .isEqualTo("paused");
      List<Member> members = members(live, identities);
      // Longer than it takes to look for clients again.
      assertThat(members.get(0).poll(1000).getDeliveriesList()).isEmpty();
      assertThat(new String(live.send(live.request("/healthz").GET()).body()))
          .contains("state paused");
    }
    try (Live live = live()) {
      List<Member> members = members(live, identities);
      assertThat(members.get(0).poll(1000).getDeliveriesList()).isEmpty();
      JsonNode paused = ok(live, AdminRoute.JOB, Role.VIEWER);
      assertThat(paused.path("state").asText()).isEqualTo("paused");
      assertThat(paused.path("rounds").path("committed").asInt()).isZero();
      assertThat(paused.path("rounds").path("inFlight").isNull()).isTrue();

      assertThat(ok(live, AdminRoute.RESUME, Role.OPERATOR).path("state").asText())
          .isEqualTo("running");
      assertThat(run(live, members).completed()).isEqualTo(6);

      JsonNode over = ok(live, AdminRoute.JOBS, Role.AUDITOR).path("jobs").path(0);
      assertThat(over.path("state").asText()).isEqualTo("completed");
      assertThat(over.path("rounds").path("committed").asInt()).isEqualTo(6);
      assertThat(over.path("model").asText()).matches("[0-9a-f]{64}");
      refused(call(live, AdminRoute.PAUSE, secrets.get(Role.OWNER), ""), 409, "job-over");
      assertThat(live.store.auditLog().page(1, 100).entries())
          .filteredOn(entry -> entry.what().startsWith("job-"))
          .extracting(entry -> entry.who() + " " + entry.what())
          .containsExactly(
              "token operator job-paused", "coordinator job-begun", "token operator job-resumed");
      live.store.auditLog().verify(null);
      documented();
    }
  }

  @Test
  void cancelledJob_callsItsRoundOff_tellsItsClients_andStaysCancelled() throws Exception {
    List<Identity> identities;
    try (Live live = live()) {
      identities = four(live);
      List<Member> members = members(live, identities);
      members.get(0).offer();
      assertThat(ok(live, AdminRoute.JOB, Role.VIEWER).path("rounds").path("inFlight").asInt())
          .isEqualTo(1);

      JsonNode cancelled = ok(live, AdminRoute.CANCEL, Role.OPERATOR);

      assertThat(cancelled.path("state").asText()).isEqualTo("cancelled");
      assertThat(cancelled.path("reason").asText()).isEqualTo("cancelled by token operator");
      assertThat(cancelled.path("rounds").path("aborted").asInt()).isEqualTo(1);
      assertThat(live.coordinator.done().get(20, TimeUnit.SECONDS).outcome())
          .isEqualTo(JobResult.Outcome.CANCELLED);
      await().until(() -> members.get(1).poll(100).getFinished());
      refused(call(live, AdminRoute.RESUME, secrets.get(Role.OWNER), ""), 409, "job-over");
    }
    try (Live live = live()) {
      assertThat(live.coordinator.done().get(20, TimeUnit.SECONDS).outcome())
          .isEqualTo(JobResult.Outcome.CANCELLED);
      assertThat(members(live, identities).get(0).poll(100).getFinished()).isTrue();
    }
  }

  @Test
  void cancelledJob_beforeItBegan_neverBegins() throws Exception {
    try (Live live = live()) {
      Member early = new Member(live, live.identity());
      assertThat(ok(live, AdminRoute.CANCEL, Role.OWNER).path("state").asText())
          .isEqualTo("cancelled");
      assertThat(early.poll(100).getFinished()).isTrue();
      HttpResponse<byte[]> late =
          live.post("/v1/check-in", live.checkInRequest(live.identity(), new byte[0]));
      assertThat(Live.problem(late).getCode()).isEqualTo("population-closed");
    }
    try (Live live = live()) {
      JobResult result = live.coordinator.done().get(20, TimeUnit.SECONDS);
      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.CANCELLED);
      CoordinatorCommand.refuseNothing(result);
    }
  }

  @Test
  void auditLog_isReadInPages() throws Exception {
    try (Live live = live()) {
      JsonNode whole = ok(live, AdminRoute.AUDIT_LOG, Role.AUDITOR);
      assertThat(whole.path("entries")).hasSize(5);
      assertThat(whole.path("head").path("number").asInt()).isEqualTo(5);
      String auditor = secrets.get(Role.AUDITOR);
      String path = AdminRoute.AUDIT_LOG.path();
      JsonNode page = json(call(live, AdminRoute.AUDIT_LOG, path + "?from=2&limit=3", auditor, ""));
      assertThat(page.path("entries").findValuesAsText("number")).containsExactly("2", "3", "4");
      for (String query :
          List.of("from=0", "from=x", "limit=1001", "limit=-1", "from=" + "9".repeat(30))) {
        refused(
            call(live, AdminRoute.AUDIT_LOG, path + "?" + query, auditor, ""),
            400,
            "request-malformed");
      }
      documented();
    }
  }

  @Test
  void tokens_madeOverTheNet_workUntilTheyAreRevoked() throws Exception {
    try (Live live = live()) {
      String owner = secrets.get(Role.OWNER);
      HttpResponse<byte[]> made =
          call(
              live,
              AdminRoute.CREATE_TOKEN,
              owner,
              "{\"name\": \"carol\", \"role\": \"viewer\", \"days\": 2}");
      assertThat(made.statusCode()).isEqualTo(201);
      String secret = json(made).path("secret").asText();
      assertThat(call(live, AdminRoute.JOBS, secret, "").statusCode()).isEqualTo(200);
      String listed = ok(live, AdminRoute.TOKENS, Role.OWNER).toString();
      assertThat(listed).contains("carol").doesNotContain("secret", secret);
      refused(
          call(live, AdminRoute.CREATE_TOKEN, owner, "{\"name\": \"carol\", \"role\": \"owner\"}"),
          409,
          "token-name-taken");
      for (String body :
          List.of(
              "",
              "[]",
              "{",
              "{\"name\": 7, \"role\": \"viewer\"}",
              "{\"name\": \"d\", \"role\": \"root\"}",
              "{\"name\": \"d\", \"role\": \"viewer\", \"days\": 1.5}",
              "{\"name\": \"d\", \"role\": \"viewer\", \"days\": 99999999999}",
              "{\"name\": \"d\", \"role\": \"viewer\", \"admin\": true}",
              "{\"name\": \"d\", \"role\": \"viewer\"} {}",
              "[".repeat(4000))) {
        refused(call(live, AdminRoute.CREATE_TOKEN, owner, body), 400, "request-malformed");
      }
      refused(
          call(
              live,
              AdminRoute.CREATE_TOKEN,
              owner,
              "{\"name\": \"d\", \"role\": \"viewer\", \"days\": 0}"),
          400,
          "token-request-malformed");
      refused(call(live, AdminRoute.CREATE_TOKEN, owner, " ".repeat(4097)), 413, "body-too-large");
      String revoke = AdminRoute.REVOKE_TOKEN.path().replace("{name}", "carol");
      HttpResponse<byte[]> revoked = call(live, AdminRoute.REVOKE_TOKEN, revoke, owner, "");
      assertThat(json(revoked).path("state").asText()).isEqualTo("revoked");
      refused(call(live, AdminRoute.JOBS, secret, ""), 401, "admin-token-revoked");
      refused(
          call(live, AdminRoute.REVOKE_TOKEN, revoke.replace("carol", "dave"), owner, ""),
          404,
          "token-name-unknown");
      assertThat(live.store.auditLog().page(1, 100).entries())
          .filteredOn(entry -> entry.detail().contains("carol"))
          .extracting(entry -> entry.who() + " " + entry.what())
          .containsExactly("token owner token-created", "token owner token-revoked");
      documented();
    }
  }

  /** Nothing is done that the log cannot tell of; what only looks goes on. */
  @Test
  void damagedAuditLog_letsNoActThrough_andStopsNothing() throws Exception {
    live().close();
    try (var connection =
            java.sql.DriverManager.getConnection(
                "jdbc:sqlite:" + directory.resolve("tributary.db"));
        var sql = connection.createStatement()) {
      sql.executeUpdate("DELETE FROM audit_entry WHERE number = 5");
    }
    try (Live live = live()) {
      for (AdminRoute route : List.of(AdminRoute.PAUSE, AdminRoute.REVOKE_TOKEN)) {
        refused(call(live, route, secrets.get(Role.OWNER), ""), 409, "audit-log-damaged");
      }
      assertThat(ok(live, AdminRoute.JOB, Role.VIEWER).path("state").asText())
          .isEqualTo("waiting-for-clients");
      documented();
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> description() throws Exception {
    try (InputStream in = AdminRoutes.class.getResourceAsStream("openapi.yaml")) {
      return (Map<String, Object>) new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
    }
  }

  /** What the description says of a route. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> described(AdminRoute route) throws Exception {
    Map<String, Map<String, Object>> paths =
        (Map<String, Map<String, Object>>) description().get("paths");
    return (Map<String, Object>)
        paths.get(route.path()).get(route.method().toLowerCase(java.util.Locale.ROOT));
  }

  private void documented() throws Exception {
    for (Map.Entry<AdminRoute, Set<String>> each : seen.entrySet()) {
      Map<?, ?> responses = (Map<?, ?>) described(each.getKey()).get("responses");
      for (String status : each.getValue()) {
        if (!status.equals("404") || responses.containsKey("404")) {
          assertThat(responses.containsKey(status)).as("%s of %s", status, each.getKey()).isTrue();
        }
      }
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void description_isServed_andHasEveryRouteWithItsRoles_andNoOther() throws Exception {
    Map<String, Set<String>> routes = new LinkedHashMap<>();
    for (AdminRoute route : AdminRoute.values()) {
      routes
          .computeIfAbsent(route.path(), any -> new TreeSet<>())
          .add(route.method().toLowerCase(java.util.Locale.ROOT));
      List<String> roles =
          Arrays.stream(Role.values())
              .filter(role -> route.permission() != null && role.may(route.permission()))
              .map(Role::word)
              .toList();
      assertThat((List<String>) described(route).get("x-roles"))
          .as("%s", route)
          .containsExactlyInAnyOrderElementsOf(roles);
      Map<?, ?> responses = (Map<?, ?>) described(route).get("responses");
      assertThat(responses.containsKey("401")).isEqualTo(route.permission() != null);
      assertThat(responses.containsKey("429")).as("%s", route).isTrue();
      assertThat(responses.containsKey("403"))
          .isEqualTo(route.permission() != null && roles.size() < Role.values().length);
    }
    Map<String, Set<String>> paths = new LinkedHashMap<>();
    ((Map<String, Map<String, Object>>) description().get("paths"))
        .forEach(
            (path, methods) -> {
              Set<String> verbs = new TreeSet<>(methods.keySet());
              verbs.remove("parameters");
              paths.put(path, verbs);
            });
    assertThat(paths).isEqualTo(routes);
    assertThat(description()).containsEntry("openapi", "3.1.0");
    try (Live live = live()) {
      HttpResponse<byte[]> served = call(live, AdminRoute.DESCRIPTION, null, "");
      assertThat(served.body())
          .isEqualTo(AdminRoutes.class.getResourceAsStream("openapi.yaml").readAllBytes());
    }
  }

  /** References of the description lead somewhere. */
  @Test
  void description_refersToWhatItHas() throws Exception {
    String text = new String(AdminRoutes.class.getResourceAsStream("openapi.yaml").readAllBytes());
    var references = java.util.regex.Pattern.compile("\"#/([^\"]+)\"").matcher(text);
    int count = 0;
    while (references.find()) {
      Object at = description();
      for (String step : references.group(1).split("/")) {
        at = ((Map<?, ?>) at).get(step);
        assertThat(at).as(references.group()).isNotNull();
      }
      count++;
    }
    assertThat(count).isGreaterThan(30);
  }
}
