package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tributary.client.ClientException.Code;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the app around a client may ask of it, and is told. */
@Timeout(60)
class HostTest {
  private static final int N = 3;

  @TempDir Path directory;
  private final Cohort cohort = new Cohort(N, 53);
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Heard heard = new Heard();
  private TestCoordinator coordinator;

  private static final class Heard implements ClientListener {
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<ClientOutcome> outcomes = new CopyOnWriteArrayList<>();
    final List<Cost> costs = new CopyOnWriteArrayList<>();
    final List<Preview> trained = new CopyOnWriteArrayList<>();
    final CountDownLatch waiting = new CountDownLatch(1);

    @Override
    public void onWaiting() {
      waiting.countDown();
    }

    @Override
    public void onProgress(String task, int round, double done) {
      events.add("progress " + done);
    }

    @Override
    public void onTrained(Preview preview) {
      events.add("trained");
      trained.add(preview);
    }

    @Override
    public void onRound(ClientOutcome outcome, Cost cost) {
      events.add("round");
      outcomes.add(outcome);
      costs.add(cost);
    }
  }

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
    return FederatedClient.builder()
        .coordinator(coordinator.address())
        .pin(coordinator.fingerprint())
        .trust(cohort.trust())
        .state(directory.resolve("client-" + member))
        .enrolment(key -> Optional.of(cohort.certificate(key)))
        .policy(cohort.policy().cohort(2))
        .trainer(cohort.update(member))
        .suites(Cohort::suite);
  }

  private FederatedClient start(FederatedClient.Builder builder) {
    FederatedClient client = builder.start();
    open.add(client);
    return client;
  }

  private void startOthers() {
    for (int member = 1; member < N; member++) {
      start(client(member));
    }
  }

  @Test
  void round_isToldWithProgressNormsAndCost() throws Exception {
    Trainer trainer =
        request -> {
          request.pace().step(0.5);
          float[] update = new float[request.length()];
          update[0] = 3;
          update[1] = 4;
          request.pace().step(1);
          return update;
        };
    FederatedClient client = start(client(0).trainer(trainer).listener(heard));
    startOthers();
    client.awaitDone();

    assertThat(heard.events).containsExactly("progress 0.5", "progress 1.0", "trained", "round");
    assertThat(heard.trained.get(0).toString())
        .contains("norm is 5.000 before clipping and 1.000 after it", "[4, 3]")
        .contains("to the coordinator");
    Cost cost = heard.costs.get(0);
    assertThat(cost.trained()).isBetween(Duration.ofNanos(1), cost.lasted());
    assertThat(cost.receivedBytes()).isGreaterThan(cohort.model.toBytes().length);
    long input =
        heard.trained.get(0).leaving().stream()
            .filter(each -> each.name().equals("input"))
            .mapToLong(Preview.Leaving::bytes)
            .sum();
    assertThat(cost.sentBytes()).isBetween(16L, input + 4096);
  }

  @Test
  void pause_leavesTheRoundAndAsksNobody_resumeChecksInAgain() throws Exception {
    coordinator.faults.longestPoll = 2_000;
    CountDownLatch training = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    FederatedClient client =
        start(
            client(0)
                .listener(heard)
                .trainer(
                    request -> {
                      training.countDown();
                      try {
                        Thread.sleep(60_000);
                      } catch (InterruptedException e) {
                        interrupted.set(true);
                        throw e;
                      }
                      return new float[request.length()];
                    }));
    startOthers();
    assertThat(training.await(20, TimeUnit.SECONDS)).isTrue();

    client.pause();
    await().untilAsserted(() -> assertThat(heard.outcomes).hasSize(1));
    assertThat(heard.outcomes.get(0).code()).isEqualTo("stopped");
    await().untilTrue(interrupted);
    assertThat(heard.waiting.await(40, TimeUnit.SECONDS)).isTrue();
    int asked = coordinator.requests.size();
    long checkIns = coordinator.count("POST /v1/check-in");

    client.resume();
    await().until(() -> coordinator.count("POST /v1/check-in") == checkIns + 1);
    assertThat(coordinator.requests.size()).isGreaterThan(asked);
  }

  @Test
  void model_ofALayerThatThePolicyDoesNotName_isNotTrained() throws Exception {
    AtomicBoolean trained = new AtomicBoolean();
    FederatedClient client =
        start(
            client(0)
                .listener(heard)
                .policy(cohort.policy().cohort(2).layers("conv2d", "flatten"))
                .trainer(
                    request -> {
                      trained.set(true);
                      return new float[request.length()];
                    }));
    startOthers();
    await().untilAsserted(() -> assertThat(heard.outcomes).hasSize(1));
    assertThat(heard.outcomes.get(0).code()).isEqualTo("model-not-allowed");
    assertThat(heard.outcomes.get(0).reason()).contains("dense");
    assertThat(trained).isFalse();
    client.close();
  }

  @Test
  void coordinatorKey_knownBeforehand_isHeldToAtTheFirstMeetingAndAfterARestart() {
    String right = HexFormat.of().formatHex(cohort.coordinator.publicKey());
    FederatedClient strange = start(client(0).coordinatorKey("00".repeat(32)));
    assertThatThrownBy(strange::awaitDone)
        .satisfies(e -> assertCode(e, Code.COORDINATOR_KEY_CHANGED));
    assertThat(coordinator.count("POST /v1/check-in")).isZero();
    strange.close();

    assertThatThrownBy(() -> client(0).coordinatorKey(right).start())
        .satisfies(e -> assertCode(e, Code.COORDINATOR_KEY_CHANGED));
    start(client(1).coordinatorKey(right));
    await().until(() -> coordinator.count("POST /v1/check-in") == 1);
  }

  @Test
  void settings_outOfBounds_areRefused() {
    assertThatThrownBy(() -> client(0).trainingShare(0))
        .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID));
    assertThatThrownBy(() -> client(0).coordinatorKey("AB"))
        .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID));
    assertThatThrownBy(() -> Policy.atLeast().layers("dens"))
        .satisfies(e -> assertCode(e, Code.CONFIGURATION_INVALID))
        .hasMessageContaining("dense");
  }

  private static void assertCode(Throwable e, Code code) {
    assertThat(e).isInstanceOf(ClientException.class);
    assertThat(((ClientException) e).code()).isEqualTo(code);
  }
}
