package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.client.ClientException;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.TlsSettings;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.cli.ErrorCode;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operator's path to a coordinator that serves nobody without a certificate. */
@Timeout(120)
class MutualTlsProcessTest {
  @TempDir private Path folder;
  private int port;

  private String in(String file) {
    return folder.resolve(file).toString();
  }

  private CommandRun tls(String... words) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("authority", "tls"),
                Stream.concat(Stream.of(words), Stream.of("--folder", in("ca"))))
            .toArray(String[]::new));
  }

  private CommandRun list(String... options) {
    String url = "https://127.0.0.1:" + port;
    return CommandRun.of(
        Stream.concat(
                Stream.of("job", "list", "--url", url, "--token-file", in("token")),
                Stream.of(options))
            .toArray(String[]::new));
  }

  private byte[] asked(String host, TlsSettings tls) throws InterruptedException {
    URI address = URI.create("https://" + host + ":" + port);
    try (Transport transport = HttpTransport.over(address, tls, null)) {
      return transport.coordinator().getCoordinatorKey().toByteArray();
    }
  }

  @Test
  void coordinator_withClientAuthorities_servesCertificatesAlone_madeInFewCommands()
      throws Exception {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Store.open(folder.resolve("store"), Durability.DISK).close();
    tls("init").succeeded();
    tls("init").failedWith(ErrorCode.KEY_FILE_UNUSABLE);
    tls("server", "--host", "127.0.0.1", "--out", in("store")).succeeded();
    tls("client", "alice", "bob", "--out", in("certificates")).succeeded();
    tls("revoke", in("certificates/bob.pem")).succeeded();
    String made =
        CommandRun.of(
                "token", "create", "--store", in("store"), "--role", "viewer", "--name", "ann")
            .succeeded()
            .out();
    Files.writeString(
        folder.resolve("token"),
        made.lines().filter(line -> line.startsWith("tributary_")).findFirst().orElseThrow());
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    try (ChildProcess coordinator =
        ChildProcess.start(
            "coordinator",
            List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
            List.of(
                "serve",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--store",
                in("store"),
                "--client-authorities",
                in("ca/ca.pem"),
                "--revoked",
                in("ca/crl.pem")),
            lines::add)) {
      String line;
      do {
        line = lines.poll(60, TimeUnit.SECONDS);
        assertThat(line).as("what the coordinator says").isNotNull();
      } while (!line.contains("fingerprint"));

      assertThat(coordinator.alive()).isTrue();
      String key = in("certificates/alice-key.pem");
      String certificate = in("certificates/alice.pem");
      list("--ca", in("ca/ca.pem"), "--certificate", certificate, "--key", key).succeeded();
      CommandRun nobody = list("--ca", in("ca/ca.pem"));
      nobody.failedWith(ErrorCode.ACCESS_REFUSED);
      assertThat(nobody.err()).contains("shows no TLS certificate", "client-certificate-missing");
      list("--certificate", certificate, "--key", key).failedWith(ErrorCode.CERTIFICATE_MISMATCH);
      list("--ca", in("ca/ca.pem"), "--certificate", certificate, "--key", certificate)
          .failedWith(ErrorCode.KEY_FILE_UNUSABLE);
      list("--ca", in("ca/ca.pem"), "--key", key).failedWith(ErrorCode.USAGE);

      TlsSettings trusting = TlsSettings.machine().authorities(folder.resolve("ca/ca.pem"));
      TlsSettings alice = trusting.certificate(Path.of(certificate), Path.of(key));
      assertThat(asked("127.0.0.1", alice)).hasSize(32);
      assertThatThrownBy(() -> asked("localhost", alice))
          .isInstanceOfSatisfying(
              ClientException.class,
              e -> assertThat(e.code()).isEqualTo(ClientException.Code.CERTIFICATE_MISMATCH))
          .hasMessageContaining("localhost");
      assertThatThrownBy(() -> asked("127.0.0.1", trusting))
          .isInstanceOfSatisfying(
              ClientException.class,
              e -> assertThat(e.code()).isEqualTo(ClientException.Code.CHECK_IN_REFUSED))
          .hasMessageContaining("shows no TLS certificate");
      TlsSettings bob =
          trusting.certificate(
              folder.resolve("certificates/bob.pem"), folder.resolve("certificates/bob-key.pem"));
      assertThatThrownBy(() -> asked("127.0.0.1", bob)).hasMessageContaining("was revoked");
    }
  }
}
