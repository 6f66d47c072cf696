package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tributary.client.Enrolment;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Policy;
import dev.tributary.client.Trainer;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Member;
import dev.tributary.coordinator.store.PostgresSettings;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.nn.ModelFile;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Mode;
import dev.tributary.simulation.CommandRun;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three coordinators, each a process, on one PostgreSQL, behind a balancer. They are killed
 * (SIGKILL), stopped (SIGSTOP, for longer than the lease) and cut off from the database, at moments
 * that a seed draws. Client i adds 1 at coordinate i and nothing else, so that a released model
 * shows whose updates are in it; the noise is small beside that (standard deviation 0.06; a wrong
 * reading is an 8-sigma event).
 */
class NodesProcessTest {
  private static final int CLIENTS = 16;
  private static final Duration LEASE = Duration.ofSeconds(3);

  /**
   * The lease, two looks of a second if the one whose turn it is stands still as well, and a second
   * for two loaded cores.
   */
  private static final Duration TAKEN_OVER = LEASE.plusSeconds(3);

  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: nodes
      model:
        input: [8]
        layers: [{dense: {units: 4, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 1, batchSize: 1, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
      strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
      rounds: %d
      cohort: {size: %d, minimum: 12, population: %d, joining: between-passes, schedule: {participations: %d, separation: 1}}
      privacy: {unit: user, epsilon: 20000, delta: 1e-5, clipNorm: 1.0, noiseMultiplier: 0.05, mechanism: distributed-discrete-gaussian, colluders: 1}
      secureAggregation: {suite: sa1, mode: malicious}
      deadline: 60s
      """;

  /** What becomes of a coordinator. */
  private enum Fault {
    KILLED,
    STOPPED,
    CUT_OFF
  }

  /** A coordinator's process, with a line of its own to the database. */
  private final class Node implements AutoCloseable {
    final String name;
    final Path folder;
    final int port;
    final TcpLine database;
    private ChildProcess process;

    Node(int number, int postgres) throws Exception {
      name = "node" + number;
      folder = Files.createDirectories(directory.resolve(name));
      database = new TcpLine(List.of(postgres));
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      Files.writeString(
          folder.resolve("coordinator.yaml"),
          """
          host: 127.0.0.1
          port: %d
          store: data
          authority: ../authority.pem
          database: {url: "jdbc:postgresql://127.0.0.1:%d/postgres", user: postgres, lease: %ds}
          """
              .formatted(port, database.port(), LEASE.toSeconds()));
    }

    void start() throws Exception {
      process =
          ChildProcess.start(
              name,
              List.of("-Xmx192m", "-XX:TieredStopAtLevel=1"),
              List.of("serve", "--config", folder.resolve("coordinator.yaml").toString()),
              line -> said.add(name + " " + line));
    }

    void signal(String signal) throws Exception {
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    }

    @Override
    public void close() {
      database.cut(false);
      if (process != null) {
        process.close();
      }
      database.close();
    }
  }

  @TempDir private Path directory;
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());
  private final Map<ByteString, Integer> clientOf = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private EmbeddedPostgres postgres;
  private TcpLine balancer;
  private Job job;
  private final ClientLines asked = new ClientLines(this::taken);
  private final List<Envelope> unwritten = new CopyOnWriteArrayList<>();
  private final Map<KindCase, Integer> acknowledged = new ConcurrentHashMap<>();

  @Test
  @Timeout(400)
  void ownerIsKilled_thenStopped_theInvariantsHold() throws Exception {
    run(1, 3, List.of(Fault.KILLED, Fault.STOPPED));
  }

  @ParameterizedTest
  @Tag("nightly")
  @ValueSource(longs = {20_261_122, 20_261_123, 20_261_124, 20_261_125})
  @Timeout(900)
  void killedStoppedAndCutOffAtRandom_theInvariantsHold(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      faults.add(Fault.values()[random.nextInt(Fault.values().length)]);
    }
    run(seed, 12, faults);
  }

  private void run(long seed, int rounds, List<Fault> faults) throws Exception {
    String as = "seed " + seed;
    SplittableRandom random = new SplittableRandom(seed);
    job = JobFile.parse("job.yaml", JOB.formatted(rounds, CLIENTS, CLIENTS, rounds), List.of());
    List<FederatedClient> clients = new ArrayList<>();
    List<Transport> transports = new ArrayList<>();
    postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    try (EnrolmentAuthority authority = EnrolmentAuthority.create("default", new SecureRandom())) {
      Files.writeString(directory.resolve("authority.pem"), authority.anchors().toPem());
      for (int i = 0; i < 3; i++) {
        nodes.add(new Node(i, postgres.getPort()));
      }
      balancer = new TcpLine(nodes.stream().map(node -> node.port).toList());
      token();
      keepJournals();
      nodes.get(0).start();
      String fingerprint =
          heard("node0", "fingerprint").replaceAll(".*(sha256:[0-9a-f:]+).*", "$1");
      for (Node node : nodes.subList(1, 3)) {
        // One key and one certificate, as behind one name.
        for (String file : List.of("coordinator-key.pem", "tls-certificate.pem", "tls-key.pem")) {
          Path data = Files.createDirectories(node.folder.resolve("data"));
          Files.copy(nodes.get(0).folder.resolve("data").resolve(file), data.resolve(file));
        }
        node.start();
      }
      heard("node1", "fingerprint");
      heard("node2", "fingerprint");
      Path file = Files.writeString(directory.resolve("job.yaml"), job.source());
      admin(fingerprint, "submit", file.toString()).succeeded();
      for (int client = 0; client < CLIENTS; client++) {
        transports.add(line(client, fingerprint));
        clients.add(client(client, transports.get(client), authority));
      }
      await().atMost(Duration.ofSeconds(90)).until(() -> rounds("RUNNING") > 0);
      transports.add(line(CLIENTS, fingerprint));
      clients.add(client(CLIENTS, transports.get(CLIENTS), authority));
      for (Fault fault : faults) {
        nodes.get(0).process.awaitEnd(Duration.ofMillis(random.nextInt(1_000)));
        Node hit = random.nextInt(3) > 0 ? owner() : nodes.get(random.nextInt(3));
        suffer(hit, fault);
      }
      await()
          .atMost(Duration.ofSeconds(240))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> rounds("COMMITTED") + rounds("ABORTED") == rounds);
      clients.forEach(FederatedClient::close);
      nodes.forEach(Node::close);
      check(as, rounds);
      asked.check(as, rounds("COMMITTED"));
      acknowledgedOnceWritten(as);
      journalsKept(as);
    } catch (Throwable e) {
      throw new AssertionError(as + ":\n" + String.join("\n", said), e);
    } finally {
      clients.forEach(FederatedClient::close);
      transports.forEach(Transport::close);
      nodes.forEach(Node::close);
      if (balancer != null) {
        balancer.close();
      }
      postgres.close();
    }
  }

  private Transport line(int client, String fingerprint) {
    return asked.by(
        client,
        HttpTransport.pinned(URI.create("https://127.0.0.1:" + balancer.port()), fingerprint));
  }

  private void suffer(Node hit, Fault fault) throws Exception {
    boolean owned = owner() == hit;
    said.add("-- " + hit.name + " is " + fault + (owned ? ", and had the job" : ""));
    int before = said.size();
    long began = System.nanoTime();
    switch (fault) {
      case KILLED -> hit.process.kill();
      case STOPPED -> {
        hit.signal("STOP");
        balancer.out(hit.port, true);
      }
      case CUT_OFF -> hit.database.cut(true);
    }
    if (owned) {
      await()
          .atMost(TAKEN_OVER)
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                Node owns = owner();
                return owns != null && owns != hit;
              });
      System.out.printf(
          "%s, and another has its job after %d ms%n",
          fault, (System.nanoTime() - began) / 1_000_000);
    }
    Node now = owner();
    said.add("-- the job is at " + (now == null ? "nobody's" : now.name));
    switch (fault) {
      case KILLED -> {
        hit.start();
        heard(hit.name, "fingerprint", before);
      }
      case STOPPED -> {
        hit.process.awaitEnd(LEASE.dividedBy(2));
        hit.signal("CONT");
        balancer.out(hit.port, false);
      }
      case CUT_OFF -> {
        hit.process.awaitEnd(LEASE.dividedBy(2));
        hit.database.cut(false);
      }
    }
    assertThat(hit.process.alive()).as(hit.process.lastLines()).isTrue();
  }

  /** Who lives and has the job. */
  private Node owner() {
    long port =
        number(
            "SELECT CAST(SUBSTRING(address FROM '[0-9]+$') AS BIGINT) FROM node JOIN job_owner"
                + " ON node.id = job_owner.node WHERE job = 'nodes' AND expires >"
                + " EXTRACT(EPOCH FROM clock_timestamp()) * 1000");
    return nodes.stream().filter(node -> node.port == port).findFirst().orElse(null);
  }

  private long rounds(String state) {
    return number("SELECT COUNT(*) FROM round WHERE task = 'nodes' AND state = '" + state + "'");
  }

  private boolean committed(int round) {
    return number(
            "SELECT COUNT(*) FROM round WHERE task = 'nodes' AND state = 'COMMITTED' AND round = "
                + round)
        == 1;
  }

  private long number(String query) {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement sql = connection.createStatement();
        ResultSet rows = sql.executeQuery(query)) {
      return rows.next() ? rows.getLong(1) : -1;
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }

  /** The lines of rounds go when these end; a copy of each stays. */
  private void keepJournals() throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement sql = connection.createStatement()) {
      sql.execute("CREATE TABLE heard (content BYTEA)");
      sql.execute(
          "CREATE FUNCTION hear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO heard"
              + " VALUES (NEW.content); RETURN NULL; END $$");
      sql.execute(
          "CREATE TRIGGER hear AFTER INSERT ON round_event FOR EACH ROW EXECUTE FUNCTION hear()");
      sql.execute("CREATE TABLE kept (task TEXT, round INTEGER, kind TEXT, payload BYTEA)");
      sql.execute(
          "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO kept"
              + " VALUES (NEW.task, NEW.round, NEW.kind, NEW.payload); RETURN NULL; END $$");
      sql.execute(
          "CREATE TRIGGER keep AFTER INSERT OR UPDATE ON journal"
              + " FOR EACH ROW EXECUTE FUNCTION keep()");
    }
  }

  /**
   * A message that a client is told was taken is committed by then; but for one that came in the
   * turn in which its round had just ended without it, as with the last few unmasking answers.
   */
  private void acknowledgedOnceWritten(String as) {
    assertThat(acknowledged)
        .as(as)
        .containsKeys(KindCase.SHARE_KEYS, KindCase.MASKED_INPUT, KindCase.UNMASK);
    Map<ByteString, List<KindCase>> late =
        unwritten.stream()
            .filter(message -> committed(asked.round(message.getSession())))
            .collect(
                Collectors.groupingBy(
                    Envelope::getSession,
                    Collectors.mapping(Envelope::getKindCase, Collectors.toList())));
    late.forEach(
        (session, kinds) ->
            assertThat(kinds)
                .as("%s, acknowledged %s", as, acknowledged)
                .hasSizeLessThanOrEqualTo(CLIENTS - 12)
                .containsOnly(KindCase.UNMASK));
  }

  /**
   * Notes which messages were not yet committed when their senders were told that they are taken.
   */
  private void taken(Envelope message) {
    acknowledged.merge(message.getKindCase(), 1, Integer::sum);
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        PreparedStatement sql =
            connection.prepareStatement("SELECT 1 FROM heard WHERE content = ?")) {
      sql.setBytes(1, message.toByteArray());
      try (ResultSet rows = sql.executeQuery()) {
        if (!rows.next()) {
          unwritten.add(message);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One survivor set in the life of a round, and no answer counted twice, whoever ran it. */
  private void journalsKept(String as) {
    assertThat(number("SELECT COUNT(DISTINCT round) FROM kept WHERE kind = 'SURVIVORS_FROZEN'"))
        .as(as)
        .isGreaterThanOrEqualTo(rounds("COMMITTED"));
    assertThat(
            number(
                "SELECT COUNT(*) FROM (SELECT round FROM kept WHERE kind = 'SURVIVORS_FROZEN'"
                    + " GROUP BY task, round HAVING COUNT(*) > 1) AS twice"))
        .as(as + ", survivor sets")
        .isZero();
    assertThat(
            number(
                "SELECT COUNT(*) FROM (SELECT round FROM kept WHERE kind = 'UNMASKING_ANSWERED'"
                    + " GROUP BY task, round, payload HAVING COUNT(*) > 1) AS twice"))
        .as(as + ", answers")
        .isZero();
  }

  private PostgresSettings settings() {
    return new PostgresSettings(
        "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres",
        "postgres",
        "",
        null,
        LEASE);
  }

  /** Invariants 1 and 2 from the tables, once no coordinator runs; and both chains. */
  private void check(String as, int rounds) throws SQLException {
    await()
        .atMost(LEASE.multipliedBy(3))
        .until(
            () ->
                number(
                        "SELECT COUNT(*) FROM node WHERE expires >"
                            + " EXTRACT(EPOCH FROM clock_timestamp()) * 1000")
                    == 0);
    try (Store store = Store.open(directory.resolve("after"), settings())) {
      TaskStore task = store.task(job.name(), Planner.budget(job));
      List<RoundRecord> all = task.rounds();
      assertThat(all)
          .as(as)
          .hasSize(rounds)
          .noneMatch(round -> round.state() == RoundRecord.State.RUNNING)
          // One that lost too much time to its outages may end by its own rule, none by a fault.
          .noneMatch(round -> round.report().contains("COORDINATOR_STOPPED"))
          .anyMatch(round -> round.state() == RoundRecord.State.COMMITTED);
      float[] before = model(store, task.find().orElseThrow().initialModel());
      int committed = 0;
      for (RoundRecord round : all) {
        if (round.state() == RoundRecord.State.COMMITTED) {
          committed++;
          float[] after = model(store, round.model());
          int survivors = StoredRun.line(round.report()).survivors();
          Set<Integer> found =
              checkSum(
                  as + ", round " + round.round(), before, after, survivors, cohort(task, round));
          nothingAcceptedIsLost(as + ", round " + round.round(), task, round, found);
          before = after;
        }
      }
      assertThat(task.places()).as(as + ", the one that joined").hasSize(CLIENTS + 1);
      double atLeast =
          new RdpAccountant()
              .epsilon(
                  List.of(new Charge(new Planner(job, "sa1").event(), committed)),
                  job.privacy().delta(),
                  job.privacy().unit(),
                  job.privacy().relation())
              .epsilon();
      assertThat(task.spent().released().epsilon()).as(as).isGreaterThanOrEqualTo(atLeast - 1e-9);
      assertThat(task.spent().coordinatorView().epsilon())
          .as(as)
          .isGreaterThanOrEqualTo(task.spent().released().epsilon() - 1e-9);
      store.ledger(Planner.budget(job).population());
      store.auditLog().verify(null);
    }
  }

  /** The model moved by the mean, over the cohort's size, of exactly the survivors' updates. */
  private static Set<Integer> checkSum(
      String as, float[] before, float[] after, int survivors, List<Integer> cohort) {
    Set<Integer> found = new HashSet<>();
    for (int i = 0; i < before.length; i++) {
      double sum = (after[i] - before[i]) * CLIENTS;
      double nearest = sum > 0.5 ? 1 : 0;
      assertThat(Math.abs(sum - nearest)).as("%s, coordinate %d: %s", as, i, sum).isLessThan(0.5);
      if (nearest == 1) {
        found.add(i);
        assertThat(cohort).as(as).contains(i);
      }
    }
    assertThat(found).as(as).hasSize(survivors);
    return found;
  }

  /**
   * Whose input is in the journal, whoever ran the round then, and whoever was told so, is in the
   * survivor set and in the sum.
   */
  private void nothingAcceptedIsLost(
      String as, TaskStore task, RoundRecord round, Set<Integer> found) throws SQLException {
    List<Integer> cohort = cohort(task, round);
    List<Integer> accepted =
        kept(round.round(), "INPUT_ACCEPTED").stream()
            .map(payload -> cohort.get(ByteBuffer.wrap(payload).getInt()))
            .toList();
    Set<Integer> survivors =
        BitSet.valueOf(kept(round.round(), "SURVIVORS_FROZEN").get(0)).stream()
            .mapToObj(cohort::get)
            .collect(Collectors.toSet());
    assertThat(accepted).as(as).doesNotHaveDuplicates().hasSameElementsAs(survivors);
    assertThat(found).as(as).isEqualTo(survivors);
    assertThat(asked.acknowledged(round.round())).as(as).isNotEmpty();
    assertThat(survivors).as(as).containsAll(asked.acknowledged(round.round()));
  }

  private List<byte[]> kept(int round, String kind) throws SQLException {
    List<byte[]> all = new ArrayList<>();
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        PreparedStatement sql =
            connection.prepareStatement("SELECT payload FROM kept WHERE round = ? AND kind = ?")) {
      sql.setInt(1, round);
      sql.setString(2, kind);
      try (ResultSet rows = sql.executeQuery()) {
        while (rows.next()) {
          all.add(rows.getBytes(1));
        }
      }
    }
    return all;
  }

  private List<Integer> cohort(TaskStore task, RoundRecord round) {
    List<Member> members = task.population();
    return round.cohort().stream()
        .map(index -> clientOf.get(members.get(index).identity()))
        .toList();
  }

  private static float[] model(Store store, String digest) {
    return ModelFile.parse(store.blobs().read(digest)).parameters();
  }

  private FederatedClient client(int index, Transport transport, EnrolmentAuthority authority) {
    Trainer trainer =
        request -> {
          float[] update = new float[request.length()];
          update[index] = 1;
          return update;
        };
    Enrolment enrolment =
        key ->
            Optional.of(
                authority.issue(
                    key, Instant.now().minusSeconds(60), Instant.now().plusSeconds(86_400)));
    FederatedClient client =
        FederatedClient.builder()
            .coordinator(URI.create("https://127.0.0.1:" + balancer.port()))
            .transport(transport)
            .job("nodes")
            .trust(authority.anchors())
            .enrolment(enrolment)
            .state(directory.resolve("client-" + index))
            .trainer(trainer)
            .policy(Policy.atLeast().mode(Mode.MALICIOUS).maximumEpsilon(1e6))
            .start();
    clientOf.put(ByteString.copyFrom(client.identityKey()), index);
    return client;
  }

  private void token() throws Exception {
    String made =
        CommandRun.of(
                "token",
                "create",
                "--config",
                nodes.get(0).folder.resolve("coordinator.yaml").toString(),
                "--role",
                "operator",
                "--name",
                "ann")
            .succeeded()
            .out();
    Files.writeString(
        directory.resolve("token"),
        made.lines().filter(line -> line.startsWith("tributary_")).findFirst().orElseThrow());
  }

  private CommandRun admin(String fingerprint, String... words) {
    return CommandRun.of(
        Stream.of(
                Stream.of("job"),
                Stream.of(words),
                Stream.of(
                    "--url",
                    "https://127.0.0.1:" + balancer.port(),
                    "--token-file",
                    directory.resolve("token").toString(),
                    "--fingerprint",
                    fingerprint))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  private String heard(String node, String part) {
    return heard(node, part, 0);
  }

  private String heard(String node, String part, int from) {
    return await()
        .atMost(Duration.ofSeconds(90))
        .until(
            () -> {
              synchronized (said) {
                return said.subList(from, said.size()).stream()
                    .filter(line -> line.startsWith(node) && line.contains(part))
                    .findFirst();
              }
            },
            Optional::isPresent)
        .orElseThrow();
  }
}
