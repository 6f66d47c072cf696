package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.client.ClientException.Code;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.client.round.ClientOutcome.Kind;
import dev.tributary.client.round.Decoded;
import dev.tributary.nn.data.Csv;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.RevocationList;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FederatedClientTest {
  private static final int N = 4;

  @TempDir Path directory;
  private final Cohort cohort = new Cohort(N, 11);
  private final List<AutoCloseable> open = new ArrayList<>();

  /** What a client's listener was told. */
  static final class Heard implements ClientListener {
    final List<ClientOutcome> outcomes = new CopyOnWriteArrayList<>();
    final List<ClientException> troubles = new CopyOnWriteArrayList<>();
    final List<Preview> previews = new CopyOnWriteArrayList<>();
    final CountDownLatch checkedIn = new CountDownLatch(1);
    final CountDownLatch waiting = new CountDownLatch(1);
    final CountDownLatch done = new CountDownLatch(1);
    final CountDownLatch troubled = new CountDownLatch(3);

    @Override
    public void onRound(ClientOutcome outcome) {
      outcomes.add(outcome);
    }

    @Override
    public void onTrouble(ClientException trouble, Duration pause) {
      troubles.add(trouble);
      troubled.countDown();
    }

    @Override
    public void onOffer(Preview preview) {
      previews.add(preview);
    }

    @Override
    public void onCheckedIn(String task) {
      checkedIn.countDown();
    }

    @Override
    public void onWaiting() {
      waiting.countDown();
    }

    @Override
    public void onDone() {
      done.countDown();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private TestCoordinator coordinator(String suite, int rounds) throws Exception {
    return coordinator(rounds, number -> cohort.plan(suite, number, 4, 3).build());
  }

  private TestCoordinator coordinator(int rounds, java.util.function.Function<Integer, Plan> plans)
      throws Exception {
    TestCoordinator coordinator =
        new TestCoordinator(
            cohort, directory.resolve("tls"), new TestRounds(cohort, rounds, plans));
    open.add(coordinator);
    return coordinator;
  }

  private FederatedClient.Builder client(URI address, String pin, int member) {
    return FederatedClient.builder()
        .coordinator(address)
        .pin(pin)
        .trust(cohort.trust())
        .state(directory.resolve("client-" + member))
        .enrolment(key -> Optional.of(cohort.certificate(key)))
        .policy(cohort.policy().cohort(2))
        .trainer(cohort.update(member))
        .suites(Cohort::suite);
  }

  private FederatedClient.Builder client(TestCoordinator coordinator, int member) {
    return client(coordinator.address(), coordinator.fingerprint(), member);
  }

  private FederatedClient start(FederatedClient.Builder builder) {
    FederatedClient client = builder.start();
    open.add(client);
    return client;
  }

  private List<FederatedClient> startOthers(TestCoordinator coordinator) {
    List<FederatedClient> others = new ArrayList<>();
    for (int member = 1; member < N; member++) {
      others.add(start(client(coordinator, member)));
    }
    return others;
  }

  @ParameterizedTest
  @ValueSource(strings = {InsecurePlainSum.ID, Sa1.ID})
  void job_ofThreeRounds_endsWithEveryoneInEverySum(String suite) throws Exception {
    TestCoordinator coordinator = coordinator(suite, 3);
    List<Heard> heard = new ArrayList<>();
    List<FederatedClient> clients = new ArrayList<>();
    for (int member = 0; member < N; member++) {
      heard.add(new Heard());
      clients.add(start(client(coordinator, member).listener(heard.get(member))));
    }
    for (FederatedClient client : clients) {
      client.awaitDone();
      assertThat(client.preview()).isEmpty();
    }

    assertThat(coordinator.rounds.sums())
        .hasSize(3)
        .allMatch(s -> s.survivors().cardinality() == N);
    for (Heard each : heard) {
      assertThat(each.done.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(each.outcomes).hasSize(3).allMatch(o -> o.kind() == Kind.CONTRIBUTED);
      assertThat(each.previews).hasSize(3);
    }
  }

  @Test
  void job_namedByItsClients_isAskedForByName() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    List<FederatedClient> clients = new ArrayList<>();
    for (int member = 0; member < N; member++) {
      clients.add(start(client(coordinator, member).job(Cohort.TASK)));
    }
    for (FederatedClient client : clients) {
      client.awaitDone();
    }
    assertThat(coordinator.rounds.sums()).hasSize(1);
    assertThat(coordinator.count("POST /v1/jobs/test-task/check-in")).isEqualTo(N);
    assertThat(coordinator.count("POST /v1/check-in")).isZero();
  }

  @Test
  void job_thatIsNotTheOneAskedFor_isNotTakenPartIn() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    FederatedClient client = start(client(coordinator, 0).job("another"));
    assertThatThrownBy(client::awaitDone)
        .satisfies(e -> assertCode(e, Code.REPLY_INVALID))
        .hasMessageContaining("test-task, not another");
    assertThat(coordinator.count("POST /v1/exchange")).isZero();
    for (String name : List.of("", "../x", "Job", "a".repeat(65))) {
      assertThatThrownBy(() -> FederatedClient.builder().job(name))
          .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID));
    }
  }

  @Test
  void updates_ofAllMembers_areInTheSum() throws Exception {
    Plan plan = cohort.plainPlan(InsecurePlainSum.ID, 0).build();
    TestCoordinator coordinator = coordinator(1, number -> plan);
    List<FederatedClient> clients = new ArrayList<>();
    for (int member = 0; member < N; member++) {
      clients.add(
          start(
              client(coordinator, member)
                  .policy(cohort.policy().maximumEpsilon(Double.POSITIVE_INFINITY))));
    }
    for (FederatedClient client : clients) {
      client.awaitDone();
    }
    float[] sum = Decoded.sum(plan, coordinator.rounds.sums().get(0));
    assertThat(sum[0]).isBetween(0.4f, 0.6f);
    assertThat(sum[N - 1]).isBetween(0.4f, 0.6f);
    assertThat(sum[N]).isBetween(-0.1f, 0.1f);
  }

  @Test
  void state_keepsIdentityOverRestarts_forTheOwnerAlone() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    byte[] first;
    try (FederatedClient client = client(coordinator, 0).start()) {
      first = client.identityKey();
    }
    try (FederatedClient client = client(coordinator, 0).start()) {
      assertThat(client.identityKey()).isEqualTo(first);
    }
    Path key = directory.resolve("client-0").resolve("identity.pem");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
  }

  @Test
  void state_inUse_isRefused() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    start(client(coordinator, 0));
    assertThatThrownBy(() -> client(coordinator, 0).start())
        .satisfies(e -> assertCode(e, Code.STATE_IN_USE));
  }

  @Test
  void restart_betweenRounds_goesOnAndNeverRepeatsARound() throws Exception {
    CountDownLatch secondRound = new CountDownLatch(1);
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 3);
    List<FederatedClient> others = startOthers(coordinator);
    Trainer stuckInTheSecond =
        request -> {
          if (request.round() == 1) {
            secondRound.countDown();
            Thread.sleep(60_000);
          }
          return cohort.update(0).train(request);
        };
    Heard before = new Heard();
    FederatedClient first =
        client(coordinator, 0).trainer(stuckInTheSecond).listener(before).start();
    assertThat(secondRound.await(20, TimeUnit.SECONDS)).isTrue();
    first.close();
    assertThat(before.outcomes)
        .extracting(ClientOutcome::kind)
        .containsExactly(Kind.CONTRIBUTED, Kind.ABORTED);

    Heard after = new Heard();
    FederatedClient second = start(client(coordinator, 0).listener(after));
    second.awaitDone();
    for (FederatedClient other : others) {
      other.awaitDone();
    }
    // The token is new, so everything is delivered again: round 0 is refused by the journal.
    assertThat(after.outcomes)
        .filteredOn(o -> o.round() == 0)
        .allMatch(o -> o.code().equals("already-contributed"));
    assertThat(after.outcomes)
        .filteredOn(o -> o.kind() == Kind.CONTRIBUTED)
        .extracting(ClientOutcome::round)
        .containsExactly(1, 2);
    assertThat(coordinator.rounds.sums()).hasSize(3);
  }

  @Test
  void upload_interrupted_isResumedWhereItStopped() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    coordinator.faults.breakUploads = 2;
    startOthers(coordinator);
    start(client(coordinator, 0).pause(none())).awaitDone();

    assertThat(coordinator.rounds.sums()).hasSize(1);
    assertThat(coordinator.requests).anyMatch(r -> r.startsWith("HEAD /v1/inputs/"));
  }

  @Test
  void model_tampered_leavesTheRound() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    coordinator.faults.tamperModel = true;
    Heard heard = new Heard();
    FederatedClient client = start(client(coordinator, 0).listener(heard));
    assertThat(heard.checkedIn.await(20, TimeUnit.SECONDS)).isTrue();
    startOthers(coordinator);
    client.awaitDone();

    assertThat(heard.outcomes).extracting(ClientOutcome::code).containsExactly("model-tampered");
    assertThat(coordinator.rounds.received)
        .anyMatch(m -> m.getDecline().getCode().equals("model-tampered"));
  }

  @Test
  void plan_belowPolicy_isDeclined_andNothingIsFetched() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    for (int member = 0; member < N; member++) {
      start(client(coordinator, member).policy(cohort.policy().maximumEpsilon(0.5)));
    }
    Heard heard = new Heard();
    FederatedClient client = start(client(coordinator, N).listener(heard));
    client.close();
    org.awaitility.Awaitility.await()
        .untilAsserted(() -> assertThat(coordinator.rounds.received).hasSize(N));
    assertThat(coordinator.rounds.received)
        .allMatch(m -> m.getDecline().getCode().equals("epsilon-too-large"));
    assertThat(coordinator.requests).noneMatch(r -> r.contains("/v1/models/"));
  }

  @Test
  void coordinator_unreachable_isAskedAgainWithJitter_untilItComesBack() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    int port = coordinator.goAway();
    List<Duration> pauses = new CopyOnWriteArrayList<>();
    Heard heard = new Heard();
    FederatedClient client =
        start(
            client(coordinator.address(port), coordinator.fingerprint(), 0)
                .listener(heard)
                .pause(
                    pause -> {
                      pauses.add(pause);
                      Thread.sleep(1);
                    }));
    assertThat(heard.troubled.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(heard.troubles).allMatch(t -> t.code() == Code.COORDINATOR_UNREACHABLE);
    assertThat(heard.troubles.get(0)).hasMessageContaining("localhost:" + port);
    for (int i = 0; i < Math.min(8, pauses.size()); i++) {
      assertThat(pauses.get(i)).isBetween(Duration.ZERO, Backoff.ceiling(i));
    }

    coordinator.comeBack(port);
    startOthers(coordinator);
    client.awaitDone();
    assertThat(coordinator.rounds.sums()).hasSize(1);
  }

  @Test
  void checkIn_tooEarly_isRepeatedAfterTheWindow() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    coordinator.faults.notYet = 1;
    List<Duration> pauses = new CopyOnWriteArrayList<>();
    List<Duration> told = new CopyOnWriteArrayList<>();
    CountDownLatch checkedIn = new CountDownLatch(1);
    ClientListener listener =
        new ClientListener() {
          @Override
          public void onToldToComeBack(Duration pause) {
            told.add(pause);
          }

          @Override
          public void onCheckedIn(String task) {
            checkedIn.countDown();
          }
        };
    start(client(coordinator, 0).listener(listener).pause(pauses::add));
    assertThat(checkedIn.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(pauses).hasSize(1);
    assertThat(told).isEqualTo(pauses);
    assertThat(pauses.get(0)).isBetween(Duration.ofSeconds(9), Duration.ofMillis(11_250));
    assertThat(coordinator.count("POST /v1/check-in")).isEqualTo(2);
  }

  @Test
  void coordinator_unreachable_givesUpWhenAsked() {
    FederatedClient client =
        start(
            client(URI.create("https://localhost:1"), "sha256:" + "0".repeat(64), 0)
                .giveUpAfter(Duration.ZERO)
                .pause(none()));
    assertThatThrownBy(client::awaitDone)
        .satisfies(e -> assertCode(e, Code.COORDINATOR_UNREACHABLE));
  }

  @Test
  void coordinator_restarted_isCheckedInWithAgain() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    Heard heard = new Heard();
    FederatedClient client = start(client(coordinator, 0).listener(heard).pause(none()));
    assertThat(heard.checkedIn.await(20, TimeUnit.SECONDS)).isTrue();
    int port = coordinator.goAway();
    coordinator.comeBack(port);
    startOthers(coordinator);
    client.awaitDone();

    assertThat(heard.outcomes).extracting(ClientOutcome::kind).containsExactly(Kind.CONTRIBUTED);
    assertThat(coordinator.count("POST /v1/check-in")).isEqualTo(N + 1);
  }

  @Test
  void token_forgotten_checksInAgain() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    coordinator.faults.forgetTokens = 2;
    startOthers(coordinator);
    start(client(coordinator, 0).pause(none())).awaitDone();
    assertThat(coordinator.rounds.sums()).hasSize(1);
    assertThat(coordinator.count("POST /v1/check-in")).isGreaterThan(N);
  }

  @Test
  void certificate_wrong_isOneClearError() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    String pin = "sha256:" + "ab".repeat(32);
    FederatedClient client = start(client(coordinator.address(), pin, 0));
    assertThatThrownBy(client::awaitDone)
        .satisfies(e -> assertCode(e, Code.CERTIFICATE_MISMATCH))
        .hasMessageContaining(pin)
        .hasMessageContaining(coordinator.fingerprint());
    assertThat(coordinator.requests).isEmpty();
  }

  @Test
  void certificate_ofNoKnownAuthority_isOneClearError() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    FederatedClient client =
        start(client(coordinator, 0).transport(HttpTransport.systemTrust(coordinator.address())));
    assertThatThrownBy(client::awaitDone)
        .satisfies(e -> assertCode(e, Code.CERTIFICATE_MISMATCH))
        .hasMessageContaining("does not trust");
    assertThat(coordinator.requests).isEmpty();
  }

  @Test
  void coordinator_withAnotherKey_isRefused() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    coordinator.faults.otherKeyAfterCheckIn = true;
    FederatedClient client = start(client(coordinator, 0));
    assertThatThrownBy(client::awaitDone)
        .satisfies(e -> assertCode(e, Code.COORDINATOR_KEY_CHANGED));
  }

  @Test
  void coordinator_keyChangedSinceTheFirstStart_isRefused() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    Heard heard = new Heard();
    FederatedClient first = client(coordinator, 0).listener(heard).start();
    assertThat(heard.checkedIn.await(20, TimeUnit.SECONDS)).isTrue();
    first.close();
    Files.writeString(
        directory.resolve("client-0").resolve("coordinator.key"), "00".repeat(32) + "\n");
    FederatedClient client = start(client(coordinator, 0));
    assertThatThrownBy(client::awaitDone)
        .satisfies(e -> assertCode(e, Code.COORDINATOR_KEY_CHANGED));
  }

  @Test
  void checkIn_refused_endsWithTheReason() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    coordinator.faults.refuseCheckIn = true;
    FederatedClient client = start(client(coordinator, 0));
    assertThatThrownBy(client::awaitDone)
        .satisfies(e -> assertCode(e, Code.CHECK_IN_REFUSED))
        .hasMessageContaining("A test said not-wanted.");
  }

  @Test
  void server_thatIsNoCoordinator_isNamedAsSuch() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    coordinator.faults.garbage = true;
    FederatedClient client = start(client(coordinator, 0));
    assertThatThrownBy(client::awaitDone).satisfies(e -> assertCode(e, Code.REPLY_INVALID));
  }

  @Test
  void enrolment_isAskedOnceAndItsCertificateKept() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    for (int start = 0; start < 2; start++) {
      AtomicInteger asked = new AtomicInteger();
      Heard heard = new Heard();
      FederatedClient client =
          client(coordinator, 0)
              .listener(heard)
              .enrolment(
                  key -> {
                    asked.incrementAndGet();
                    return Optional.of(cohort.certificate(key));
                  })
              .start();
      assertThat(heard.checkedIn.await(20, TimeUnit.SECONDS)).isTrue();
      client.close();
      assertThat(asked.get()).as("start %d", start).isEqualTo(1 - start);
    }
  }

  @Test
  void enrolment_thatFails_isAskedAgain() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    AtomicInteger asked = new AtomicInteger();
    Heard heard = new Heard();
    start(
        client(coordinator, 0)
            .pause(none())
            .listener(heard)
            .enrolment(
                key -> {
                  if (asked.incrementAndGet() < 3) {
                    throw new IOException("the authority sleeps");
                  }
                  return Optional.of(cohort.certificate(key));
                }));
    assertThat(heard.checkedIn.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(heard.troubles)
        .hasSize(2)
        .allMatch(t -> t.code() == Code.ENROLMENT_FAILED && t.getMessage().contains("sleeps"));
  }

  @Test
  void enrolment_fromAFile_waitsForTheFile() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    Path file = directory.resolve("certificate.pem");
    Heard heard = new Heard();
    Enrolment fromFile = Enrolment.certificate(file);
    AtomicInteger asked = new AtomicInteger();
    start(
        client(coordinator, 0)
            .pause(none())
            .listener(heard)
            .enrolment(
                key -> {
                  if (asked.incrementAndGet() == 3) {
                    Files.writeString(file, cohort.certificate(key).toPem());
                  }
                  return fromFile.enrol(key);
                }));
    assertThat(heard.checkedIn.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(heard.troubles)
        .hasSize(2)
        .allMatch(t -> t.code() == Code.ENROLMENT_FAILED && t.getMessage().contains("certificate"));
  }

  @Test
  void trust_olderRevocationListThanBefore_isRefusedAtStartAndLater() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    Instant now = Instant.now();
    List<TrustAnchors> lists = new ArrayList<>();
    for (int number = 1; number <= 2; number++) {
      lists.add(
          cohort
              .trust()
              .update(
                  cohort
                      .authority
                      .revoke(number, List.of(), now, now.plus(Duration.ofDays(9)))
                      .toPem()));
    }
    FederatedClient client = start(client(coordinator, 0).trust(lists.get(0)));
    client.trust(lists.get(1));
    assertThatThrownBy(() -> client.trust(lists.get(0)))
        .satisfies(e -> assertCode(e, Code.TRUST_OUTDATED));
    client.close();
    for (TrustAnchors older : List.of(lists.get(0), cohort.trust())) {
      FederatedClient.Builder again = client(coordinator, 0).trust(older);
      assertThatThrownBy(again::start).satisfies(e -> assertCode(e, Code.TRUST_OUTDATED));
    }
  }

  @Test
  void certificate_revokedAfterTheCheckIn_isReplacedAndTheClientChecksInAgain() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    Instant now = Instant.now();
    List<Certificate> given = new CopyOnWriteArrayList<>();
    CompletableFuture<FederatedClient> started = new CompletableFuture<>();
    CountDownLatch twice = new CountDownLatch(2);
    started.complete(
        start(
            client(coordinator, 0)
                .pause(none())
                .enrolment(
                    key -> {
                      given.add(cohort.certificate(key));
                      return Optional.of(given.get(given.size() - 1));
                    })
                .listener(
                    new ClientListener() {
                      @Override
                      public void onCheckedIn(String task) {
                        String first = given.get(0).serial();
                        RevocationList list =
                            cohort.authority.revoke(
                                1, List.of(first), now, now.plus(Duration.ofDays(9)));
                        started.join().trust(cohort.trust().update(list.toPem()));
                        twice.countDown();
                      }
                    })));
    assertThat(twice.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(given).hasSize(2);
  }

  @Test
  void enrolment_withoutACertificate_orWithAnothers_isNoEnrolment() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    FederatedClient without = start(client(coordinator, 0).enrolment(Enrolment.trustOnFirstUse()));
    assertThatThrownBy(without::awaitDone)
        .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID))
        .hasMessageContaining("enrolment");
    FederatedClient others =
        start(
            client(coordinator, 1)
                .giveUpAfter(Duration.ZERO)
                .enrolment(key -> Optional.of(cohort.certificates.get(0))));
    assertThatThrownBy(others::awaitDone)
        .satisfies(e -> assertCode(e, Code.ENROLMENT_FAILED))
        .hasMessageContaining("another identity");
    assertThat(coordinator.requests).isEmpty();
  }

  @Test
  void publicBuilderAlone_trainsOnACsvFile_throughTheMaskedSum() throws Exception {
    TestCoordinator coordinator = coordinator(Sa1.ID, 1);
    Path csv = directory.resolve("rows.csv");
    Files.writeString(csv, "a,b,c,d,kind\n1,2,3,4,0\n2,1,4,3,1\n0,1,0,1,2\n");
    List<FederatedClient> clients = new ArrayList<>();
    for (int member = 0; member < N; member++) {
      clients.add(
          start(
              FederatedClient.builder()
                  .coordinator(coordinator.address())
                  .pin(coordinator.fingerprint())
                  .trust(cohort.trust())
                  .state(directory.resolve("app-" + member))
                  .enrolment(key -> Optional.of(cohort.certificate(key)))
                  .policy(Policy.atLeast().cohort(N).minimumSum(2).mode(Mode.MALICIOUS))
                  .data(Csv.read(csv).label("kind").dataset())));
    }
    for (FederatedClient client : clients) {
      client.awaitDone();
    }
    assertThat(coordinator.rounds.sums()).hasSize(1);
  }

  @Test
  void eligibility_no_asksNobody() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    Heard heard = new Heard();
    start(client(coordinator, 0).onlyWhen(() -> false).listener(heard));
    assertThat(heard.waiting.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(coordinator.requests).isEmpty();
  }

  /** What ends the client's thread is told to whoever waits for the client. */
  @Test
  @Timeout(60)
  void eligibility_thatFailsWithAnError_endsTheClientWithIt() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    FederatedClient client =
        client(coordinator, 0)
            .onlyWhen(
                () -> {
                  throw new NoClassDefFoundError("com/example/Battery");
                })
            .start();
    assertThatThrownBy(client::awaitDone).hasRootCauseInstanceOf(NoClassDefFoundError.class);
    client.close();
  }

  @Test
  void close_duringLongPoll_isQuick_andLeavesNoThread() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    Set<Thread> others = Thread.getAllStackTraces().keySet();
    Heard heard = new Heard();
    FederatedClient client = client(coordinator, 0).listener(heard).start();
    assertThat(heard.checkedIn.await(20, TimeUnit.SECONDS)).isTrue();
    org.awaitility.Awaitility.await().until(() -> coordinator.count("POST /v1/exchange") > 0);

    long before = System.nanoTime();
    client.close();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    client.awaitDone();
    client.close();
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              System.gc();
              Set<Thread> now = new HashSet<>(Thread.getAllStackTraces().keySet());
              now.removeAll(others);
              assertThat(now)
                  .extracting(Thread::getName)
                  .noneMatch(name -> name.startsWith("tributary"))
                  .noneMatch(name -> name.startsWith("HttpClient"));
            });
  }

  @Test
  void twoFederations_inOneProcess_knowNothingOfEachOther() throws Exception {
    TestCoordinator here = coordinator(InsecurePlainSum.ID, 2);
    Cohort elsewhere = new Cohort(N, 12);
    TestCoordinator there =
        new TestCoordinator(
            elsewhere,
            directory.resolve("tls-there"),
            new TestRounds(
                elsewhere, 2, number -> elsewhere.plan(InsecurePlainSum.ID, number, 4, 3).build()));
    open.add(there);
    List<FederatedClient> clients = new ArrayList<>();
    for (int member = 0; member < N; member++) {
      clients.add(start(client(here, member)));
      clients.add(
          start(
              client(there, member)
                  .trust(elsewhere.trust())
                  .enrolment(key -> Optional.of(elsewhere.certificate(key)))
                  .state(directory.resolve("there-" + member))));
    }
    for (FederatedClient client : clients) {
      client.awaitDone();
      client.close();
    }
    assertThat(here.rounds.sums()).hasSize(2);
    assertThat(there.rounds.sums()).hasSize(2);
    for (String state : List.of("client-0", "there-0")) {
      Cohort own = state.equals("client-0") ? cohort : elsewhere;
      String key = HexFormat.of().formatHex(own.coordinator.publicKey());
      try (var files = Files.list(directory.resolve(state))) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .filteredOn(name -> name.startsWith("ledger-") && name.endsWith(".log"))
            .containsExactly("ledger-" + key + ".log");
      }
    }
  }

  @Test
  void close_outOfAListener_doesNotDeadlock() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 2);
    java.util.concurrent.atomic.AtomicReference<FederatedClient> self =
        new java.util.concurrent.atomic.AtomicReference<>();
    CountDownLatch started = new CountDownLatch(1);
    startOthers(coordinator);
    FederatedClient client =
        start(
            client(coordinator, 0)
                .listener(
                    new ClientListener() {
                      @Override
                      public void onRound(ClientOutcome outcome) {
                        try {
                          started.await();
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        }
                        self.get().close();
                      }
                    }));
    self.set(client);
    started.countDown();
    client.awaitDone();
  }

  @Test
  void listener_thatThrows_changesNothing() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    startOthers(coordinator);
    start(
            client(coordinator, 0)
                .listener(
                    new ClientListener() {
                      @Override
                      public void onOffer(Preview preview) {
                        throw new IllegalStateException("the app has a bug");
                      }

                      @Override
                      public void onCheckedIn(String task) {
                        throw new NoClassDefFoundError("com/example/Screen");
                      }
                    }))
        .awaitDone();
    assertThat(coordinator.rounds.sums()).hasSize(1);
  }

  @Test
  void preview_namesEverythingThatLeaves() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    Heard heard = new Heard();
    FederatedClient client = start(client(coordinator, 0).listener(heard));
    assertThat(client.preview().orElseThrow().occasion()).isEqualTo("check-in");
    startOthers(coordinator);
    client.awaitDone();

    Preview preview = heard.previews.get(0);
    assertThat(preview.leaving()).extracting(Preview.Leaving::name).containsExactly("input");
    assertThat(preview.toString())
        .contains("round 0 of test-task, with 3 others")
        .contains("15 model parameters")
        .contains("clipped to norm 1.0")
        .contains("16 integers");
  }

  @Test
  void transport_sharedByAllClients_servesThem() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 2);
    HttpTransport shared = HttpTransport.pinned(coordinator.address(), coordinator.fingerprint());
    open.add(shared);
    List<FederatedClient> clients = new ArrayList<>();
    for (int member = 0; member < N; member++) {
      clients.add(start(client(coordinator, member).transport(shared)));
    }
    for (FederatedClient client : clients) {
      client.awaitDone();
      client.close();
    }
    assertThat(coordinator.rounds.sums()).hasSize(2);
  }

  @Test
  void journal_damaged_stopsTheClient() throws Exception {
    TestCoordinator coordinator = coordinator(InsecurePlainSum.ID, 1);
    List<FederatedClient> others = startOthers(coordinator);
    start(client(coordinator, 0)).awaitDone();
    for (AutoCloseable each : open.subList(1, open.size())) {
      each.close();
    }
    Path state = directory.resolve("client-0");
    Path ledger;
    try (var files = Files.list(state)) {
      ledger =
          files
              .filter(
                  f ->
                      f.toString().endsWith(".log")
                          && f.getFileName().toString().startsWith("ledger"))
              .findFirst()
              .orElseThrow();
    }
    String text = Files.readString(ledger);
    Files.writeString(ledger, text.replace(Cohort.TASK, "tast-tesk"));

    TestCoordinator again =
        new TestCoordinator(
            cohort,
            directory.resolve("tls"),
            new TestRounds(cohort, 1, number -> cohort.plan(InsecurePlainSum.ID, 5, 4, 3).build()));
    open.add(again);
    for (int member = 1; member < N; member++) {
      start(client(again, member));
    }
    FederatedClient client = start(client(again, 0));
    assertThatThrownBy(client::awaitDone)
        .satisfies(e -> assertCode(e, Code.STATE_DAMAGED))
        .hasMessageContaining(ledger.getFileName().toString());
  }

  @Test
  void settings_thatCannotWork_areRefusedAtOnce() {
    FederatedClient.Builder uncertified =
        client(URI.create("https://localhost:1"), "sha256:" + "0".repeat(64), 0)
            .trust(TrustAnchors.trustOnFirstUse());
    assertThatThrownBy(uncertified::start)
        .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID))
        .hasMessageContaining("Mode.CURIOUS");
    assertThatThrownBy(() -> client(URI.create("http://localhost:1"), "0".repeat(64), 0).start())
        .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID));
    assertThatThrownBy(() -> client(URI.create("https://localhost:1"), "sha256:12", 0).start())
        .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID));
    assertThatThrownBy(() -> FederatedClient.builder().trust(cohort.trust()).start())
        .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID))
        .hasMessageContaining("coordinator");
  }

  private static Pause none() {
    return pause -> Thread.sleep(1);
  }

  private static void assertCode(Throwable e, Code code) {
    assertThat(e).isInstanceOf(ClientException.class);
    assertThat(((ClientException) e).code()).isEqualTo(code);
  }
}
