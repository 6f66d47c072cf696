package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tributary.client.Enrolment;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.NnTrainer;
import dev.tributary.client.Policy;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.nn.data.Dataset;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.Experiment;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator's path is what the page says: its commands are taken from {@code docs/operate.md}
 * and run by a shell in an empty folder, each in a process of its own. The apps of the path are
 * clients of the SDK.
 */
class OperatorPathTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^```console operator-path\\n(.*?)^```");

  @TempDir private Path folder;
  private int port;

  private List<String> commands() throws Exception {
    Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve("docs/operate.md")));
    assertThat(block.find()).isTrue();
    return block
        .group(1)
        .lines()
        .filter(line -> line.startsWith("$ "))
        .map(line -> line.substring(2).replace("8443", Integer.toString(port)))
        .toList();
  }

  @Test
  @Timeout(300)
  void thePath_fromNothingToAModelAndItsBackup_isWhatThePageSays() throws Exception {
    assumeThat(System.getProperty("os.name")).as("a shell").doesNotStartWith("Windows");
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    launcher();
    List<String> commands = commands();
    assertThat(commands).hasSizeBetween(5, 9);
    Process serving = null;
    List<FederatedClient> clients = new ArrayList<>();
    List<Transport> lines = new ArrayList<>();
    try {
      for (String command : commands) {
        if (command.endsWith("&")) {
          serving = shell("exec " + command.replaceAll("&$", ""), Map.of());
          await().atMost(Duration.ofSeconds(90)).until(this::listens);
        } else if (command.contains("$KEY")) {
          for (int ward = 0; ward < 4; ward++) {
            clients.add(client(ward, command, lines));
          }
          await().atMost(Duration.ofSeconds(120)).until(() -> status().contains("completed"));
        } else {
          succeeds(command, Map.of());
        }
      }
      for (FederatedClient client : clients) {
        client.awaitDone();
      }
    } finally {
      clients.forEach(FederatedClient::close);
      lines.forEach(Transport::close);
      if (serving != null) {
        serving.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
      }
    }
    assertThat(status).contains("3 of 3").contains("completed");
    assertThat(folder.resolve("backups/first/manifest.json")).isRegularFile();
    CommandRun.of(
            "restore",
            "--from",
            folder.resolve("backups/first").toString(),
            "--store",
            folder.resolve("restored").toString())
        .succeeded();
  }

  private String status = "";

  private String status() {
    CommandRun run =
        CommandRun.of(
            "job",
            "status",
            "wards",
            "--url",
            "https://localhost:" + port,
            "--token-file",
            folder.resolve("alice.token").toString(),
            "--ca",
            folder.resolve("data/tls-certificate.pem").toString());
    status = run.succeeded().out();
    return status;
  }

  /** The launcher of the distribution without its build; what it serves does not outlive us. */
  private void launcher() throws Exception {
    String script =
        """
        #!/bin/sh
        case $1 in serve) set -- child "$@" ;; esac
        exec "%s" -Xmx256m -XX:TieredStopAtLevel=1 -cp "$TRIBUTARY_CLASSES" dev.tributary.simulation.Tributary "$@"
        """
            .formatted(Path.of(System.getProperty("java.home"), "bin", "java"));
    Path file = Files.writeString(folder.resolve("tributary"), script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    Files.createDirectories(folder.resolve("examples"));
    Files.copy(ROOT.resolve("examples/wards.yaml"), folder.resolve("examples/wards.yaml"));
  }

  private Process shell(String command, Map<String, String> environment) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).directory(folder.toFile());
    builder.environment().putAll(environment);
    builder
        .environment()
        .put(
            "TRIBUTARY_CLASSES",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    return builder.redirectErrorStream(true).start();
  }

  private void succeeds(String command, Map<String, String> environment) throws Exception {
    Process process = shell(command, environment);
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as("%s%n%s", command, said).isZero();
  }

  private boolean listens() {
    try (Socket socket = new Socket("localhost", port)) {
      return socket.isConnected();
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private FederatedClient client(int ward, String issue, List<Transport> lines) throws Exception {
    Job job = JobFile.read(folder.resolve("examples/wards.yaml"), List.of());
    Dataset rows = Experiment.federation(job).clients().get(ward);
    URI address = URI.create("https://localhost:" + port);
    String pin =
        TlsIdentity.createOrLoad(folder.resolve("data"), List.of("localhost")).fingerprint();
    Transport line = HttpTransport.pinned(address, pin);
    lines.add(line);
    Enrolment enrolment =
        key -> {
          String hex = HexFormat.of().formatHex(key);
          try {
            synchronized (lines) { // The authority's folder is for one command at a time.
              succeeds(issue, Map.of("KEY", hex));
            }
            return Optional.of(Certificate.read(folder.resolve(hex + ".pem")));
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        };
    return FederatedClient.builder()
        .coordinator(address)
        .transport(line)
        .job("wards")
        .trust(TrustAnchors.fromPem(folder.resolve("authority/authority.pem")))
        .enrolment(enrolment)
        .state(folder.resolve("ward-" + ward))
        .trainer(NnTrainer.over(rows))
        .policy(Policy.atLeast().cohort(4).minimumSum(3).maximumEpsilon(Double.POSITIVE_INFINITY))
        .start();
  }
}
