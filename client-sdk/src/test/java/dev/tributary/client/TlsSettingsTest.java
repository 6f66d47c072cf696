package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.tributary.client.ClientException.Code;
import dev.tributary.client.tls.PemFiles;
import dev.tributary.secagg.TlsAuthority;
import dev.tributary.secagg.TlsIdentity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which servers a client believes, and what it shows them. */
@Timeout(60)
class TlsSettingsTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path directory;

  private final Instant now = Instant.now();
  private TlsAuthority authority;

  @BeforeEach
  void authority() {
    authority = create("ca");
  }

  private TlsAuthority create(String folder) {
    return TlsAuthority.create(
        directory.resolve(folder), folder, now, DAY.multipliedBy(9), DAY, RANDOM);
  }

  /** A server that answers with the name of whoever asks. */
  private final class Server implements AutoCloseable {
    private final HttpsServer server;
    volatile String seen = "";

    Server(Path certificate, Path key) throws Exception {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(PemFiles.keyStore(certificate, key), new char[0]);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(PemFiles.trustStore(authority.certificate()));
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
      server.setHttpsConfigurator(
          new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
              SSLParameters tls = context.getDefaultSSLParameters();
              tls.setWantClientAuth(true);
              parameters.setSSLParameters(tls);
            }
          });
      server.createContext(
          "/",
          http -> {
            try {
              seen = ((HttpsExchange) http).getSSLSession().getPeerPrincipal().getName();
            } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
              seen = "nobody";
            }
            http.sendResponseHeaders(200, -1);
            http.close();
          });
      server.start();
    }

    void ask(TlsSettings tls) throws InterruptedException {
      URI address = URI.create("https://localhost:" + server.getAddress().getPort());
      try (Transport transport = HttpTransport.over(address, tls, null)) {
        transport.coordinator();
      }
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private Server server(TlsAuthority of, String host, Instant from) throws Exception {
    Path out = Files.createTempDirectory(directory, "server");
    of.server(List.of(host), out, from, DAY);
    return new Server(out.resolve("tls-certificate.pem"), out.resolve("tls-key.pem"));
  }

  private TlsSettings trusting() {
    return TlsSettings.machine().authorities(authority.certificate());
  }

  @Test
  void client_showsWhatItWasGiven_asFilesOrAsAKeyStore() throws Exception {
    Path out = directory.resolve("out");
    authority.client("alice", out, now, DAY);
    Path certificate = out.resolve("alice.pem");
    Path key = out.resolve("alice-key.pem");
    KeyStore store = PemFiles.keyStore(certificate, key);
    try (Server server = server(authority, "localhost", now)) {
      server.ask(trusting());
      assertThat(server.seen).isEqualTo("nobody");
      server.ask(trusting().certificate(certificate, key));
      assertThat(server.seen).isEqualTo("CN=alice");
      server.ask(trusting());
      server.ask(trusting().keyStore(store, new char[0]));
      assertThat(server.seen).isEqualTo("CN=alice");
    }
  }

  @Test
  void server_thatIsNotWhoItShouldBe_isSentNothing_andNamed() throws Exception {
    Path out = directory.resolve("out");
    authority.client("alice", out, now, DAY);
    TlsSettings alice =
        trusting().certificate(out.resolve("alice.pem"), out.resolve("alice-key.pem"));
    TlsIdentity self = TlsIdentity.createOrLoad(directory.resolve("self"), List.of("localhost"));
    try (Server otherName = server(authority, "elsewhere.example.org", now);
        Server expired = server(authority, "localhost", now.minus(DAY.multipliedBy(2)));
        Server early = server(authority, "localhost", now.plus(DAY.multipliedBy(2)));
        Server otherAuthority = server(create("stranger"), "localhost", now);
        Server selfSigned = new Server(self.certificatePem(), self.keyPem());
        Server clients = new Server(out.resolve("alice.pem"), out.resolve("alice-key.pem"))) {
      refused(otherName, alice, "matching localhost found");
      refused(expired, alice, "it has expired, NotAfter");
      refused(early, alice, "it is not valid yet, NotBefore");
      refused(otherAuthority, alice, "unable to find valid certification path");
      refused(selfSigned, alice, "unable to find valid certification path");
      refused(clients, alice, "Extended key usage does not permit use for TLS server");
      selfSigned.ask(TlsSettings.machine().pin(self.fingerprint()));
      refused(selfSigned, TlsSettings.machine(), "unable to find valid certification path");
    }
  }

  private static void refused(Server server, TlsSettings tls, String why) {
    server.seen = "";
    assertThatThrownBy(() -> server.ask(tls))
        .as(why)
        .isInstanceOfSatisfying(
            ClientException.class, e -> assertThat(e.code()).isEqualTo(Code.CERTIFICATE_MISMATCH))
        .hasMessageContaining(why);
    assertThat(server.seen).isEmpty();
  }

  @Test
  void settings_thatCannotBe_areNamed() throws Exception {
    Path out = directory.resolve("out");
    authority.client("alice", out, now, DAY);
    Path certificate = out.resolve("alice.pem");
    Path key = out.resolve("alice-key.pem");
    Path none = directory.resolve("none");
    Path damaged =
        Files.writeString(
            directory.resolve("damaged"),
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    for (TlsSettings wrong :
        List.of(
            TlsSettings.machine().pin("sha256:12"),
            TlsSettings.machine().authorities(none),
            TlsSettings.machine().authorities(key),
            TlsSettings.machine().certificate(certificate, none),
            TlsSettings.machine().certificate(certificate, certificate),
            TlsSettings.machine().certificate(key, key),
            TlsSettings.machine().certificate(certificate, damaged))) {
      assertThatThrownBy(wrong::context)
          .isInstanceOfSatisfying(
              ClientException.class,
              e -> assertThat(e.code()).isEqualTo(Code.CONFIGURATION_INVALID));
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "x",
        PemFiles.keyStore(certificate, key).getKey("client", new char[0]),
        "right".toCharArray(),
        PemFiles.keyStore(certificate, key).getCertificateChain("client"));
    assertThatThrownBy(() -> TlsSettings.machine().keyStore(store, "wrong".toCharArray()))
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("key store");
  }
}
