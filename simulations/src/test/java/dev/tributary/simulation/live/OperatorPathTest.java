package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tributary.client.Enrolment;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.NnTrainer;
import dev.tributary.client.Policy;
import dev.tributary.client.TlsSettings;
import dev.tributary.client.Trainer;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.nn.data.Dataset;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.cli.ErrorCode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator's paths are what the page says: their commands are taken from {@code
 * docs/operate.md} and run by a shell in an empty folder, each in a process of its own. The apps of
 * the paths are clients of the SDK.
 */
class OperatorPathTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final int WARDS = 4;
  private static final Pattern PORT = Pattern.compile("\\b844[1-3]\\b");

  @TempDir private Path folder;

  /** Of this machine in the place of the page's. */
  private final Map<String, Integer> ports = new HashMap<>();

  private final List<FederatedClient> clients = new ArrayList<>();
  private final List<Transport> lines = new ArrayList<>();
  private Process serving;

  /** What the apps of a path do, and see to while they do it. */
  private interface Apps {
    void run(String issue) throws Exception;
  }

  private List<String> commands(String path) throws Exception {
    Matcher block =
        Pattern.compile("(?ms)^```console " + path + "\\n(.*?)^```")
            .matcher(Files.readString(ROOT.resolve("docs/operate.md")));
    assertThat(block.find()).isTrue();
    for (String port : List.of("8441", "8442", "8443")) {
      try (ServerSocket free = new ServerSocket(0)) {
        ports.put(port, free.getLocalPort());
      }
    }
    List<String> commands =
        block
            .group(1)
            .lines()
            .filter(line -> line.startsWith("$ "))
            .map(
                line ->
                    PORT.matcher(line.substring(2))
                        .replaceAll(said -> ports.get(said.group()).toString()))
            .toList();
    assertThat(commands).hasSizeBetween(5, 9);
    return commands;
  }

  private URI address(String port) {
    return URI.create("https://localhost:" + ports.get(port));
  }

  private void follow(List<String> commands, List<String> served, Apps apps) throws Exception {
    for (String command : commands) {
      if (command.contains("tributary serve")) {
        String waits = command.replaceAll("&$", "");
        serving = shell("exec 3<&0; " + waits + "\nwait", Map.of());
        for (String port : served) {
          await().atMost(Duration.ofSeconds(90)).until(() -> listens(ports.get(port)));
        }
      } else if (command.contains("$KEY")) {
        apps.run(command);
      } else {
        String said = succeeds(command, Map.of());
        if (command.contains("job status")) {
          assertThat(said).contains("3 of 3").contains("completed");
        }
      }
    }
  }

  @AfterEach
  void ends() throws Exception {
    clients.forEach(FederatedClient::close);
    lines.forEach(Transport::close);
    if (serving != null) {
      List<ProcessHandle> left = serving.descendants().toList();
      left.forEach(ProcessHandle::destroyForcibly);
      serving.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
      for (ProcessHandle one : left) {
        one.onExit().get(20, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  @Timeout(300)
  void thePath_fromNothingToAModelAndItsBackup_isWhatThePageSays() throws Exception {
    List<String> commands = prepared("operator-path");
    follow(
        commands,
        List.of("8443"),
        issue -> {
          for (int ward = 0; ward < WARDS; ward++) {
            String pin =
                TlsIdentity.createOrLoad(folder.resolve("data"), List.of("localhost"))
                    .fingerprint();
            Transport line = HttpTransport.pinned(address("8443"), pin);
            client(ward, address("8443"), line, issue, NnTrainer.over(rows(ward)));
          }
          completed("8443", "--ca", in("data/tls-certificate.pem"));
          for (FederatedClient client : clients) {
            client.awaitDone();
          }
        });
    assertThat(folder.resolve("backups/first/manifest.json")).isRegularFile();
    CommandRun.of("restore", "--from", in("backups/first"), "--store", in("restored")).succeeded();
  }

  /** The owner of the job dies while clients train for its second round. */
  @Test
  @Timeout(300)
  void thePath_toThreeCoordinatorsWithCertificates_bearsTheEndOfOne() throws Exception {
    List<String> commands = prepared("operator-path-three");
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.builder().setServerConfig("fsync", "off").start()) {
      database(postgres);
      try {
        follow(commands, List.of("8441", "8442", "8443"), this::outliveACoordinator);
      } finally {
        ends();
      }
    }
  }

  private void outliveACoordinator(String issue) throws Exception {
    AtomicBoolean killed = new AtomicBoolean();
    try (TcpLine balancer = new TcpLine(List.copyOf(ports.values()))) {
      URI address = URI.create("https://localhost:" + balancer.port());
      for (int ward = 0; ward < WARDS; ward++) {
        TlsSettings tls =
            TlsSettings.machine()
                .authorities(folder.resolve("tls-authority/ca.pem"))
                .certificate(
                    folder.resolve("certificates/ward-" + ward + ".pem"),
                    folder.resolve("certificates/ward-" + ward + "-key.pem"));
        Trainer trains = NnTrainer.over(rows(ward));
        Trainer untilTheSecond =
            request -> {
              if (request.round() == 2 && !killed.getAndSet(true)) {
                kill(ports.get("8441"));
              }
              return trains.train(request);
            };
        client(ward, address, HttpTransport.over(address, tls, null), issue, untilTheSecond);
      }
      String[] alice = {
        "--ca",
        in("tls-authority/ca.pem"),
        "--certificate",
        in("certificates/alice.pem"),
        "--key",
        in("certificates/alice-key.pem")
      };
      completed("8442", alice);
      assertThat(killed).isTrue();
      assertThat(listens(ports.get("8441"))).isFalse();
      for (FederatedClient client : clients) {
        client.awaitDone();
      }
      clients.get(0).close();
      withdraw("--ca", in("tls-authority/ca.pem")).failedWith(ErrorCode.CHECK_IN_REFUSED);
      assertThat(withdraw(alice).succeeded().out()).contains("withdrawn: no client is left in");
    }
  }

  private CommandRun withdraw(String... tls) {
    return command(
        tls,
        "client",
        "withdraw",
        "--coordinator",
        address("8443").toString(),
        "--state",
        in("ward-0"),
        "--patience",
        "20");
  }

  private void database(EmbeddedPostgres postgres) throws Exception {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement sql = connection.createStatement()) {
      sql.execute("CREATE ROLE tributary LOGIN PASSWORD 'not in the file'");
      sql.execute("CREATE DATABASE tributary OWNER tributary");
    }
    Files.writeString(folder.resolve("database-password"), "not in the file\n");
    Path file = folder.resolve("examples/coordinators.yaml");
    String example = Files.readString(ROOT.resolve("examples/coordinators.yaml"));
    Files.writeString(file, example.replace(":5432/", ":" + postgres.getPort() + "/"));
    assertThat(file).content().isNotEqualTo(example);
  }

  /** As the system does, at once. */
  private void kill(int port) {
    ProcessHandle node =
        serving
            .descendants()
            .filter(
                one ->
                    List.of(one.info().arguments().orElse(new String[0]))
                        .contains(Integer.toString(port)))
            .findFirst()
            .orElseThrow();
    node.destroyForcibly();
    node.onExit().join();
  }

  private List<String> prepared(String path) throws Exception {
    assumeThat(System.getProperty("os.name")).as("a shell").doesNotStartWith("Windows");
    launcher();
    return commands(path);
  }

  private String in(String file) {
    return folder.resolve(file).toString();
  }

  private static CommandRun command(String[] last, String... first) {
    return CommandRun.of(Stream.concat(Stream.of(first), Stream.of(last)).toArray(String[]::new));
  }

  /** While the job moves it is nobody's, and the command says so. */
  private void completed(String port, String... tls) {
    await()
        .atMost(Duration.ofSeconds(120))
        .until(
            () ->
                command(
                        tls,
                        "job",
                        "status",
                        "wards",
                        "--url",
                        address(port).toString(),
                        "--token-file",
                        in("alice.token"))
                    .out()
                    .contains("completed"));
  }

  /** The launcher of the distribution without its build; what it serves does not outlive us. */
  private void launcher() throws Exception {
    String script =
        """
        #!/bin/sh
        case $1 in serve) set -- child "$@"; exec <&3 ;; esac
        exec "%s" -Xmx256m -XX:TieredStopAtLevel=1 dev.tributary.simulation.Tributary "$@"
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
            "CLASSPATH", // By a name in the environment, so that arguments are short enough to see.
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    return builder.redirectErrorStream(true).start();
  }

  private String succeeds(String command, Map<String, String> environment) throws Exception {
    Process process = shell(command, environment);
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as("%s%n%s", command, said).isZero();
    return said;
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket("localhost", port)) {
      return socket.isConnected();
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private Dataset rows(int ward) {
    Job job = JobFile.read(folder.resolve("examples/wards.yaml"), List.of());
    return Experiment.federation(job).clients().get(ward);
  }

  private void client(int ward, URI address, Transport line, String issue, Trainer trainer)
      throws Exception {
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
    clients.add(
        FederatedClient.builder()
            .coordinator(address)
            .transport(line)
            .job("wards")
            .trust(TrustAnchors.fromPem(folder.resolve("authority/authority.pem")))
            .enrolment(enrolment)
            .state(folder.resolve("ward-" + ward))
            .trainer(trainer)
            .policy(
                Policy.atLeast().cohort(4).minimumSum(3).maximumEpsilon(Double.POSITIVE_INFINITY))
            .start());
  }
}
