package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientException.Code;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that leave for good, and clients whose clock is wrong. */
@Timeout(60)
class WithdrawalTest {
  private static final int N = 4;

  @TempDir Path directory;
  private final Cohort cohort = new Cohort(N, 23);
  private final List<AutoCloseable> open = new ArrayList<>();
  private TestCoordinator coordinator;

  @BeforeEach
  void listen() throws Exception {
    TestRounds rounds =
        new TestRounds(cohort, 1, number -> cohort.plan(InsecurePlainSum.ID, number, 4, 3).build());
    coordinator = new TestCoordinator(cohort, directory.resolve("tls"), rounds);
    open.add(coordinator);
  }

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private FederatedClient.Builder client(int member) {
    return client(coordinator.address(), member);
  }

  private FederatedClient.Builder client(URI address, int member) {
    return FederatedClient.builder()
        .coordinator(address)
        .pin(coordinator.fingerprint())
        .trust(cohort.trust())
        .state(state(member))
        .enrolment(key -> Optional.of(cohort.certificate(key)))
        .policy(cohort.policy().cohort(2))
        .trainer(cohort.update(member))
        .pause(pause -> Thread.sleep(1))
        .suites(Cohort::suite);
  }

  private Path state(int member) {
    return directory.resolve("client-" + member);
  }

  private FederatedClient start(FederatedClient.Builder builder) {
    FederatedClient client = builder.start();
    open.add(client);
    return client;
  }

  private List<String> files(int member) throws IOException {
    try (Stream<Path> files = Files.list(state(member))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private FederatedClient checkedIn(int member) throws Exception {
    return checkedIn(client(member));
  }

  private FederatedClient checkedIn(FederatedClient.Builder builder) throws Exception {
    CountDownLatch in = new CountDownLatch(1);
    FederatedClient client =
        start(
            builder.listener(
                new ClientListener() {
                  @Override
                  public void onCheckedIn(String task) {
                    in.countDown();
                  }
                }));
    assertThat(in.await(20, TimeUnit.SECONDS)).isTrue();
    return client;
  }

  private static void assertCode(Throwable e, Code code) {
    assertThat(e).isInstanceOf(ClientException.class);
    assertThat(((ClientException) e).code()).isEqualTo(code);
  }

  @Test
  void withdraw_afterAJob_deletesTheIdentityAndKeepsWhatWasSpent() throws Exception {
    List<FederatedClient> clients = new ArrayList<>();
    for (int member = 0; member < N; member++) {
      clients.add(start(client(member)));
    }
    for (FederatedClient each : clients) {
      each.awaitDone();
    }
    byte[] before = clients.get(0).identityKey();

    clients.get(0).withdraw();
    clients.get(0).withdraw();

    assertThat(coordinator.withdrawn).containsExactly(ByteString.copyFrom(before));
    String ledger = "ledger-" + HexFormat.of().formatHex(cohort.coordinator.publicKey()) + ".log";
    assertThat(files(0))
        .contains("coordinator.key", ledger)
        .allMatch(
            name -> name.startsWith("ledger-") || name.matches("coordinator.key|lock|revocations"));
    assertThat(clients.get(0).preview()).isEmpty();
    FederatedClient anew = start(client(0));
    assertThat(anew.identityKey()).isNotEqualTo(before);
    anew.close();
    try (FileClientJournal journal = FileClientJournal.open(state(0))) {
      assertThat(journal.participations(HexFormat.of().formatHex(cohort.coordinator.publicKey())))
          .hasSize(1);
    }
  }

  @Test
  void withdraw_answerLost_isAskedAgain() throws Exception {
    FederatedClient client = checkedIn(0);
    coordinator.faults.loseWithdrawals = 2;
    client.withdraw();
    assertThat(coordinator.withdrawn).hasSize(3);
    assertThat(files(0)).doesNotContain("identity.pem", "certificate", "withdrawal");
  }

  @Test
  void withdraw_coordinatorAway_isFinishedLater_andNoClientStartsUntilThen() throws Exception {
    FederatedClient client = checkedIn(0);
    byte[] key = client.identityKey();
    client.close();
    int port = coordinator.goAway();
    FederatedClient.Builder again = client(coordinator.address(port), 0).giveUpAfter(Duration.ZERO);
    assertThatThrownBy(again::withdraw).satisfies(e -> assertCode(e, Code.COORDINATOR_UNREACHABLE));
    assertThat(files(0)).contains("identity.pem", "withdrawal");
    assertThatThrownBy(again::start).satisfies(e -> assertCode(e, Code.WITHDRAWAL_PENDING));

    coordinator.comeBack(port);
    again.withdraw();
    assertThat(coordinator.withdrawn).containsExactly(ByteString.copyFrom(key));
    assertThat(files(0)).doesNotContain("identity.pem", "withdrawal");
    again.withdraw();
    assertThat(coordinator.withdrawn).hasSize(1);
  }

  /** The process died after the coordinator had confirmed, in the middle of the deletion. */
  @Test
  void withdraw_diedWhileDeleting_goesOnWithoutAsking() throws Exception {
    checkedIn(0).close();
    Files.move(state(0).resolve("identity.pem"), state(0).resolve("identity.gone"));
    Files.write(state(0).resolve("withdrawal"), new byte[0]);

    client(0).withdraw();

    assertThat(coordinator.withdrawn).isEmpty();
    assertThat(files(0)).doesNotContain("identity.gone", "certificate", "withdrawal");
  }

  @Test
  void withdraw_ofAClientThatNobodyMet_asksNobody() throws Exception {
    start(client(0).onlyWhen(() -> false)).close();
    client(0).withdraw();
    assertThat(coordinator.requests).isEmpty();
    assertThat(files(0)).doesNotContain("identity.pem");
    assertThatThrownBy(client(1)::withdraw)
        .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID));
  }

  @Test
  void withdraw_duringTraining_endsItAndNothingFollows() throws Exception {
    CountDownLatch training = new CountDownLatch(1);
    for (int member = 1; member < N; member++) {
      start(client(member));
    }
    FederatedClient client =
        start(
            client(0)
                .trainer(
                    request -> {
                      training.countDown();
                      Thread.sleep(60_000);
                      return new float[request.length()];
                    }));
    assertThat(training.await(20, TimeUnit.SECONDS)).isTrue();
    byte[] key = client.identityKey();
    client.withdraw();
    assertThat(coordinator.withdrawn).containsExactly(ByteString.copyFrom(key));
    client.awaitDone();
  }

  @Test
  void clock_farOff_isCorrectedOnceByTheCoordinators() throws Exception {
    Clock late = Clock.offset(Clock.systemUTC(), Duration.ofDays(-3));
    checkedIn(client(0).clock(late));
    assertThat(coordinator.count("POST /v1/check-in")).isEqualTo(2);
  }

  @Test
  void clock_thatTheCoordinatorsOwnTimeDoesNotMend_endsByName() {
    coordinator.faults.strangeClock = true;
    FederatedClient client = start(client(0));
    assertThatThrownBy(client::awaitDone).satisfies(e -> assertCode(e, Code.CLOCK_WRONG));
    assertThat(coordinator.count("POST /v1/check-in")).isEqualTo(2);
  }
}
