package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.tributary.coordinator.Evaluator;
import dev.tributary.coordinator.JobHost;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.AuditEntry;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.ModelFile;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator that runs several submitted jobs at once. */
@Timeout(120)
class ManyJobsTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int CLIENTS = 4;
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path directory;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private String operator = "";
  private String viewer = "";

  @AfterEach
  void stop() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  private static String job(String name, int inputs, int rounds, String privacy, String mode) {
    return """
        apiVersion: tributary/v1
        name: %s
        model: {input: [%d], layers: [{dense: {units: 3, activation: softmax}}], loss: sparse_categorical_crossentropy}
        training: {batchSize: 5, optimizer: {sgd: {learningRate: 0.1}}}
        strategy: fedavg
        rounds: %d
        cohort: {size: 4, minimum: 3, population: %d, schedule: {participations: %d, separation: 1}}
        privacy: %s
        secureAggregation: {mode: %s, dropoutFraction: 0.2}
        deadline: 20s
        """
        .formatted(name, inputs, rounds, CLIENTS, rounds, privacy, mode);
  }

  private static String job(String name, int inputs, int rounds) {
    return job(name, inputs, rounds, "{mechanism: none, clipNorm: 1}", "curious");
  }

  private Live live() {
    return live(TrustAnchors.trustOnFirstUse());
  }

  private Live live(TrustAnchors trust) {
    Live live = new Live(directory, trust);
    if (operator.isEmpty()) {
      operator = token(live.store, Role.OPERATOR);
      viewer = token(live.store, Role.VIEWER);
    }
    return live;
  }

  private static String token(Store store, Role role) {
    return store
        .tokens()
        .create("test", role.word(), role, Duration.ofDays(1), RANDOM)
        .secret()
        .reveal();
  }

  private HttpResponse<byte[]> submit(Live live, byte[] file) throws Exception {
    return live.send(
        live.with("Bearer " + operator, "/admin/v1/jobs").POST(BodyPublishers.ofByteArray(file)));
  }

  private void submitted(Live live, String file) throws Exception {
    HttpResponse<byte[]> response = submit(live, bytes(file));
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(201);
    assertThat(MAPPER.readTree(response.body()).path("state").asText())
        .isEqualTo("waiting-for-clients");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void refused(HttpResponse<byte[]> response, int status, String code)
      throws Exception {
    JsonNode problem = MAPPER.readTree(response.body());
    assertThat(problem.path("code").asText()).as("%s", problem).isEqualTo(code);
    assertThat(response.statusCode()).isEqualTo(status);
  }

  private JsonNode status(Live live, String job) throws Exception {
    return MAPPER.readTree(
        live.send(live.with("Bearer " + viewer, "/admin/v1/jobs/" + job).GET()).body());
  }

  private String state(Live live, String job) throws Exception {
    return status(live, job).path("state").asText();
  }

  private void say(Live live, String job, String what) throws Exception {
    HttpResponse<byte[]> response =
        live.send(
            live.with("Bearer " + operator, "/admin/v1/jobs/" + job + "/" + what)
                .POST(BodyPublishers.noBody()));
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(200);
  }

  private static List<Identity> identities(Live live) {
    return List.of(live.identity(), live.identity(), live.identity(), live.identity());
  }

  private static List<Member> members(Live live, String job, List<Identity> identities)
      throws Exception {
    List<Member> members = new ArrayList<>();
    for (Identity identity : identities) {
      members.add(new Member(live, live.checkInTo(job, identity)));
    }
    return members;
  }

  private void ends(Live live, String job, String how) {
    await().atMost(Duration.ofSeconds(60)).until(() -> state(live, job), how::equals);
  }

  /** How far each parameter has moved, from the first model to the last. */
  private static float[] moved(Store store, Job job) {
    TaskStore task = store.task(job.name(), Planner.budget(job));
    List<RoundRecord> rounds = task.rounds();
    assertThat(rounds)
        .hasSize(job.rounds())
        .allMatch(round -> round.state() == RoundRecord.State.COMMITTED);
    float[] first = parameters(store, task.find().orElseThrow().initialModel());
    float[] last = parameters(store, rounds.get(rounds.size() - 1).model());
    for (int i = 0; i < last.length; i++) {
      last[i] -= first[i];
    }
    return last;
  }

  private static float[] parameters(Store store, String digest) {
    return ModelFile.parse(store.blobs().read(digest)).parameters();
  }

  private float[] movedAlone(Job job) throws Exception {
    try (Live live =
        new Live(directory.resolve(job.name()), job, CLIENTS, TrustAnchors.trustOnFirstUse())) {
      for (Identity identity : identities(live)) {
        threads.submit(new Member(live, identity));
      }
      live.coordinator.done().get(50, TimeUnit.SECONDS);
      return moved(live.store, job);
    }
  }

  /** First models are drawn at random; what the rounds add to them is determined, but for grids. */
  @Test
  void twoJobs_atOnce_eachComesToTheModelThatItComesToAlone() throws Exception {
    String narrow = job("narrow", 4, 6);
    String wide = job("wide", 9, 3);
    try (Live live = live()) {
      submitted(live, narrow);
      submitted(live, wide);
      List<Member> ofNarrow = members(live, "narrow", identities(live));
      List<Member> ofWide = members(live, "wide", identities(live));
      Envelope one = ofNarrow.get(0).offer();
      Envelope other = ofWide.get(0).offer();
      assertThat(one.getSession()).isNotEqualTo(other.getSession());
      assertThat(status(live, "narrow").path("rounds").path("inFlight").asInt()).isEqualTo(1);
      assertThat(status(live, "wide").path("rounds").path("inFlight").asInt()).isEqualTo(1);
      assertThat(new String(live.send(live.request("/healthz").GET()).body()))
          .startsWith("ok")
          .contains("job narrow", "job wide", "clients 4 of 4");
      ofNarrow.get(0).answer(one);
      ofWide.get(0).answer(other);
      ofNarrow.forEach(threads::submit);
      ofWide.forEach(threads::submit);
      ends(live, "narrow", "completed");
      ends(live, "wide", "completed");

      assertThat(live.metrics.scrape())
          .contains("tributary_rounds_total{job=\"narrow\",outcome=\"committed\"} 6.0")
          .contains("tributary_rounds_total{job=\"wide\",outcome=\"committed\"} 3.0");
      assertThat(live.said.toString())
          .contains(
              "narrow   job narrow: 6 rounds", "narrow   round 6 of 6", "wide   round 3 of 3");
      for (String file : List.of(narrow, wide)) {
        Job job = JobFile.parse("job.yaml", file, List.of());
        float[] together = moved(live.store, job);
        float[] alone = movedAlone(job);
        assertThat(together).hasSameSizeAs(alone);
        for (int i = 0; i < alone.length; i++) {
          assertThat(together[i]).isCloseTo(alone[i], within(1e-2f)).isNotZero();
        }
      }
    }
  }

  /**
   * Two jobs of one population spend from one ledger, each its part, and neither loses a charge.
   */
  @Test
  void twoJobs_ofOnePopulation_shareItsLedger() throws Exception {
    String privacy =
        "{mechanism: distributed-discrete-gaussian, epsilon: 40, populationEpsilon: 100, delta:"
            + " 1e-5, clipNorm: 1, population: phones}";
    try (Live live = live()) {
      submitted(live, job("one", 4, 3, privacy, "curious"));
      submitted(live, job("two", 4, 3, privacy, "curious"));
      members(live, "one", identities(live)).forEach(threads::submit);
      members(live, "two", identities(live)).forEach(threads::submit);
      ends(live, "one", "completed");
      ends(live, "two", "completed");

      Job one = JobFile.parse("job.yaml", job("one", 4, 3, privacy, "curious"), List.of());
      TaskStore.Spent spent = live.store.task("reader", Planner.budget(one)).spent();
      assertThat(live.store.ledger("phones").curve()).hasSize(6);
      refused(
          submit(
              live,
              bytes(
                  job(
                      "three",
                      4,
                      3,
                      privacy.replace("40", "200").replace("100", "200"),
                      "curious"))),
          409,
          "budget-exceeded");
      refused(
          submit(
              live, bytes(job("three", 4, 3).replace("clipNorm", "population: phones, clipNorm"))),
          409,
          "ledger-damaged");
      assertThat(spent.released().epsilon()).isGreaterThan(40);
      live.store.auditLog().verify(null);
    }
  }

  @Test
  void oneJob_pausedOrCancelled_doesNotStopTheOther() throws Exception {
    try (Live live = live()) {
      submitted(live, job("paused", 4, 6));
      submitted(live, job("cancelled", 4, 6));
      submitted(live, job("goes-on", 4, 6));
      say(live, "paused", "pause");
      List<Member> waiting = members(live, "paused", identities(live));
      List<Member> leaving = members(live, "cancelled", identities(live));
      leaving.get(0).offer();
      say(live, "cancelled", "cancel");

      members(live, "goes-on", identities(live)).forEach(threads::submit);
      ends(live, "goes-on", "completed");

      assertThat(state(live, "paused")).isEqualTo("paused");
      assertThat(status(live, "paused").path("rounds").path("committed").asInt()).isZero();
      assertThat(waiting.get(0).poll(100).getFinished()).isFalse();
      assertThat(state(live, "cancelled")).isEqualTo("cancelled");
      await().until(() -> leaving.get(1).poll(100).getFinished());
      say(live, "paused", "resume");
      waiting.forEach(threads::submit);
      ends(live, "paused", "completed");
    }
  }

  /**
   * The first is closed in the middle of both rounds, without a farewell; a submitted one waits.
   */
  @Test
  void restart_withTwoRoundsInFlight_goesOnWithBoth_andWithWhatWasSubmitted() throws Exception {
    List<Identity> ofOne;
    List<Identity> ofTwo;
    CheckInRequest heard;
    Set<ByteString> answered = new HashSet<>();
    try (Live live = live()) {
      submitted(live, job("one", 4, 2));
      submitted(live, job("two", 9, 2));
      submitted(live, job("three", 4, 2));
      ofOne = identities(live);
      ofTwo = identities(live);
      heard = live.checkInRequest(ofOne.get(0), new byte[0]);
      assertThat(live.post("/v1/jobs/one/check-in", heard).statusCode()).isEqualTo(200);
      for (List<Member> members :
          List.of(members(live, "one", ofOne), members(live, "two", ofTwo))) {
        members.get(0).answer(members.get(0).offer());
        members.get(1).answer(members.get(1).offer());
        answered.addAll(members.get(0).answered);
      }
    }
    try (Live live = live()) {
      for (String job : List.of("one", "two", "three")) {
        HttpResponse<byte[]> replay = live.post("/v1/jobs/" + job + "/check-in", heard);
        assertThat(Live.problem(replay).getCode())
            .isEqualTo(job.equals("two") ? "population-closed" : "check-in-replayed");
      }
      for (List<Member> members :
          List.of(members(live, "one", ofOne), members(live, "two", ofTwo))) {
        members.get(0).answered.addAll(answered);
        members.get(1).answered.addAll(answered);
        members.forEach(threads::submit);
      }
      ends(live, "one", "completed");
      ends(live, "two", "completed");
      for (String job : List.of("one", "two")) {
        assertThat(status(live, job).path("rounds").path("committed").asInt()).isEqualTo(2);
        assertThat(status(live, job).path("rounds").path("aborted").asInt()).isZero();
      }
      assertThat(live.said.toString()).contains("one   round 1", "two   round 1");
      assertThat(state(live, "three")).isEqualTo("waiting-for-clients");
    }
    try (Live live = live()) {
      ends(live, "one", "completed");
      assertThat(new Member(live, live.checkInTo("one", ofOne.get(0))).poll(100).getFinished())
          .isTrue();
      HttpResponse<byte[]> again = submit(live, bytes(job("one", 4, 2)));
      refused(again, 409, "job-name-taken");
    }
  }

  /** A client that names no job is in the only one that is open, or is told to name one. */
  @Test
  void client_thatNamesNoJob_isLetInWhereItIsClearWhich() throws Exception {
    try (Live live = live()) {
      CheckInRequest early = live.checkInRequest(live.identity(), new byte[0]);
      HttpResponse<byte[]> none = live.post("/v1/check-in", early);
      assertThat(none.statusCode()).isEqualTo(503);
      assertThat(none.headers().firstValue("Retry-After")).isPresent();
      assertThat(Live.problem(none).getCode()).isEqualTo("no-job-open");
      assertThat(new String(live.send(live.request("/healthz").GET()).body()))
          .isEqualTo("ok\nno job is open\n");

      submitted(live, job("one", 4, 6));
      assertThat(live.post("/v1/check-in", early).statusCode()).isEqualTo(200);
      submitted(live, job("two", 4, 6));
      CheckInRequest late = live.checkInRequest(live.identity(), new byte[0]);
      HttpResponse<byte[]> unclear = live.post("/v1/check-in", late);
      assertThat(unclear.statusCode()).isEqualTo(403);
      assertThat(Live.problem(unclear).getCode()).isEqualTo("job-unnamed");
      HttpResponse<byte[]> unknown = live.post("/v1/jobs/three/check-in", late);
      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(Live.problem(unknown).getCode()).isEqualTo("job-unknown");
      for (String name : List.of("..", "One", "a%2fb", "a".repeat(65))) {
        assertThat(Live.problem(live.post("/v1/jobs/" + name + "/check-in", late)).getCode())
            .as(name)
            .isEqualTo("path-unknown");
      }
      assertThat(live.post("/v1/jobs/two/check-in", late).statusCode()).isEqualTo(200);
      assertThat(status(live, "one").path("clients").path("enrolled").asInt()).isEqualTo(1);
      assertThat(status(live, "two").path("clients").path("enrolled").asInt()).isEqualTo(1);
      say(live, "two", "cancel");
      assertThat(
              live.post("/v1/check-in", live.checkInRequest(live.identity(), new byte[0]))
                  .statusCode())
          .isEqualTo(200);
      assertThat(status(live, "one").path("clients").path("enrolled").asInt()).isEqualTo(2);
    }
  }

  /** A token leads to its own job: the other's sessions and models are not there. */
  @Test
  void token_ofOneJob_opensNothingOfTheOther() throws Exception {
    try (Live live = live()) {
      submitted(live, job("one", 4, 6));
      submitted(live, job("two", 9, 6));
      List<Member> ofOne = members(live, "one", identities(live));
      List<Member> ofTwo = members(live, "two", identities(live));
      Envelope offer = ofOne.get(0).offer();
      String stranger = ofTwo.get(0).token();
      assertThat(live.put(stranger, offer.getSession(), 0, new byte[4]).statusCode())
          .isEqualTo(410);
      String model = status(live, "one").path("model").asText();
      assertThat(
              live.send(live.with(ofOne.get(0).token(), "/v1/models/" + model).GET()).statusCode())
          .isEqualTo(200);
      assertThat(live.send(live.with(stranger, "/v1/models/" + model).GET()).statusCode())
          .isEqualTo(404);
      assertThat(
              live.exchange(
                      stranger,
                      ExchangeRequest.newBuilder()
                          .addMessages(
                              Envelope.newBuilder()
                                  .setSession(offer.getSession())
                                  .setDecline(
                                      dev.tributary.wire.v1.Decline.newBuilder().setCode("no"))))
                  .getReceipts(0)
                  .getCode())
          .isEqualTo("round-over");
    }
  }

  @Test
  void submit_whatCannotRun_isRefusedByName_andLeavesNothing() throws Exception {
    try (Live live = live()) {
      submitted(live, job("there", 4, 6));
      say(live, "there", "cancel");
      String good = job("new", 4, 6);
      refused(submit(live, bytes(job("there", 4, 6))), 409, "job-name-taken");
      refused(submit(live, bytes("")), 400, "job-syntax");
      refused(submit(live, bytes("a: [")), 400, "job-syntax");
      refused(submit(live, new byte[] {(byte) 0xc3, 0x28}), 400, "request-malformed");
      refused(submit(live, bytes(good + "extra: 1\n")), 400, "job-unknown-key");
      refused(submit(live, bytes(good.replace("new", "../new"))), 400, "job-out-of-range");
      refused(submit(live, bytes(good.replace(", population: 4", ""))), 409, "population-missing");
      assertThat(submit(live, bytes(good.replace(", population: 4", ""))).body())
          .asString()
          .as("whoever submits has no such option")
          .contains("Write cohort.population: N")
          .doesNotContain("--clients");
      refused(
          submit(live, bytes(good.replace("curious", "malicious"))), 409, "mode-needs-authority");
      refused(
          submit(live, bytes(good.replace("minimum: 3", "minimum: 9"))), 400, "cohort-below-floor");
      refused(submit(live, bytes(good + "#".repeat(256 << 10))), 413, "body-too-large");
      refused(
          live.send(
              live.with("Bearer " + viewer, "/admin/v1/jobs")
                  .POST(BodyPublishers.ofByteArray(bytes(good)))),
          403,
          "role-forbids");
      assertThat(live.store.submissions().all()).hasSize(1);

      // Files that a simulation would read are named there, and nothing opens them here.
      submitted(
          live,
          good
              + "simulation: {data: {csv: {file: /etc/passwd, label: x}, partition: {iid: {clients:"
              + " 4}}}}\n");
      byte[] whole =
          bytes(
              good
                  + "simulation: {data: {csv: {file: /etc/passwd, label: x}, partition: {iid: {clients: 4}}}}\n");
      assertThat(live.store.auditLog().page(1, 100).entries())
          .filteredOn(entry -> entry.what().equals("job-submitted"))
          .extracting(AuditEntry::who, AuditEntry::detail)
          .last()
          .hasToString(
              "(\"token operator\", \"job new, file sha256:"
                  + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(whole))
                  + "\")");
      live.store.auditLog().verify(null);
    }
  }

  /** Bytes of a job file are changed at random: the answer is a job or a named refusal. */
  @Test
  void submit_anyBytes_areTakenOrRefusedByName() throws Exception {
    byte[] good = bytes(job("fuzzed", 4, 6));
    try (Live live = live()) {
      for (long seed = 0; seed < 150; seed++) {
        Random random = new Random(seed);
        byte[] file = good.clone();
        for (int i = random.nextInt(6); i >= 0; i--) {
          file[random.nextInt(file.length)] =
              (byte) random.nextInt(random.nextBoolean() ? 256 : 128);
        }
        HttpResponse<byte[]> response = submit(live, file);
        JsonNode answer = MAPPER.readTree(response.body());
        assertThat(response.statusCode()).as("seed %d: %s", seed, answer).isIn(201, 400, 409);
        if (response.statusCode() != 201) {
          assertThat(answer.path("code").asText()).as("seed %d", seed).matches("[a-z]+(-[a-z]+)+");
        }
      }
      live.store.auditLog().verify(null);
    }
  }

  @Test
  void submit_toACoordinatorOfOneJob_isRefused() throws Exception {
    Job alone = JobFile.parse("job.yaml", job("alone", 4, 6), List.of());
    try (Live live = new Live(directory, alone, CLIENTS, TrustAnchors.trustOnFirstUse())) {
      operator = token(live.store, Role.OPERATOR);
      refused(submit(live, bytes(job("new", 4, 6))), 409, "submissions-closed");
      assertThat(live.checkInTo("alone", live.identity())).startsWith("Bearer ");
      assertThat(
              live.post("/v1/jobs/new/check-in", live.checkInRequest(live.identity(), new byte[0]))
                  .statusCode())
          .isEqualTo(404);
    }
  }

  /**
   * What one job needs is missing, or what it left is damaged: that one rests, the other goes on.
   */
  @Test
  void job_thatCannotGoOn_doesNotStopTheOthers() throws Exception {
    TrustAnchors authority;
    try (Identity key = Identity.generate(RANDOM)) {
      authority = TrustAnchors.of(List.of(key.publicKey()));
    }
    String fine = job("fine", 4, 2);
    List<Identity> ofFine;
    List<Identity> ofBroken;
    try (Live live = live(authority)) {
      String strict = job("strict", 4, 6).replace("curious", "malicious");
      submitted(live, strict);
    }
    try (Live live = live()) {
      submitted(live, fine);
      submitted(live, job("broken", 4, 2).replace("clipNorm: 1", "clipNorm: 1, population: lost"));
      ofFine = identities(live);
      ofBroken = identities(live);
      members(live, "fine", ofFine).get(0).offer();
      members(live, "broken", ofBroken).get(0).offer();
    }
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("tributary.db"));
        var sql = connection.createStatement()) {
      assertThat(sql.executeUpdate("DELETE FROM ledger WHERE population = 'lost'")).isPositive();
    }
    try (Live live = live()) {
      assertThat(state(live, "strict")).isEqualTo("failed");
      assertThat(status(live, "strict").path("reason").asText()).contains("--authority");
      HttpResponse<byte[]> resting =
          live.post("/v1/jobs/strict/check-in", live.checkInRequest(live.identity(), new byte[0]));
      assertThat(resting.statusCode()).isEqualTo(503);
      assertThat(Live.problem(resting).getCode()).isEqualTo("job-unavailable");
      ends(live, "broken", "failed");
      assertThat(status(live, "broken").path("reason").asText()).contains("ledger");
      HttpResponse<byte[]> member =
          live.post("/v1/jobs/broken/check-in", live.checkInRequest(ofBroken.get(0), new byte[0]));
      assertThat(member.statusCode()).isEqualTo(503);
      assertThat(live.said.toString())
          .contains("job strict rests: ", "broken   the job cannot go on");

      members(live, "fine", ofFine).forEach(threads::submit);
      ends(live, "fine", "completed");
      HttpResponse<byte[]> all = live.send(live.with("Bearer " + viewer, "/admin/v1/jobs").GET());
      assertThat(MAPPER.readTree(all.body()).path("jobs").findValuesAsText("state"))
          .containsExactly("completed", "failed", "failed");
    }
  }

  /** The only worker of one job is held up for as long as the other takes. */
  @Test
  void slowWork_ofOneJob_doesNotStopTheOther() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    Evaluator slow =
        model -> {
          reached.countDown();
          try {
            released.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new Metrics(1, 0, 0);
        };
    UnaryOperator<JobHost> around =
        host ->
            job -> {
              JobHost.Terms terms = host.terms(job);
              return new JobHost.Terms(
                  terms.population(),
                  terms.suite(),
                  job.name().equals("slow") ? slow : null,
                  terms.listener());
            };
    try (Live live = new Live(directory, TrustAnchors.trustOnFirstUse(), 1, around)) {
      operator = token(live.store, Role.OPERATOR);
      viewer = token(live.store, Role.VIEWER);
      submitted(live, job("slow", 4, 1));
      submitted(live, job("quick", 4, 3));
      members(live, "slow", identities(live)).forEach(threads::submit);
      assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
      members(live, "quick", identities(live)).forEach(threads::submit);
      ends(live, "quick", "completed");
      assertThat(state(live, "slow")).isEqualTo("running");
      released.countDown();
      ends(live, "slow", "completed");
    }
  }

  @Test
  void stop_leavesAllJobs() throws Exception {
    try (Live live = live()) {
      submitted(live, job("waits", 4, 2));
      submitted(live, job("runs", 4, 2));
      members(live, "runs", identities(live)).get(0).offer();
      live.coordinator.stop("stopped by its operator");
      live.coordinator.left().get(20, TimeUnit.SECONDS);
      await()
          .untilAsserted(
              () ->
                  assertThat(live.said.toString())
                      .contains(
                          "waits   stopped by its operator before the job began",
                          "runs   job runs: stopped after 0 of 2 rounds"));
    }
  }
}
