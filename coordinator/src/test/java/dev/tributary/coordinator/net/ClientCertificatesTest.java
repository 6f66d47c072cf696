package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.coordinator.store.AuditEntry;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.secagg.KeyFileException;
import dev.tributary.secagg.TlsAuthority;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom a coordinator serves that asks for TLS certificates, on every route. */
@Timeout(120)
class ClientCertificatesTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path directory;

  private final Instant now = Instant.now();
  private TlsAuthority authority;
  private Path out;

  @BeforeEach
  void certificates() {
    authority = create("ca", now);
    out = directory.resolve("out");
    authority.client("alice", out, now, DAY);
    authority.client("bob", out, now, DAY);
  }

  private TlsAuthority create(String folder, Instant from) {
    return TlsAuthority.create(
        directory.resolve(folder), folder, from, DAY.multipliedBy(9), DAY.multipliedBy(3), RANDOM);
  }

  private Live live(@Nullable ClientCertificates certificates) {
    return new Live(
        directory.resolve("store"),
        Jobs.plain("cohort={size: 4, minimum: 3, population: 4}"),
        4,
        TrustAnchors.trustOnFirstUse(),
        Clock.systemUTC(),
        Limits.DEFAULTS,
        certificates);
  }

  private static HttpClient client(Path certificate, Path key) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(certificate)) {
      Certificate shown = CertificateFactory.getInstance("X.509").generateCertificate(in);
      String pem = Files.readString(key).replaceAll("-----[A-Z ]+-----", "");
      byte[] der = Base64.getMimeDecoder().decode(pem);
      store.setKeyEntry(
          "x",
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der)),
          new char[0],
          new Certificate[] {shown});
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    return client(keys.getKeyManagers());
  }

  private static HttpClient client(KeyManager[] shown) {
    return HttpClient.newBuilder().sslContext(Live.trusting(shown)).build();
  }

  private HttpClient named(String name) throws Exception {
    return client(out.resolve(name + ".pem"), out.resolve(name + "-key.pem"));
  }

  private static HttpResponse<byte[]> ask(Live live, HttpClient client, String method, String path)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + live.port() + path))
            .method(method, BodyPublishers.ofByteArray(new byte[0]))
            .build(),
        BodyHandlers.ofByteArray());
  }

  private static void refused(HttpResponse<byte[]> reply, String code, String why)
      throws Exception {
    assertThat(reply.statusCode()).as(why).isEqualTo(403);
    assertThat(Live.problem(reply).getCode()).isEqualTo("client-certificate-" + code);
    assertThat(Live.problem(reply).getMessage()).contains(why);
  }

  /** Each certificate that does not count, by name; what is wrong with it is in the answer. */
  @Test
  void connections_withoutACertificateThatCounts_areServedNothing_andToldWhy() throws Exception {
    TlsAuthority stranger = create("stranger", now);
    stranger.client("mallory", out, now, DAY);
    authority.client("late", out, now.minus(DAY.multipliedBy(2)), DAY);
    authority.client("early", out, now.plus(DAY.multipliedBy(2)), DAY);
    authority.server(List.of("127.0.0.1"), out, now, DAY);
    authority.revoke(List.of(out.resolve("bob.pem")), now, DAY);
    TlsIdentity self = TlsIdentity.createOrLoad(out.resolve("self"), List.of("127.0.0.1"));
    Map<String, HttpClient> wrong = new LinkedHashMap<>();
    wrong.put("missing: shows no TLS certificate", client((KeyManager[]) null));
    wrong.put("untrusted: CN=mallory is of CN=stranger", named("mallory"));
    wrong.put("untrusted: is signed by itself", client(self.certificatePem(), self.keyPem()));
    wrong.put("expired: CN=late ran out at", named("late"));
    wrong.put("not-yet-valid: CN=early is good from", named("early"));
    wrong.put("revoked: CN=bob was revoked", named("bob"));
    wrong.put(
        "unfit: CN=127.0.0.1 is not for clients",
        client(out.resolve("tls-certificate.pem"), out.resolve("tls-key.pem")));
    ClientCertificates certificates =
        ClientCertificates.of(authority.certificate(), authority.revoked(), Clock.systemUTC());
    try (Live live = live(certificates)) {
      for (Map.Entry<String, HttpClient> each : wrong.entrySet()) {
        String[] expected = each.getKey().split(": ", 2);
        refused(ask(live, each.getValue(), "GET", "/v1/coordinator"), expected[0], expected[1]);
        assertThat(ask(live, each.getValue(), "GET", "/healthz").statusCode()).isEqualTo(200);
      }
      HttpClient nobody = client((KeyManager[]) null);
      for (String route :
          List.of(
              "POST /v1/check-in",
              "POST /v1/jobs/small/check-in",
              "POST /v1/withdraw",
              "POST /v1/exchange",
              "GET /v1/coordinator",
              "GET /v1/models/" + "0".repeat(64),
              "PUT /v1/inputs/" + "0".repeat(64),
              "GET /metrics",
              "GET /no-such-path")) {
        String[] words = route.split(" ");
        refused(ask(live, nobody, words[0], words[1]), "missing", "shows no TLS certificate");
      }
      String token =
          live.store
              .tokens()
              .create("t", "owner", Role.OWNER, Duration.ofDays(1), RANDOM)
              .secret()
              .reveal();
      HttpRequest.Builder administer = live.request("/admin/v1/jobs");
      administer.header("Authorization", "Bearer " + token);
      HttpResponse<String> told = nobody.send(administer.build(), BodyHandlers.ofString());
      assertThat(told.statusCode()).isEqualTo(403);
      assertThat(told.body()).contains("client-certificate-missing");
      assertThat(named("alice").send(administer.build(), BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
      assertThat(ask(live, named("alice"), "GET", "/v1/coordinator").statusCode()).isEqualTo(200);
      assertThat(ask(live, nobody, "GET", "/readyz").statusCode()).isEqualTo(200);
      assertThat(live.metrics.scrape())
          .contains("tributary_certificates_refused_total{reason=\"client-certificate-expired\"}");
    }
  }

  /** On the connection that it was let in on, and not only on the next. */
  @Test
  void certificate_thatIsTakenBack_isRefusedOnItsOpenConnection() throws Exception {
    ClientCertificates certificates =
        ClientCertificates.of(authority.certificate(), authority.revoked(), Clock.systemUTC());
    try (Live live = live(certificates)) {
      HttpClient bob = named("bob");
      assertThat(ask(live, bob, "GET", "/v1/coordinator").statusCode()).isEqualTo(200);
      byte[] before = Files.readAllBytes(authority.revoked());
      Files.writeString(authority.revoked(), "half a li");
      certificates.look();
      assertThat(ask(live, bob, "GET", "/v1/coordinator").statusCode()).isEqualTo(200);
      Files.write(authority.revoked(), before);
      authority.revoke(List.of(out.resolve("bob.pem")), now, DAY);
      certificates.look();
      refused(ask(live, bob, "GET", "/v1/coordinator"), "revoked", "CN=bob was revoked");
      assertThat(ask(live, named("alice"), "GET", "/v1/coordinator").statusCode()).isEqualTo(200);
      TlsAuthority other = create("other", now);
      Files.copy(other.certificate(), authority.certificate(), StandardCopyOption.REPLACE_EXISTING);
      Files.copy(other.revoked(), authority.revoked(), StandardCopyOption.REPLACE_EXISTING);
      certificates.look();
      refused(ask(live, named("alice"), "GET", "/v1/coordinator"), "untrusted", "CN=alice is of");
    }
  }

  private static List<String> noted(Live live) {
    return live.store.auditLog().page(1, 100).entries().stream()
        .filter(entry -> entry.what().equals("trust-changed"))
        .map(AuditEntry::detail)
        .toList();
  }

  /** A restart changes nothing, nor a list that is renewed, nor files that are not taken. */
  @Test
  void whoCounts_isInTheAuditLog_onceForEachChange() throws Exception {
    Supplier<ClientCertificates> files =
        () ->
            ClientCertificates.of(authority.certificate(), authority.revoked(), Clock.systemUTC());
    ClientCertificates certificates = files.get();
    try (Live live = live(certificates)) {
      assertThat(noted(live)).hasSize(2);
      assertThat(noted(live).get(1))
          .matches("TLS certificates of clients: sha256:[0-9a-f]{64}, 0 revoked, of CN=ca.*");
      authority.revoke(List.of(), now.plusSeconds(9), DAY);
      certificates.look();
      byte[] renewed = Files.readAllBytes(authority.revoked());
      Files.writeString(authority.revoked(), "half a li");
      certificates.look();
      assertThat(noted(live)).hasSize(2);
      Files.write(authority.revoked(), renewed);
      authority.revoke(List.of(out.resolve("bob.pem")), now.plusSeconds(99), DAY);
      certificates.look();
      assertThat(noted(live)).hasSize(3);
      assertThat(noted(live).get(2)).contains(", 1 revoked, of CN=ca");
    }
    try (Live live = live(files.get())) {
      assertThat(noted(live)).hasSize(3);
    }
    for (int i = 0; i < 2; i++) {
      try (Live live = live(null)) {
        assertThat(noted(live)).hasSize(4);
        assertThat(noted(live).get(3)).isEqualTo("TLS certificates of clients: none");
        live.store.auditLog().verify(null);
      }
    }
    try (Live live = live(files.get())) {
      assertThat(noted(live)).hasSize(5);
    }
  }

  /** What cannot be written of is not done. */
  @Test
  void change_thatTheAuditLogDoesNotTake_isNotTaken() throws Exception {
    ClientCertificates certificates =
        ClientCertificates.of(authority.certificate(), authority.revoked(), Clock.systemUTC());
    AtomicBoolean damaged = new AtomicBoolean();
    try (Live live = live(certificates)) {
      certificates.noteTo(
          what -> {
            if (damaged.get()) {
              throw new StoreException(StoreException.AUDIT_LOG_DAMAGED, "it is damaged", null);
            }
          });
      TlsAuthority other = create("other", now);
      Files.copy(other.certificate(), authority.certificate(), StandardCopyOption.REPLACE_EXISTING);
      Files.copy(other.revoked(), authority.revoked(), StandardCopyOption.REPLACE_EXISTING);
      damaged.set(true);
      certificates.look();
      assertThat(ask(live, named("alice"), "GET", "/v1/coordinator").statusCode()).isEqualTo(200);
      damaged.set(false);
      certificates.look();
      refused(ask(live, named("alice"), "GET", "/v1/coordinator"), "untrusted", "CN=alice is of");
    }
  }

  @Test
  void list_thatRanOut_letsNobodyIn() throws Exception {
    Clock later = Clock.offset(Clock.systemUTC(), DAY.multipliedBy(4));
    authority.client("carol", out, now, DAY.multipliedBy(8));
    ClientCertificates certificates =
        ClientCertificates.of(authority.certificate(), authority.revoked(), later);
    try (Live live = live(certificates)) {
      refused(ask(live, named("carol"), "GET", "/v1/coordinator"), "unknown", "ran out at");
      assertThat(certificates).isNotNull();
    }
    ClientCertificates without = ClientCertificates.of(authority.certificate(), null, later);
    try (Live live = live(without)) {
      assertThat(ask(live, named("carol"), "GET", "/v1/coordinator").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void files_thatCannotBeUsed_areRefusedAtTheStart() throws Exception {
    TlsAuthority other = create("other", now);
    Path empty = Files.writeString(directory.resolve("empty"), "");
    for (List<Path> each :
        List.of(
            List.of(directory.resolve("none"), authority.revoked()),
            List.of(empty, authority.revoked()),
            List.of(authority.certificate(), empty),
            List.of(authority.certificate(), other.revoked()))) {
      assertThatThrownBy(() -> ClientCertificates.of(each.get(0), each.get(1), Clock.systemUTC()))
          .as("%s", each)
          .isInstanceOf(KeyFileException.class)
          .hasMessageContaining("tls.clientAuthorities");
    }
  }
}
