package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.client.ClientException.Code;
import dev.tributary.client.tls.Fingerprint;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.ExchangeRequest;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HttpTransportTest {
  @TempDir Path directory;
  private final Cohort cohort = new Cohort(3, 5);
  private TestCoordinator coordinator;
  private HttpTransport transport;

  @BeforeEach
  void listen() throws Exception {
    TestRounds rounds =
        new TestRounds(cohort, 1, number -> cohort.plainPlan(InsecurePlainSum.ID, number).build());
    coordinator = new TestCoordinator(cohort, directory.resolve("tls"), rounds);
    transport = HttpTransport.pinned(coordinator.address(), coordinator.fingerprint());
  }

  @AfterEach
  void close() {
    transport.close();
    coordinator.close();
  }

  private byte[] token() throws InterruptedException {
    StateDirectory state = StateDirectory.open(directory.resolve("state"));
    CheckIn.Answer answer =
        new CheckIn(
                transport,
                state,
                cohort.identities.get(0),
                java.time.Clock.systemUTC(),
                new java.security.SecureRandom())
            .ask(null, null);
    state.close();
    return answer.connection().token();
  }

  @Test
  void model_longerThanThePlanSays_isNotReadToItsEnd() throws Exception {
    byte[] token = token();
    long length = cohort.model.toBytes().length;
    assertThat(fetch(token, length, new ByteArrayOutputStream())).isEqualTo(cohort.model.toBytes());

    coordinator.faults.modelBytes = 1 << 20;
    assertThatThrownBy(() -> fetch(token, length, new ByteArrayOutputStream()))
        .satisfies(e -> assertCode(e, Code.REPLY_INVALID))
        .hasMessageContaining("longer than");
  }

  private byte[] fetch(byte[] token, long length, ByteArrayOutputStream into)
      throws InterruptedException {
    transport.get(token, cohort.model.digest(), length, into);
    return into.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void model_cutOnTheWay_isFetchedFromThere_orPassedOverWhereTheServerBeginsAnew(boolean anew)
      throws Exception {
    byte[] token = token();
    byte[] model = cohort.model.toBytes();
    ByteArrayOutputStream into = new ByteArrayOutputStream();
    coordinator.faults.breakDownloads = 1;
    coordinator.faults.ignoreRanges = anew;
    assertThatThrownBy(() -> fetch(token, model.length, into))
        .satisfies(e -> assertCode(e, Code.COORDINATOR_UNREACHABLE));
    assertThat(into.size()).isEqualTo(model.length / 2);

    assertThat(fetch(token, model.length, into)).isEqualTo(model);
    assertThat(coordinator.ranges).containsExactly("", "bytes=" + model.length / 2 + "-");
  }

  @Test
  void model_thatStandsStill_isGivenUp_andFetchedFromThere() throws Exception {
    transport.close();
    transport = impatient();
    byte[] token = token();
    byte[] model = cohort.model.toBytes();
    ByteArrayOutputStream into = new ByteArrayOutputStream();
    coordinator.faults.stall = 1;
    assertThatThrownBy(() -> fetch(token, model.length, into))
        .satisfies(e -> assertCode(e, Code.COORDINATOR_UNREACHABLE));
    assertThat(into.size()).isEqualTo(model.length / 2);
    assertThat(fetch(token, model.length, into)).isEqualTo(model);
  }

  @Test
  void upload_thatStandsStill_isGivenUp_andFoundThere() throws Exception {
    transport.close();
    transport = impatient();
    byte[] token = token();
    byte[] session = new byte[32];
    coordinator.faults.stall = 1;
    assertThatThrownBy(() -> transport.put(token, session, Body.of(new byte[1000]), 0))
        .satisfies(e -> assertCode(e, Code.COORDINATOR_UNREACHABLE));
    assertThat(transport.uploaded(token, session)).isEqualTo(1000);
  }

  /** Waits for three seconds of nothing. */
  private HttpTransport impatient() {
    return HttpTransport.pinned(
        coordinator.address(), coordinator.fingerprint(), null, Duration.ofSeconds(1));
  }

  @Test
  void upload_atTheWrongOffset_isToldTheRightOne() throws Exception {
    byte[] token = token();
    byte[] session = new byte[32];
    Body body = Body.of(new byte[1000]);
    assertThat(transport.uploaded(token, session)).isZero();
    assertThat(transport.put(token, session, body, 400)).isZero();
    assertThat(transport.put(token, session, body, 0)).isEqualTo(1000);
    assertThat(transport.uploaded(token, session)).isEqualTo(1000);
    assertThat(transport.put(token, session, body, 1000)).isEqualTo(1000);
  }

  @Test
  void status_becomesACode() throws Exception {
    assertThatThrownBy(() -> transport.exchange(new byte[32], ExchangeRequest.getDefaultInstance()))
        .satisfies(e -> assertCode(e, Code.TOKEN_EXPIRED))
        .hasMessageContaining("A test said token-unknown.");
    coordinator.faults.unavailable = 1;
    assertThatThrownBy(() -> transport.coordinator())
        .satisfies(e -> assertCode(e, Code.COORDINATOR_BUSY))
        .satisfies(
            e -> assertThat(((ClientException) e).window()).isEqualTo(Duration.ofSeconds(7)));
    byte[] token = token();
    coordinator.faults.over = true;
    assertThatThrownBy(() -> transport.uploaded(token, new byte[32]))
        .satisfies(e -> assertCode(e, Code.ROUND_OVER));
  }

  @Test
  void server_thatSpeaksOnlyOlderTls_isNotTalkedTo() {
    coordinator.faults.oldTls = true;
    assertThatThrownBy(transport::coordinator)
        .satisfies(e -> assertCode(e, Code.COORDINATOR_UNREACHABLE))
        .hasMessageContaining("TLS");
    assertThat(coordinator.requests).isEmpty();
  }

  @Test
  void port_whereNothingListens_isUnreachable() {
    try (HttpTransport nobody =
        HttpTransport.pinned(URI.create("https://localhost:1"), coordinator.fingerprint())) {
      assertThatThrownBy(nobody::coordinator)
          .satisfies(e -> assertCode(e, Code.COORDINATOR_UNREACHABLE))
          .hasMessageContaining("https://localhost:1");
    }
  }

  @Test
  void fingerprint_isReadInEveryCommonForm() {
    String hex = coordinator.fingerprint().substring("sha256:".length());
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < hex.length(); i += 2) {
      pairs.add(hex.substring(i, i + 2).toUpperCase(java.util.Locale.ROOT));
    }
    assertThat(Fingerprint.parse(String.join(":", pairs))).isEqualTo(Fingerprint.parse(hex));
    assertThat(Fingerprint.parse("sha256:" + hex)).hasToString(coordinator.fingerprint());
  }

  @Test
  void closed_asksNobody() {
    transport.close();
    assertThatThrownBy(transport::coordinator)
        .satisfies(e -> assertCode(e, Code.COORDINATOR_UNREACHABLE));
    assertThat(coordinator.requests).isEmpty();
  }

  private static void assertCode(Throwable e, Code code) {
    assertThat(e).isInstanceOf(ClientException.class);
    assertThat(((ClientException) e).code()).isEqualTo(code);
  }
}
