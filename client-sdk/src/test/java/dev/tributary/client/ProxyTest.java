package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.client.ClientException.Code;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.v1.CheckInReply;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stands between a client and its coordinator. */
@Timeout(120)
class ProxyTest {
  private static final int N = 3;
  private static final Duration ONE_MINUTE = Duration.ofMinutes(1);

  @TempDir Path directory;
  private final Cohort cohort = new Cohort(N, 31);
  private final List<AutoCloseable> open = new ArrayList<>();
  private TestCoordinator coordinator;
  private TestProxy proxy;

  @BeforeEach
  void listen() throws Exception {
    TestRounds rounds =
        new TestRounds(cohort, 1, number -> cohort.plan(InsecurePlainSum.ID, number, 4, 3).build());
    coordinator = opened(new TestCoordinator(cohort, directory.resolve("tls"), rounds));
    proxy = opened(new TestProxy());
  }

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private <T extends AutoCloseable> T opened(T each) {
    open.add(each);
    return each;
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

  private void startOthers() {
    for (int member = 1; member < N; member++) {
      opened(client(member).start());
    }
  }

  @Test
  void login_isGivenToTheProxyAndToNobodyElse() throws Exception {
    proxy.credentials =
        "Basic "
            + Base64.getEncoder().encodeToString("me:secret".getBytes(StandardCharsets.ISO_8859_1));
    HttpProxy through = proxy.address().login("me", "secret".toCharArray());
    assertThat(through.toString()).doesNotContain("secret", "me,").contains("with a login");
    FederatedClient client = opened(client(0).proxy(through).start());
    startOthers();
    client.awaitDone();
    assertThat(coordinator.rounds.sums()).hasSize(1);
    assertThat(proxy.tunnels).contains("open").doesNotContain("refused");
    assertThat(coordinator.proxyLogins).isEmpty();
  }

  @Test
  void login_thatIsMissing_isAskedForByName() {
    proxy.credentials = "Basic " + "x".repeat(8);
    FederatedClient client = opened(client(0).proxy(proxy.address()).start());
    assertThatThrownBy(client::awaitDone)
        .satisfies(e -> assertThat(((ClientException) e).code()).isEqualTo(Code.PROXY_REFUSED))
        .hasMessageContaining("disabledSchemes");
    assertThat(coordinator.requests).isEmpty();
  }

  /** The first poll is cut; the next ones come back in half that time. */
  @Test
  void idleTimeOut_belowTheLongPoll_costsOnePoll() throws Exception {
    proxy.idleNanos = TimeUnit.MILLISECONDS.toNanos(4_000);
    List<ClientException> troubles = new CopyOnWriteArrayList<>();
    FederatedClient client =
        opened(
            client(0)
                .proxy(proxy.address())
                .listener(
                    new ClientListener() {
                      @Override
                      public void onTrouble(ClientException trouble, Duration pause) {
                        troubles.add(trouble);
                      }
                    })
                .start());
    Awaitility.await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> coordinator.count("POST /v1/exchange") >= 3);
    startOthers();
    client.awaitDone();
    assertThat(coordinator.rounds.sums()).hasSize(1);
    assertThat(troubles).hasSizeBetween(1, 2);
  }

  /** HTTP/2 has one connection for all requests, which outlives the network it was made on. */
  @Test
  void networkLost_withoutAWord_theNextRequestTakesAnotherConnection() throws Exception {
    TlsIdentity tls = TlsIdentity.createOrLoad(directory.resolve("h2"), List.of("localhost"));
    Vertx vertx = Vertx.vertx();
    open.add(() -> vertx.close().toCompletionStage().toCompletableFuture().get());
    HttpServer server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                    .setKeyCertOptions(
                        new PemKeyCertOptions()
                            .setKeyPath(tls.keyPem().toString())
                            .setCertPath(tls.certificatePem().toString())))
            .requestHandler(
                request ->
                    request
                        .response()
                        .end(
                            Buffer.buffer(
                                CheckInReply.newBuilder().setTask("t").build().toByteArray())))
            .listen(0, "localhost")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    HttpTransport transport =
        opened(
            HttpTransport.pinned(
                URI.create("https://localhost:" + server.actualPort()),
                tls.fingerprint(),
                proxy.address(),
                Duration.ofSeconds(5)));
    Awaitility.await().atMost(ONE_MINUTE).ignoreExceptions().until(() -> answers(transport));
    int tunnels = proxy.tunnels.size();
    transport.coordinator();
    assertThat(proxy.tunnels).hasSize(tunnels);

    proxy.loseNetwork();
    assertThatThrownBy(transport::coordinator)
        .satisfies(
            e -> assertThat(((ClientException) e).code()).isEqualTo(Code.COORDINATOR_UNREACHABLE));
    Awaitility.await().atMost(ONE_MINUTE).ignoreExceptions().until(() -> answers(transport));
    assertThat(proxy.tunnels).hasSizeGreaterThan(tunnels);
  }

  private static boolean answers(HttpTransport transport) throws InterruptedException {
    return transport.coordinator().getTask().equals("t");
  }
}
