package dev.tributary.simulation.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.client.ClientException;
import dev.tributary.client.ClientHooks;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.net.HttpServer;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.store.ChaosDisk;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One script in one process: a coordinator over its store and HTTPS, clients of the SDK, and
 * everything between them as it is deployed but for the proxy on the line. A coordinator dies at a
 * step of a transaction, after which nothing of it becomes durable and nobody hears of it; what it
 * had said before stays said.
 */
final class InProcessRun implements AutoCloseable {
  private static final long LONGEST_WAIT = 300;
  private static final int DEADLINE_SECONDS = 12;

  /** Without a round that begins or ends, whatever else the machine does. */
  private static final int PATIENCE_SECONDS = 180;

  private final Script script;
  private final Path folder;
  private final Job job;
  private final Witness witness = new Witness();
  private final ChaosDisk disk = new ChaosDisk();
  private final ChaosProxy proxy;
  private final List<Transport> lines = new ArrayList<>();
  private final List<@Nullable FederatedClient> clients = new ArrayList<>();
  private final List<byte[]> keys = new ArrayList<>();
  private final Progress progress = new Progress();
  private volatile boolean doubling;
  private volatile boolean reordering;
  private @Nullable Up up;

  /** A coordinator that runs. */
  private record Up(Store store, Coordinator coordinator, HttpServer server, String fingerprint) {}

  /** Counts the rounds that begin and end. */
  private static final class Progress implements RoundListener {
    private final AtomicInteger steps = new AtomicInteger();
    private final AtomicInteger joined = new AtomicInteger();

    @Override
    public void onJoined(int member) {
      joined.incrementAndGet();
    }

    @Override
    public void onOffered(int round, int of, int cohort, int absent) {
      steps.incrementAndGet();
    }

    @Override
    public void onRound(RoundReport report) {
      steps.incrementAndGet();
    }
  }

  InProcessRun(Script script, Path folder, int rounds) throws Exception {
    this.script = script;
    this.folder = Files.createDirectories(folder);
    this.job = ChaosJob.parsed(ChaosJob.file(rounds, script.privateSum(), DEADLINE_SECONDS));
    this.proxy = new ChaosProxy(script.seed());
  }

  /** Plays the script, waits for the job's end, and checks what is left; gives its models. */
  int run() throws Exception {
    String fingerprint = begin();
    URI address = URI.create("https://127.0.0.1:" + proxy.port());
    for (int client = 0; client < ChaosJob.CLIENTS + script.joins().size(); client++) {
      Transport line = HttpTransport.pinned(address, fingerprint);
      lines.add(
          new ChaosTransport(
              line, client, script.seed(), witness, () -> doubling, () -> reordering));
      clients.add(null);
      keys.add(new byte[0]);
      if (client < ChaosJob.CLIENTS) {
        begin(client);
      }
    }
    play();
    end();
    close();
    int committed =
        new Invariants(script.toString(), job, folder, keys).check(witness::acknowledged);
    assertThat(witness.contradictions()).as("%s", script).isEmpty();
    return committed;
  }

  /** How many clients joined after the job's beginning. */
  int joined() {
    return progress.joined.get();
  }

  private FederatedClient start(int client) {
    int training = 30 + (int) ((script.seed() * 31 + client * 17L) % 120 + 120) % 120;
    URI address = URI.create("https://127.0.0.1:" + proxy.port());
    return ClientHooks.with(
            ChaosJob.client(
                client, address, lines.get(client), ChaosJob.state(folder, client), training),
            Clock.offset(Clock.systemUTC(), script.clientClocks().get(client)),
            LONGEST_WAIT)
        .start();
  }

  /** A client is there, for the first time or again. */
  private void begin(int client) {
    if (clients.get(client) == null) {
      FederatedClient started = start(client);
      clients.set(client, started);
      keys.set(client, started.identityKey());
    }
  }

  private String begin() {
    Path home = folder.resolve("store");
    Store store = disk.open(home);
    CoordinatorMetrics metrics = new CoordinatorMetrics();
    Coordinator coordinator =
        Coordinator.open(
            store,
            new Coordinator.Settings(
                job,
                ChaosJob.CLIENTS,
                TrustAnchors.trustOnFirstUse(),
                Sa1.of("sa1"),
                null,
                RoundListener.all(metrics.of(job.name()), progress),
                Clock.offset(Clock.systemUTC(), script.coordinatorClock()),
                2));
    TlsIdentity tls = TlsIdentity.createOrLoad(home, List.of("localhost", "127.0.0.1"));
    HttpServer server = HttpServer.start(coordinator, metrics, tls, "127.0.0.1", 0);
    proxy.leadTo(server.port());
    proxy.away = false;
    up = new Up(store, coordinator, server, tls.fingerprint());
    return tls.fingerprint();
  }

  /** The process is gone: nobody hears a word more of it. */
  private void vanish() {
    proxy.away = true;
    proxy.cut(1, 0);
    Up gone = up;
    up = null;
    if (gone != null) {
      gone.server().close();
      gone.coordinator().close();
      gone.store().close();
    }
  }

  /** A thing to be done at a time. */
  private record Due(long at, Act act) {}

  private interface Act {
    void run() throws Exception;
  }

  private void play() throws Exception {
    PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::at));
    long start = System.nanoTime();
    for (Script.Step step : script.steps()) {
      due.add(new Due(step.at(), () -> happens(step)));
      due.add(new Due(step.at() + step.lasts(), () -> passes(step)));
    }
    for (int i = 0; i < script.joins().size(); i++) {
      int client = ChaosJob.CLIENTS + i;
      due.add(new Due(script.joins().get(i), () -> begin(client)));
    }
    while (!due.isEmpty()) {
      Due next = due.remove();
      long left = next.at() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      Thread.sleep(Math.max(0, left));
      next.act().run();
    }
    proxy.clear();
    disk.slow(0);
    doubling = false;
    reordering = false;
    for (int client = 0; client < clients.size(); client++) {
      begin(client);
    }
    if (up == null) {
      begin();
    }
  }

  private void happens(Script.Step step) throws Exception {
    int amount = step.amount();
    switch (step.kind()) {
      case KILL -> kill(amount, step.lasts());
      case STOP -> vanish();
      case CLIENT_DIES -> die(amount);
      case SLOW_DISK -> disk.slow(amount);
      case FULL_DISK -> fill(true);
      case CUT -> proxy.cut(amount % 3 + 1, 0);
      case HALF_CLOSE -> proxy.halfClose(3, amount % 3, amount % 2 == 0);
      case DELAY -> proxy.delayMillis = amount;
      case THROTTLE -> proxy.bytesPerSecond = amount;
      case SPLIT -> proxy.pieceBytes = amount;
      case SILENCE -> proxy.silent = true;
      case CORRUPT -> proxy.corrupt = true;
      case DOUBLE -> doubling = true;
      case REORDER -> reordering = true;
    }
  }

  private void passes(Script.Step step) {
    switch (step.kind()) {
      case KILL, STOP -> {
        if (up == null) {
          begin();
        }
      }
      case CLIENT_DIES -> begin(step.amount());
      case SLOW_DISK -> disk.slow(0);
      case FULL_DISK -> fill(false);
      case DELAY -> proxy.delayMillis = 0;
      case THROTTLE -> proxy.bytesPerSecond = 0;
      case SPLIT -> proxy.pieceBytes = 0;
      case SILENCE -> proxy.silent = false;
      case CORRUPT -> proxy.corrupt = false;
      case DOUBLE -> doubling = false;
      case REORDER -> reordering = false;
      case CUT, HALF_CLOSE -> {}
    }
  }

  /** It dies at a step of a transaction, or where it has none for so long, between two. */
  private void kill(int steps, int patienceMillis) throws InterruptedException {
    if (up == null) {
      return;
    }
    CompletableFuture<JobResult> done = up.coordinator().done();
    disk.dieAfter(steps);
    try {
      done.get(patienceMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Either way it is gone now.
    }
    vanish();
  }

  private void die(int client) {
    FederatedClient dead = clients.set(client, null);
    if (dead != null) {
      dead.close();
    }
  }

  private void fill(boolean full) {
    Up now = up;
    try {
      disk.full(now == null ? null : now.store(), full);
    } catch (ChaosDisk.Death e) {
      // It is about to vanish.
    }
  }

  private void end() throws Exception {
    Up now = up;
    if (now == null) {
      throw new AssertionError("play() leaves a coordinator");
    }
    assertThat(result(now.coordinator().done()).outcome())
        .as("%s", script)
        .isEqualTo(JobResult.Outcome.COMPLETED);
    for (int client = 0; client < clients.size(); client++) {
      FederatedClient each = clients.get(client);
      AtomicReference<@Nullable RuntimeException> trouble = new AtomicReference<>();
      Thread waiter = new Thread(() -> awaitDone(each, trouble), "awaits client " + client);
      waiter.setDaemon(true);
      waiter.start();
      waiter.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      if (waiter.isAlive() || (trouble.get() != null && !tooLate(trouble.get()))) {
        throw new AssertionError(
            script + "\nclient " + client + " did not end as it should", trouble.get());
      }
    }
  }

  /** Who comes to a job that has no turn left for it, or is over, is told so. */
  private boolean tooLate(RuntimeException told) {
    return !script.joins().isEmpty()
        && told instanceof ClientException refused
        && refused.code() == ClientException.Code.CHECK_IN_REFUSED;
  }

  private JobResult result(CompletableFuture<JobResult> done) throws InterruptedException {
    while (true) {
      int before = progress.steps.get();
      try {
        return done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        if (progress.steps.get() == before) {
          throw new AssertionError(script + "\nthe job did not come to its end", e);
        }
      } catch (ExecutionException e) {
        throw new AssertionError(script + "\nthe job did not come to its end", e);
      }
    }
  }

  private static void awaitDone(
      @Nullable FederatedClient client, AtomicReference<@Nullable RuntimeException> trouble) {
    try {
      if (client != null) {
        client.awaitDone();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      trouble.set(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (FederatedClient client : clients) {
      if (client != null) {
        client.close();
      }
    }
    clients.clear();
    lines.forEach(Transport::close);
    lines.clear();
    vanish();
    proxy.close();
  }
}
