package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.tributary.coordinator.access.NodeProof;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Nodes;
import dev.tributary.coordinator.store.PostgresSettings;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.coordinator.store.TestPostgres;
import dev.tributary.nn.ModelFile;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three coordinators of one PostgreSQL: any of them serves any request, one runs a job. */
@Timeout(120)
class NodesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TrustAnchors ANYONE = TrustAnchors.trustOnFirstUse();
  private static final int CLIENTS = 4;
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: %s
      model: {input: [4], layers: [{dense: {units: 3, activation: softmax}}], loss: sparse_categorical_crossentropy}
      training: {batchSize: 5, optimizer: {sgd: {learningRate: 0.1}}}
      strategy: fedavg
      rounds: %d
      cohort: {size: 4, minimum: 3, population: 4, schedule: {participations: %d, separation: 1}}
      privacy: %s
      secureAggregation: {mode: curious, dropoutFraction: 0.2}
      deadline: 30s
      """;

  @TempDir static Path directory;
  private static final String SCHEMA = TestPostgres.schema();
  private static final PostgresSettings DATABASE =
      TestPostgres.settings(SCHEMA, Duration.ofMillis(1_500));
  private static final List<Live> NODES = new ArrayList<>();
  private static String operator = "";
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> running = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    for (int i = 0; i < 3; i++) {
      Path folder = Files.createDirectories(directory.resolve("node" + i));
      if (i > 0) {
        String key = "coordinator-key.pem";
        Files.copy(directory.resolve("node0").resolve(key), folder.resolve(key));
      }
      NODES.add(new Live(folder, DATABASE, ANYONE));
    }
    for (Live node : NODES) {
      node.spread = NODES;
      node.again = true;
    }
    operator = token("ann");
    await()
        .until(
            () ->
                NODES.stream()
                    .allMatch(
                        node ->
                            node.coordinator.cluster().view().live().size() == 3
                                && node.store.tokens().all().size() == 1));
  }

  @AfterEach
  void stop() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  @AfterAll
  static void close() {
    NODES.forEach(Live::close);
  }

  private static String token(String name) {
    return NODES
        .get(0)
        .store
        .tokens()
        .create("test", name, Role.OWNER, Duration.ofDays(1), new SecureRandom())
        .secret()
        .reveal();
  }

  private static int jobs(Live node, String token) throws Exception {
    return node.send(
            HttpRequest.newBuilder(
                    URI.create("https://127.0.0.1:" + node.port() + "/admin/v1/jobs"))
                .header("Authorization", "Bearer " + token)
                .GET())
        .statusCode();
  }

  private static String job(String name, int rounds) {
    return job(name, rounds, "{mechanism: none, clipNorm: 1}");
  }

  private static String job(String name, int rounds, String privacy) {
    return JOB.formatted(name, rounds, rounds, privacy);
  }

  private HttpRequest.Builder admin(Live node, String path) {
    return HttpRequest.newBuilder(
            URI.create("https://127.0.0.1:" + node.port() + "/admin/v1/" + path))
        .header("Authorization", "Bearer " + operator);
  }

  private void submit(Live node, String file) throws Exception {
    HttpResponse<byte[]> response =
        node.send(
            admin(node, "jobs")
                .POST(BodyPublishers.ofByteArray(file.getBytes(StandardCharsets.UTF_8))));
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(201);
  }

  private JsonNode status(Live node, String job) throws Exception {
    return MAPPER.readTree(node.send(admin(node, "jobs/" + job).GET()).body());
  }

  private List<Member> members(String job, List<Identity> identities) throws Exception {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < identities.size(); i++) {
      Live node = NODES.get(i % NODES.size());
      members.add(known(node, node.checkInTo(job, identities.get(i))));
    }
    return members;
  }

  /**
   * A member once its node knows the key of its token, which another may have made: nodes look for
   * keys that they do not know once in a while, and until then the SDK would check in again.
   */
  private static Member known(Live node, String token) {
    await()
        .until(
            () ->
                node.exchangeRaw(token, ExchangeRequest.getDefaultInstance()).statusCode() != 401);
    return new Member(node, token);
  }

  private List<Identity> identities() {
    Live node = NODES.get(0);
    return List.of(node.identity(), node.identity(), node.identity(), node.identity());
  }

  private void run(List<Member> members) {
    members.forEach(each -> running.add(threads.submit(each)));
  }

  /** Waits for the end of a job; a client that gave up says why. */
  private void ends(String job) {
    await()
        .atMost(Duration.ofSeconds(60))
        .failFast(
            () -> {
              for (Future<?> each : running) {
                if (each.isDone()) {
                  each.get();
                }
              }
            })
        .until(() -> status(NODES.get(1), job).path("state").asText(), "completed"::equals);
  }

  private String owner(String job) {
    Nodes.Owner owner = NODES.get(0).store.sharing().view().owners().get(job);
    return owner == null ? "" : owner.node();
  }

  private Live node(String id) {
    return NODES.stream()
        .filter(node -> node.coordinator.cluster().id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  /** Whoever runs it is not heard of until another does. */
  private Live lapse(String job) {
    String before = owner(job);
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              TestPostgres.run(
                  "UPDATE " + SCHEMA + ".node SET expires = 0 WHERE id = '" + before + "'");
              String now = owner(job);
              return !now.isEmpty() && !now.equals(before);
            });
    return node(before);
  }

  /** Every round has all clients in it once: each moves every parameter by the same. */
  private void check(Job job, boolean equalMoves) {
    Store store = NODES.get(2).store;
    TaskStore task = store.task(job.name(), Planner.budget(job));
    List<RoundRecord> rounds = task.rounds();
    assertThat(rounds)
        .hasSize(job.rounds())
        .allMatch(round -> round.state() == RoundRecord.State.COMMITTED)
        .allMatch(round -> round.report().contains("\"survivors\":" + CLIENTS));
    store.ledger(Planner.budget(job).population());
    store.auditLog().verify(null);
    if (equalMoves) {
      float[] before = parameters(store, task.find().orElseThrow().initialModel());
      for (RoundRecord round : rounds) {
        float[] after = parameters(store, round.model());
        for (int i = 0; i < after.length; i++) {
          assertThat((double) after[i] - before[i])
              .as("round %d", round.round())
              .isBetween(0.1, 0.15);
        }
        before = after;
      }
    }
  }

  private static float[] parameters(Store store, String digest) {
    return ModelFile.parse(store.blobs().read(digest)).parameters();
  }

  @Test
  void anyNode_servesAnyRequest() throws Exception {
    submit(NODES.get(0), job("any", 4));
    List<Identity> identities = identities();
    List<Member> members = members("any", identities);
    Envelope offer = members.get(0).offer();
    members.get(0).answer(offer);
    for (Live node : NODES) {
      JsonNode status = status(node, "any");
      assertThat(status.path("rounds").path("inFlight").asInt()).as("%s", status).isEqualTo(1);
      JsonNode list = MAPPER.readTree(node.send(admin(node, "jobs").GET()).body());
      assertThat(list.path("jobs").findValuesAsText("name")).contains("any");
      assertThat(new String(node.send(node.request("/healthz").GET()).body()))
          .contains("of 3 that live");
    }
    for (String what : List.of("pause", "resume")) {
      HttpResponse<byte[]> said =
          NODES.get(2).send(admin(NODES.get(2), "jobs/any/" + what).POST(BodyPublishers.noBody()));
      assertThat(said.statusCode()).isEqualTo(200);
    }
    run(members);
    ends("any");
    check(JobFile.parse("any.yaml", job("any", 4), List.of()), true);

    String bob = token("bob");
    await().until(() -> jobs(NODES.get(2), bob), Integer.valueOf(200)::equals);
    NODES.get(0).store.tokens().revoke("test", "bob");
    await().until(() -> jobs(NODES.get(2), bob), Integer.valueOf(401)::equals);
  }

  /** Its uploads are rows: the disk of the former owner is of no use to it. */
  @Test
  void owner_isNotHeardOf_theSameRoundGoesOnElsewhere() throws Exception {
    submit(NODES.get(0), job("moves", 3));
    Live former = node(owner("moves"));
    assertThat(former).isSameAs(NODES.get(0));
    List<Member> members = members("moves", identities());
    Envelope offer = members.get(0).offer();
    members.get(0).answer(offer);
    members.get(1).answer(members.get(1).offer());

    assertThat(lapse("moves")).isSameAs(former);
    assertThat(owner("moves")).isNotEqualTo(former.coordinator.cluster().id());
    await().until(() -> former.said.toString().contains("goes on at another coordinator"));

    // Clients that talk to it are served as by any other.
    Member third = members.get(2);
    Envelope again = third.offer();
    assertThat(again.getSession()).isEqualTo(offer.getSession());
    third.answer(again);
    run(members);
    ends("moves");
    check(JobFile.parse("moves.yaml", job("moves", 3), List.of()), true);
  }

  /**
   * The database ends a session while a client's message waits for it: it is asked to try again.
   */
  @Test
  void databaseFailsUnderAMessage_theCoordinatorGoesOn() throws Exception {
    submit(NODES.get(0), job("fails", 3));
    Live owner = node(owner("fails"));
    List<Member> members = members("fails", identities());
    Envelope offer = members.get(0).offer();
    Plan plan = Plan.parse(offer.getOffer().getPlan().toByteArray());
    ExchangeRequest.Builder message =
        ExchangeRequest.newBuilder().addMessages(members.get(0).input(offer, plan).message());
    Future<ExchangeReply> reply;
    try (Connection connection = DriverManager.getConnection(DATABASE.url(), DATABASE.user(), "");
        Statement sql = connection.createStatement()) {
      connection.setAutoCommit(false);
      sql.execute("LOCK TABLE input_part IN ACCESS EXCLUSIVE MODE");
      reply = threads.submit(() -> owner.exchange(members.get(0).token(), message));
      await()
          .until(
              () ->
                  TestPostgres.number(
                          "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE"
                              + " wait_event_type = 'Lock' AND query LIKE '%FROM input_part%'")
                      > 0);
      connection.rollback();
    }

    assertThat(reply.get().getReceipts(0).getCode()).isEqualTo("input-missing");
    members.get(0).answer(offer);
    run(members);
    ends("fails");
    check(JobFile.parse("fails.yaml", job("fails", 3), List.of()), true);
  }

  /** Each round of two jobs appends to one ledger, from two coordinators at once. */
  @Test
  void twoJobsOfOnePopulation_onTwoNodes_keepOneLedger() throws Exception {
    String privacy =
        "{population: phones, unit: user, epsilon: %d, populationEpsilon: 60, delta: 1e-5, clipNorm: 1.0, mechanism:"
            + " distributed-discrete-gaussian, colluders: 1, noiseMultiplier: 2}";
    String one = job("one", 4, privacy.formatted(30));
    String two = job("two", 4, privacy.formatted(30));
    submit(NODES.get(0), one);
    submit(NODES.get(1), two);
    assertThat(owner("one")).isNotEqualTo(owner("two"));
    run(members("one", identities()));
    run(members("two", identities()));
    ends("one");
    ends("two");
    check(JobFile.parse("one.yaml", one, List.of()), false);
    check(JobFile.parse("two.yaml", two, List.of()), false);
  }

  /** A client that came to a job that has begun; while the job moves it has to ask again. */
  private static Member joined(Live live, String job) throws Exception {
    Identity identity = live.identity();
    AtomicReference<ByteString> token = new AtomicReference<>(ByteString.EMPTY);
    await()
        .until(
            () -> {
              HttpResponse<byte[]> reply =
                  live.post(
                      "/v1/jobs/" + job + "/check-in", live.checkInRequest(identity, new byte[0]));
              if (reply.statusCode() == 200) {
                token.set(CheckInReply.parseFrom(reply.body()).getToken());
              }
              return !token.get().isEmpty();
            });
    return known(live, "Bearer " + HexFormat.of().formatHex(token.get().toByteArray()));
  }

  /** Who joined and who left stands in tables, so the next coordinator draws as this one would. */
  @Test
  void whoJoinedAndWhoLeft_areKnownToWhoeverTakesTheJobOver() throws Exception {
    String file =
        job("joins", 9).replace("population: 4,", "population: 6, joining: between-passes,");
    submit(NODES.get(0), file);
    Live live = NODES.get(0);
    List<Identity> founders = new ArrayList<>();
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      founders.add(live.identity());
      members.add(new Member(live, live.checkInTo("joins", founders.get(i))));
    }
    TaskStore task = live.store.task("joins", Planner.budget(JobFile.parse("j", file, List.of())));
    await().until(() -> !task.rounds().isEmpty());
    List<Integer> asked = task.rounds().get(0).cohort();
    int leaver = IntStream.range(0, 6).filter(each -> !asked.contains(each)).findFirst().orElse(-1);
    members.add(joined(live, "joins"));
    CheckInRequest leaves = live.withdrawal(founders.get(leaver), System.currentTimeMillis());
    assertThat(live.post("/v1/withdraw", leaves).statusCode()).isEqualTo(200);

    // Who had it may answer from memory until it has heard.
    Live former = lapse("joins");
    await().until(() -> former.said.toString().contains("joins   the job goes on at another"));
    members.add(joined(live, "joins"));
    assertThat(task.places().subList(6, 8))
        .allMatch(place -> place.turns() > 0 && place.after() > 0 && !place.left());
    JsonNode clients = status(NODES.get(1), "joins").path("clients");
    assertThat(clients)
        .isEqualTo(MAPPER.readTree("{\"enrolled\":7,\"awaited\":8,\"joined\":2,\"left\":1}"));
    members.remove(leaver);
    run(members);
    ends("joins");

    List<RoundRecord> rounds = task.rounds();
    assertThat(rounds).hasSize(9).noneMatch(round -> round.cohort().contains(leaver));
    assertThat(task.places().get(leaver).left()).isTrue();
    for (int joiner : List.of(6, 7)) {
      assertThat(rounds).filteredOn(round -> round.cohort().contains(joiner)).hasSizeGreaterThan(2);
      assertThat(members.get(joiner - 1).answered).hasSizeGreaterThan(2);
    }
  }

  /** Whoever was asked is not the one any more: the client is to ask again, and not to give up. */
  @Test
  void requestsForwardedToWhoeverHadTheJob_areToBeMadeAgain() throws Exception {
    submit(NODES.get(0), job("stale", 2));
    Live late = NODES.get(2);
    CountDownLatch looks = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    late.coordinator
        .cluster()
        .onLook(
            view -> {
              if (view.owners().containsKey("stale") && goesOn.getCount() > 0) {
                looks.countDown();
                try {
                  goesOn.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            });
    try {
      assertThat(looks.await(20, TimeUnit.SECONDS)).isTrue();
      Live former = lapse("stale");
      await().until(() -> former.said.toString().contains("stale   the job goes on at another"));
      late.again = false;
      HttpResponse<byte[]> status = late.send(admin(late, "jobs/stale").GET());
      assertThat(status.statusCode()).as(new String(status.body())).isEqualTo(503);
      HttpResponse<byte[]> checkIn =
          late.send(
              HttpRequest.newBuilder(
                      URI.create("https://127.0.0.1:" + late.port() + "/v1/jobs/stale/check-in"))
                  .POST(
                      BodyPublishers.ofByteArray(
                          late.checkInRequest(late.identity(), new byte[0]).toByteArray())));
      assertThat(Live.problem(checkIn).getCode()).isEqualTo("job-moving");
    } finally {
      late.again = true;
      goesOn.countDown();
    }
    assertThat(status(late, "stale").path("state").asText()).isEqualTo("waiting-for-clients");
  }

  /** Its number there is another member's here, whose upload would go to the other job. */
  @Test
  void sessionOfAnotherJob_takesNoUploadOfAMember() throws Exception {
    submit(NODES.get(0), job("mine", 2));
    submit(NODES.get(0), job("theirs", 2));
    List<Member> mine = members("mine", identities());
    List<Member> theirs = members("theirs", identities());
    Envelope offer = mine.get(0).offer();
    ByteString session = offer.getSession();
    theirs.get(0).answer(theirs.get(0).offer());
    Live node = NODES.get(0);
    assertThat(node.head(mine.get(0).token(), session).statusCode()).isEqualTo(200);
    for (Member stranger : theirs) {
      assertThat(node.head(stranger.token(), session).statusCode()).isEqualTo(410);
    }
    mine.get(0).answer(offer);
    run(mine);
    run(theirs);
    ends("mine");
    ends("theirs");
    check(JobFile.parse("mine.yaml", job("mine", 2), List.of()), true);
  }

  @Test
  void withdrawal_atAnotherNode_isHeardByTheOwner() throws Exception {
    submit(NODES.get(0), job("left", 2));
    List<Identity> identities = identities();
    Member leaver = members("left", identities).get(3);
    Plan plan = Plan.parse(leaver.offer().getOffer().getPlan().toByteArray());
    Callable<List<Integer>> models =
        () -> {
          List<Integer> statuses = new ArrayList<>();
          for (Live node : NODES) {
            String model = "https://127.0.0.1:" + node.port() + "/v1/models/" + plan.modelDigest();
            HttpRequest.Builder asked = HttpRequest.newBuilder(URI.create(model));
            asked.header("Authorization", leaver.token());
            statuses.add(node.send(asked.GET()).statusCode());
          }
          return statuses;
        };
    assertThat(models.call()).containsOnly(200);
    await().until(() -> status(NODES.get(1), "left").path("state").asText(), "running"::equals);
    Live elsewhere = NODES.get(2);
    CheckInRequest leaves = elsewhere.withdrawal(identities.get(3), System.currentTimeMillis());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create("https://127.0.0.1:" + elsewhere.port() + "/v1/withdraw"));
    assertThat(
            elsewhere
                .send(request.POST(BodyPublishers.ofByteArray(leaves.toByteArray())))
                .statusCode())
        .isEqualTo(200);
    assertThat(models.call()).containsOnly(401);
    await().until(() -> NODES.get(0).said.toString().contains("has withdrawn"));
    assertThat(
            elsewhere
                .send(request.POST(BodyPublishers.ofByteArray(leaves.toByteArray())))
                .statusCode())
        .as("it may be repeated")
        .isEqualTo(200);
  }

  @Test
  void nonce_heardByOneNode_isNoCheckInAtAnother() throws Exception {
    submit(NODES.get(0), job("nonce", 2));
    CheckInRequest request = NODES.get(0).checkInRequest(NODES.get(0).identity(), new byte[0]);
    List<Integer> statuses = new ArrayList<>();
    for (Live node : NODES) {
      statuses.add(node.post("/v1/jobs/nonce/check-in", request).statusCode());
    }
    assertThat(statuses).containsExactly(200, 403, 403);
  }

  /** What coordinators spare one another, nobody else is spared. */
  @Test
  void proof_ofAnotherKey_opensNothing() throws Exception {
    submit(NODES.get(0), job("proof", 2));
    Live live = NODES.get(0);
    CheckInRequest forged =
        live.checkInRequest(live.identity(), new byte[0]).toBuilder()
            .setSignature(ByteString.copyFrom(new byte[64]))
            .build();
    String path = "/v1/jobs/proof/check-in";
    for (ByteString key : List.of(ByteString.copyFrom(new byte[32]), live.store.sharing().key())) {
      String proof = new NodeProof(key).of("POST", path, Instant.now());
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + live.port() + path))
              .header(NodeProxy.PROOF, proof)
              .POST(BodyPublishers.ofByteArray(forged.toByteArray()));
      boolean ours = key.equals(live.store.sharing().key());
      assertThat(live.send(request).statusCode()).isEqualTo(ours ? 200 : 403);
    }
  }

  /** An executor makes no more looks after one that failed with an error, and tells nobody. */
  @Test
  void look_thatFailsWithAnError_endsTheCoordinator() throws Exception {
    PostgresSettings own = TestPostgres.settings(TestPostgres.schema(), Duration.ofMillis(1_500));
    try (Live node = new Live(directory.resolve("blind"), own, ANYONE)) {
      Objects.requireNonNull(node.coordinator.cluster())
          .onLook(
              view -> {
                throw new NoClassDefFoundError("com/example/Look");
              });
      assertThatThrownBy(() -> node.coordinator.left().get(20, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(NoClassDefFoundError.class);
    }
  }

  @Test
  void open_withAnotherKey_isRefusedAndSaysWhatToDo() {
    assertThatThrownBy(() -> new Live(directory.resolve("other"), DATABASE, ANYONE))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo(StoreException.OTHER_KEY))
        .hasMessageContaining("coordinator-key.pem");
  }
}
