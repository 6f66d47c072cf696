package dev.tributary.simulation.live;

import dev.tributary.coordinator.job.Job;
import dev.tributary.secagg.EnrolmentAuthority;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The job for real: one coordinator process, hosts of SDK instances over loopback HTTPS, an
 * authority in this process alone. Some hosts are killed on the way and come back with the state
 * that they had on disk.
 *
 * <p>One thread, the caller's, does everything that decides; output of children reaches it through
 * a queue.
 */
public final class LiveDemo implements AutoCloseable {
  private static final Pattern GREETING =
      Pattern.compile("https://([^ ]+) +fingerprint (sha256:[0-9a-fA-F:]+)");
  private static final Pattern ROUND = Pattern.compile("round (\\d+) of (\\d+) .*");
  private static final Duration FAREWELL = Duration.ofSeconds(20);
  private static final Duration CERTIFIED_FOR = Duration.ofDays(2);

  /** How large the demo is. */
  public record Size(int hosts, int clientsEach, int kills) {
    /** 1,000 clients in 20 processes, of which three are killed. */
    public static final Size FULL = new Size(20, 50, 3);

    int clients() {
      return hosts * clientsEach;
    }
  }

  /** What happened outside: a line of the coordinator, or a request of a host. */
  private record Said(int host, String line) {}

  private static final int COORDINATOR = -1;

  /** Hosts that start at the same time: one for each core of a small machine. */
  private static final int STARTING = 2;

  private final Path jobFile;
  private final List<String> overrides;
  private final Path folder;
  private final Size size;
  private final KillPlan kills;
  private final Consumer<String> events;
  private final BlockingQueue<Said> said = new LinkedBlockingQueue<>();
  private final List<@Nullable ChildProcess> hosts = new ArrayList<>();
  private final List<Restart> restarts = new ArrayList<>();
  private final EnrolmentAuthority authority;
  private @Nullable ChildProcess coordinator;
  private @Nullable URI address;
  private String fingerprint = "";
  private int ready;
  private volatile boolean stopping;

  /** A host that is to be killed or to come back at a time. */
  private record Restart(int host, boolean kill, long atNanos, long awayMillis) {}

  /**
   * A demo that has not started.
   *
   * @param job as {@code jobFile} and {@code overrides} give it, which the children read
   * @param folder for the store and the states of the clients; empty
   * @param events hears what a person wants to know: rounds, kills, returns
   */
  public LiveDemo(
      Job job,
      Path jobFile,
      List<String> overrides,
      Path folder,
      Size size,
      long seed,
      Consumer<String> events) {
    this.jobFile = jobFile;
    this.overrides = List.copyOf(overrides);
    this.folder = folder;
    this.size = size;
    this.kills = KillPlan.of(seed, size.hosts(), job.rounds(), size.kills());
    this.events = events;
    this.authority = EnrolmentAuthority.create(job.privacy().population(), new SecureRandom());
  }

  /** Where the coordinator keeps its store. */
  public Path store() {
    return folder.resolve("store");
  }

  /** Asks for the end; safe from any thread. */
  public void stop() {
    stopping = true;
    ChildProcess running = coordinator;
    if (running != null) {
      running.terminate();
    }
  }

  /**
   * Runs the job to its end, or until {@link #stop}.
   *
   * @param evaluation images and labels that no client holds, as IDX files
   * @throws ProcessException if the coordinator or a host ends before its time
   */
  public void run(List<Path> evaluation) throws IOException, InterruptedException {
    Path anchors = Files.writeString(folder.resolve("authority.pem"), authority.anchors().toPem());
    ChildProcess serving = startCoordinator(anchors, evaluation);
    while (address == null && !stopping) {
      hear(serving);
    }
    for (int host = 0; host < size.hosts() && !stopping; host++) {
      hosts.add(startHost(host, anchors));
      awaitReady(serving, host + 1 - STARTING);
    }
    awaitReady(serving, size.hosts());
    while (serving.alive() || !said.isEmpty()) {
      hear(serving);
      requireHosts(serving);
      killAndRestart(anchors);
    }
    if (serving.exitStatus() != 0 && !stopping) {
      throw new ProcessException("the coordinator", serving.exitStatus(), serving.lastLines());
    }
    for (ChildProcess host : hosts) {
      if (host != null && !stopping) {
        host.awaitEnd(FAREWELL);
      }
    }
  }

  private ChildProcess startCoordinator(Path anchors, List<Path> evaluation) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "serve",
                "--job",
                jobFile.toString(),
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--store",
                store().toString(),
                "--authority",
                anchors.toString(),
                "--clients",
                Integer.toString(size.clients()),
                "--exit-when-done"));
    overrides.forEach(override -> arguments.addAll(List.of("--set", override)));
    if (!evaluation.isEmpty()) {
      arguments.add("--evaluate-on");
      evaluation.forEach(file -> arguments.add(file.toString()));
    }
    ChildProcess started =
        ChildProcess.start(
            "the coordinator",
            List.of("-Xmx512m"),
            arguments,
            line -> said.add(new Said(COORDINATOR, line)));
    coordinator = started;
    return started;
  }

  private ChildProcess startHost(int host, Path anchors) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "clients",
                "--job",
                jobFile.toString(),
                "--coordinator",
                String.valueOf(address),
                "--pin",
                fingerprint,
                "--authority",
                anchors.toString(),
                "--state",
                folder.resolve("clients").toString(),
                "--first",
                Integer.toString(host * size.clientsEach()),
                "--count",
                Integer.toString(size.clientsEach())));
    overrides.forEach(override -> arguments.addAll(List.of("--set", override)));
    return ChildProcess.start(
        "host " + host,
        List.of("-Xmx256m", "-Xss512k", "-XX:+UseSerialGC"),
        arguments,
        line -> said.add(new Said(host, line)));
  }

  /** Waits until so many hosts have all their clients checked in. */
  private void awaitReady(ChildProcess serving, int wanted) throws InterruptedException {
    while (ready < wanted && !stopping) {
      Said heard = hear(serving);
      if (heard.line().equals(HostCommand.READY)) {
        ready++;
        events.accept(
            String.format(
                Locale.ROOT,
                "%,d of %,d clients are there",
                ready * size.clientsEach(),
                size.clients()));
      } else if (heard.line().isEmpty()) {
        requireCoordinator(serving);
        requireHosts(serving);
      }
    }
  }

  private void requireCoordinator(ChildProcess serving) {
    if (!serving.alive() && !stopping) {
      throw new ProcessException(serving.name(), serving.exitStatus(), serving.lastLines());
    }
  }

  /** A host that was killed on purpose is not in the list until it is back. */
  private void requireHosts(ChildProcess serving) {
    for (ChildProcess host : hosts) {
      if (host != null && !host.alive() && host.exitStatus() != 0 && serving.alive() && !stopping) {
        throw new ProcessException(host.name(), host.exitStatus(), host.lastLines());
      }
    }
  }

  /** Takes in one line, or waits for a moment. */
  private Said hear(ChildProcess serving) throws InterruptedException {
    Said line = said.poll(200, TimeUnit.MILLISECONDS);
    if (line == null) {
      if (address == null) {
        requireCoordinator(serving);
      }
      return new Said(COORDINATOR, "");
    }
    if (line.host() == COORDINATOR) {
      heardCoordinator(line.line());
    } else if (line.line().startsWith(PipeEnrolment.ENROL)) {
      certify(line.host(), line.line().substring(PipeEnrolment.ENROL.length()));
    }
    return line;
  }

  private void heardCoordinator(String line) {
    Matcher greeting = GREETING.matcher(line);
    if (address == null && greeting.find()) {
      address = URI.create("https://" + greeting.group(1));
      fingerprint = greeting.group(2);
      return;
    }
    Matcher round = ROUND.matcher(line);
    if (round.matches()) {
      events.accept(line);
      int ended = Integer.parseInt(round.group(1));
      for (KillPlan.Kill kill : kills.kills()) {
        if (kill.afterRound() == ended) {
          long at = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(kill.delayMillis());
          restarts.add(new Restart(kill.host(), true, at, kill.awayMillis()));
        }
      }
    }
  }

  private void certify(int host, String key) {
    Instant now = Instant.now();
    byte[] identity = HexFormat.of().parseHex(key);
    byte[] certificate =
        authority.issue(identity, now.minusSeconds(60), now.plus(CERTIFIED_FOR)).bytes();
    ChildProcess process = hosts.get(host);
    if (process != null) {
      process.tell(PipeEnrolment.CERTIFICATE + key + " " + HexFormat.of().formatHex(certificate));
    }
  }

  private void killAndRestart(Path anchors) throws IOException, InterruptedException {
    for (Restart due : List.copyOf(restarts)) {
      if (System.nanoTime() - due.atNanos() < 0) {
        continue;
      }
      restarts.remove(due);
      ChildProcess process = hosts.get(due.host());
      if (due.kill() && process != null) {
        process.kill();
        hosts.set(due.host(), null);
        events.accept(
            "killed host %d with its %d clients".formatted(due.host(), size.clientsEach()));
        long back = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(due.awayMillis());
        restarts.add(new Restart(due.host(), false, back, 0));
      } else if (!due.kill()) {
        hosts.set(due.host(), startHost(due.host(), anchors));
        events.accept("host %d is started again, with what it has on disk".formatted(due.host()));
      }
    }
  }

  @Override
  public void close() {
    end();
    authority.close();
  }

  /** Ends all processes, so that the store can be read; harmless when they have ended. */
  public void end() {
    for (ChildProcess host : hosts) {
      if (host != null) {
        host.close();
      }
    }
    ChildProcess serving = coordinator;
    if (serving != null) {
      try {
        serving.terminate();
        serving.awaitEnd(FAREWELL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        serving.close();
      }
    }
  }
}
