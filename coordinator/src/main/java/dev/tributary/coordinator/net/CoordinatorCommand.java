package dev.tributary.coordinator.net;

import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.Evaluator;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.StoppedException;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.job.ServerFile;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Idx;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.Engines;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tributary serve}: runs one job for live clients, or those that are submitted. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a job as a coordinator for live clients, over HTTPS.",
      "Without --job it runs the jobs that are submitted to it (tributary job submit), all at once,"
          + " and goes on with those of its store."
    })
public final class CoordinatorCommand implements Callable<Integer> {
  /** How long clients may take to hear that the job is over. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  /** How long the round in flight may take to be called off. */
  private static final Duration STOPPING = Duration.ofSeconds(10);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--job", description = "The job file, of a coordinator of one job.")
  private @Nullable Path job;

  @Option(names = "--set", description = "key=value laid over the job file; may be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--config",
      description =
          "coordinator.yaml: host, port, advertise, store, database, authority, signingKey, tls.")
  private @Nullable Path config;

  @Option(names = "--host", description = "Address to listen on; 0.0.0.0 by default.")
  private @Nullable String host;

  @Option(names = "--port", description = "Port to listen on; 8443 by default, 0 for a free one.")
  private @Nullable Integer port;

  @Option(
      names = "--advertise",
      description =
          "https://HOST:PORT, where the other coordinators of one PostgreSQL database reach this"
              + " one; the address that it listens on by default.")
  private @Nullable String advertise;

  @Option(names = "--store", description = "Folder of the store; data by default.")
  private @Nullable Path store;

  @Option(
      names = "--authority",
      description =
          "The enrolment authority's file, authority.pem, read again when it changes; without it"
              + " clients are trusted on first use.")
  private @Nullable Path authority;

  @Option(
      names = "--client-authorities",
      description =
          "Certificates in PEM: only clients with a TLS certificate of one of them are served, all"
              + " but /healthz and /readyz. Read again when it changes.")
  private @Nullable Path clientAuthorities;

  @Option(
      names = "--revoked",
      description =
          "Lists of certificates that those authorities took back, in PEM; read again when it"
              + " changes.")
  private @Nullable Path revoked;

  @Option(
      names = "--clients",
      description = "Clients to wait for; cohort.population of the job by default.")
  private @Nullable Integer clients;

  @Option(
      names = "--evaluate-on",
      arity = "1..2",
      description = "IDX images and labels, or one CSV file, that no client gave.")
  private List<Path> evaluateOn = new ArrayList<>();

  @Option(names = "--label", description = "The label column of a CSV file to evaluate on.")
  private @Nullable String label;

  @Option(names = "--exit-when-done", description = "Ends when the job has ended.")
  private boolean exitWhenDone;

  @Override
  public Integer call() throws InterruptedException {
    ServerFile server = server();
    TrustAnchors trust =
        server.authority() == null
            ? TrustAnchors.trustOnFirstUse()
            : TrustAnchors.fromPem(server.authority());
    return job == null ? submitted(server, trust) : only(job, server, trust);
  }

  private int only(Path file, ServerFile server, TrustAnchors trust) throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Job read = JobFile.read(file, overrides);
    int population = LiveChecks.population(read, clients, file);
    LiveChecks.checkMode(read, trust);
    Evaluator evaluator = evaluator(read);
    RoundLines lines = new RoundLines(out, read);
    CoordinatorMetrics metrics = new CoordinatorMetrics();
    try (Store opened = opened(server)) {
      Coordinator.Settings settings =
          new Coordinator.Settings(
              read,
              population,
              trust,
              Sa1.of(read.secureAggregation().suite()),
              evaluator,
              RoundListener.all(metrics.of(read.name()), lines),
              Clock.systemUTC(),
              Runtime.getRuntime().availableProcessors());
      TlsIdentity tls = identity(server);
      try (Coordinator coordinator = Coordinator.open(opened, settings, signingKey(server));
          TrustWatch watch =
              TrustWatch.over(
                  server.authority(), coordinator::trust, text -> lines.line("%s", text));
          HttpServer http =
              HttpServer.start(
                  coordinator,
                  metrics,
                  tls,
                  server.host(),
                  server.port(),
                  server.limits(),
                  certificates(server))) {
        coordinator.tokenLifetime(server.clientTokenLifetime());
        coordinator.pace(server.pace());
        watch.start();
        greet(lines, read, server, http.port(), tls, population, trust);
        if (coordinator
            .status()
            .handle((now, gone) -> gone == null && now.stream().allMatch(each -> each.paused()))
            .join()) {
          lines.line("the job is paused: no round begins until it is resumed");
        }
        return run(coordinator, lines);
      }
    }
  }

  private int submitted(ServerFile server, TrustAnchors trust) throws InterruptedException {
    requireNothingOfOneJob();
    PrintWriter out = spec.commandLine().getOut();
    CoordinatorMetrics metrics = new CoordinatorMetrics();
    SubmittedJobs jobs = new SubmittedJobs(out, metrics, trust, Sa1::of);
    try (Store opened = shared(server)) {
      TlsIdentity tls = identity(server);
      Coordinator.Submitted settings =
          new Coordinator.Submitted(
              trust, Clock.systemUTC(), Runtime.getRuntime().availableProcessors(), jobs);
      try (Coordinator coordinator = Coordinator.open(opened, settings, signingKey(server));
          TrustWatch watch =
              TrustWatch.over(
                  server.authority(),
                  anchors -> {
                    coordinator.trust(anchors);
                    jobs.trust(anchors);
                  },
                  jobs::line);
          HttpServer http =
              HttpServer.start(
                  coordinator,
                  metrics,
                  tls,
                  server.host(),
                  server.port(),
                  server.limits(),
                  certificates(server))) {
        coordinator.tokenLifetime(server.clientTokenLifetime());
        coordinator.pace(server.pace());
        watch.start();
        jobs.line(address(server, http.port(), tls));
        if (coordinator.cluster() != null) {
          String reached = advertised(server, http.port());
          coordinator.join(reached, tls.fingerprint());
          jobs.line("one of the coordinators of its database, reached by the others at " + reached);
        }
        jobs.line("jobs are submitted with tributary job submit, by an operator or owner");
        return untilStopped(coordinator);
      }
    }
  }

  /** A database may have many coordinators of submitted jobs; a folder has one. */
  private static Store shared(ServerFile server) {
    return server.database() == null
        ? opened(server)
        : Store.share(server.store(), server.database());
  }

  private String advertised(ServerFile server, int port) {
    String said = server.advertise();
    if (said != null) {
      return said;
    }
    String host = server.host();
    if (host.equals("0.0.0.0")) {
      try {
        host = InetAddress.getLocalHost().getHostAddress();
      } catch (UnknownHostException e) {
        throw new ParameterException(
            spec.commandLine(), "This machine does not know its address: give --advertise.", e);
      }
    }
    return "https://" + host + ":" + port;
  }

  private void requireNothingOfOneJob() {
    if (!overrides.isEmpty()
        || clients != null
        || !evaluateOn.isEmpty()
        || label != null
        || exitWhenDone) {
      throw new ParameterException(
          spec.commandLine(),
          "--set, --clients, --evaluate-on, --label and --exit-when-done are of one job: give --job"
              + " too, or none of them.");
    }
  }

  private static int untilStopped(Coordinator coordinator) throws InterruptedException {
    CountDownLatch closed = new CountDownLatch(1);
    CompletableFuture<?> left = coordinator.left();
    Thread hook =
        new Thread(
            () -> {
              coordinator.stop("stopped by its operator");
              await(left, STOPPING);
              await(closed, STOPPING);
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      left.get();
      return 0;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    } finally {
      closed.countDown();
      forget(hook);
    }
  }

  int run(Coordinator coordinator, RoundLines lines) throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    CompletableFuture<JobResult> done = coordinator.done();
    Thread hook =
        new Thread(
            () -> {
              coordinator.stop("stopped by its operator");
              ended.countDown();
              await(done, STOPPING);
              await(closed, STOPPING);
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      JobResult result = done.get();
      lines.result(result);
      if (result.failure() != null) {
        throw new CompletionException(result.failure());
      }
      if (exitWhenDone) {
        ended.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
      } else if (result.outcome() != JobResult.Outcome.STOPPED) {
        lines.line("The job is over; Ctrl-C ends the coordinator.");
        ended.await();
      }
      refuseNothing(result);
      return 0;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoppedException stopped) {
        lines.line("%s before the job began", String.valueOf(stopped.getMessage()));
        return 0;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    } finally {
      closed.countDown();
      forget(hook);
    }
  }

  /** A job that ended by itself without a single model is no success. */
  static void refuseNothing(JobResult result) {
    if (result.completed() > 0
        || result.outcome() == JobResult.Outcome.STOPPED
        || result.outcome() == JobResult.Outcome.CANCELLED) {
      return;
    }
    throw new ServerException(
        ServerException.NO_ROUND_COMPLETED,
        result.aborted() == 0
            ? "no round could begin: " + result.reason()
            : "none of "
                + result.aborted()
                + " rounds came to a sum. Give more time with --set deadline=120s, or lower"
                + " cohort.minimum.");
  }

  private static void await(CompletableFuture<?> done, Duration patience) {
    try {
      done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      // The process ends either way; the store holds what was acknowledged.
    }
  }

  private static void await(CountDownLatch latch, Duration patience) {
    try {
      latch.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook is what ended this run.
    }
  }

  private ServerFile server() {
    ServerFile read = config == null ? ServerFile.DEFAULTS : ServerFile.read(config);
    if (advertise != null && !ServerFile.isAddress(advertise)) {
      throw new ParameterException(
          spec.commandLine(), "--advertise is https://HOST:PORT. Provided: " + advertise);
    }
    if (revoked != null && clientAuthorities == null && read.tls().clientAuthorities() == null) {
      throw new ParameterException(
          spec.commandLine(), "--revoked is of certificates that --client-authorities asks for.");
    }
    return new ServerFile(
        host == null ? read.host() : host,
        port == null ? read.port() : port,
        advertise == null ? read.advertise() : advertise,
        store == null ? read.store() : store,
        clientAuthorities == null && revoked == null
            ? read.tls()
            : new ServerFile.Tls(
                read.tls().names(),
                read.tls().certificate(),
                read.tls().key(),
                clientAuthorities == null ? read.tls().clientAuthorities() : clientAuthorities,
                revoked == null ? read.tls().revoked() : revoked),
        authority == null ? read.authority() : authority,
        read.signingKey(),
        read.database(),
        read.limits(),
        read.clientTokenLifetime(),
        read.pace());
  }

  private static TlsIdentity identity(ServerFile server) {
    Path certificate = server.tls().certificate();
    Path key = server.tls().key();
    return certificate == null || key == null
        ? TlsIdentity.createOrLoad(server.store(), names(server))
        : TlsIdentity.of(certificate, key);
  }

  private static Path signingKey(ServerFile server) {
    Path said = server.signingKey();
    return said == null ? server.store().resolve(Coordinator.KEY_FILE) : said;
  }

  private static @Nullable ClientCertificates certificates(ServerFile server) {
    Path authorities = server.tls().clientAuthorities();
    return authorities == null
        ? null
        : ClientCertificates.of(authorities, server.tls().revoked(), Clock.systemUTC());
  }

  private static Store opened(ServerFile server) {
    return server.database() == null
        ? Store.open(server.store(), Durability.DISK)
        : Store.open(server.store(), server.database());
  }

  private static List<String> names(ServerFile server) {
    List<String> names = new ArrayList<>(server.tls().names());
    if (!names.contains(server.host()) && !server.host().equals("0.0.0.0")) {
      names.add(server.host());
    }
    return names;
  }

  private @Nullable Evaluator evaluator(Job read) {
    if (evaluateOn.isEmpty()) {
      return null;
    }
    Dataset data;
    if (evaluateOn.size() == 2) {
      data = Idx.read(evaluateOn.get(0), evaluateOn.get(1));
    } else {
      Csv csv = Csv.read(evaluateOn.get(0));
      data = (label == null ? csv : csv.label(label)).standardise().dataset();
    }
    checkFits(read, data);
    String engine = read.training().engine();
    return Evaluator.on(
        engine.equals("auto") ? Engines.best(read.model()) : Engines.byName(engine),
        data,
        read.evaluation().metrics());
  }

  private static void checkFits(Job read, Dataset data) {
    try {
      Batch.check(read.model(), data);
    } catch (EngineException e) {
      throw new ServerException(
          ServerException.MODEL_DOES_NOT_FIT,
          "The data of --evaluate-on do not fit the job: "
              + e.getMessage()
              + ". Give data of that shape, or correct model.input and model.layers of the job.",
          e);
    }
  }

  private static String address(ServerFile server, int port, TlsIdentity tls) {
    return String.format(
        "Tributary coordinator, https://%s:%d   fingerprint %s   store %s   health /healthz"
            + "   metrics /metrics",
        server.host(), port, tls.fingerprint(), server.store());
  }

  private static void greet(
      RoundLines lines,
      Job job,
      ServerFile server,
      int port,
      TlsIdentity tls,
      int population,
      TrustAnchors trust) {
    lines.line("%s", address(server, port, tls));
    lines.job(population);
    lines.line(
        trust.certified()
            ? "clients are certified by an enrolment authority: sums are %s"
            : "clients are trusted on first use: sums are %s-only, the coordinator is trusted to"
                + " follow the protocol",
        (trust.certified() ? job.secureAggregation().mode() : Mode.CURIOUS)
            .name()
            .toLowerCase(java.util.Locale.ROOT));
    if (job.secureAggregation().suite().equals(Sa1.POST_QUANTUM)) {
      lines.line(
          "masks and share channels are of X25519 and ML-KEM-768 together (%s)", Sa1.POST_QUANTUM);
    }
    if (job.simulation() != null) {
      lines.line(
          "the section simulation: of the job file is for simulations, and is not used here");
    }
  }
}
