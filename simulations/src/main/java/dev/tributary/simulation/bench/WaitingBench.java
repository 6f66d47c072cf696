package dev.tributary.simulation.bench;

import dev.tributary.secagg.Identity;
import dev.tributary.simulation.cli.Scratch;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Clients that check in and wait for a job that does not begin, each on a TLS connection of its
 * own, until one word ends it; before, exchanges of some of them that bring nothing, beside the
 * same requests to a bare handler.
 */
final class WaitingBench {
  private static final int AT_ONCE = 64;
  private static final int WAIT_MILLIS = 30_000;

  private final Path base;
  private final String heap;
  private final int clients;
  private final double seconds;

  WaitingBench(Path base, String heap, int clients, double seconds) {
    this.base = base;
    this.heap = heap;
    this.clients = clients;
    this.seconds = seconds;
  }

  List<String> lines() throws IOException, InterruptedException {
    try (Scratch scratch = new Scratch(Files.createTempDirectory(base, "waiting"));
        MeasuredServer bare = MeasuredServer.bare(scratch.folder("bare"), heap);
        Fleet toBare = new Fleet(bare.port(), bare.certificate(), AT_ONCE);
        MeasuredServer coordinator =
            MeasuredServer.coordinator(
                scratch.folder("store"), heap, false, clients + 3, 3, 100, 1);
        Fleet fleet = new Fleet(coordinator.port(), coordinator.certificate(), clients)) {
      List<String> lines = new ArrayList<>();
      long heapBefore = coordinator.heap();
      long residentBefore = coordinator.resident();
      List<Fleet.Client> all = identities();
      fleet.meet();
      long from = System.nanoTime();
      throughAll(all, fleet::checkIn);
      lines.add(String.format(Locale.ROOT, "check-ins a second: %.0f", all.size() / since(from)));
      lines.add(exchanges(toBare, fleet, all));
      lines.addAll(waited(coordinator, fleet, all, heapBefore, residentBefore));
      return lines;
    }
  }

  private List<Fleet.Client> identities() {
    SecureRandom random = new SecureRandom();
    List<Fleet.Client> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      all.add(new Fleet.Client(Identity.generate(random)));
    }
    return all;
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) * 1e-9;
  }

  /** Gives each its turn, so many at once. */
  private static <T> void throughAll(
      List<Fleet.Client> all, Function<Fleet.Client, Future<T>> turn) {
    Iterator<Fleet.Client> left = all.iterator();
    List<Future<Void>> lines = new ArrayList<>();
    for (int i = 0; i < Math.min(AT_ONCE, all.size()); i++) {
      lines.add(next(left, turn));
    }
    join(Future.all(lines));
  }

  private static <T> Future<Void> next(
      Iterator<Fleet.Client> left, Function<Fleet.Client, Future<T>> turn) {
    Fleet.Client client;
    synchronized (left) {
      if (!left.hasNext()) {
        return Future.succeededFuture();
      }
      client = left.next();
    }
    return turn.apply(client).compose(done -> next(left, turn));
  }

  private static <T> T join(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  /** Exchanges without messages, by turns with the bare handler; the best turn of each counts. */
  private String exchanges(Fleet toBare, Fleet fleet, List<Fleet.Client> all) {
    List<Fleet.Client> some = all.subList(0, Math.min(AT_ONCE, all.size()));
    double handler = 0;
    double coordinator = 0;
    for (int turn = 0; turn < 4; turn++) {
      double one = perSecond(toBare, some);
      double other = perSecond(fleet, some);
      if (turn > 0) {
        handler = Math.max(handler, one);
        coordinator = Math.max(coordinator, other);
      }
    }
    return String.format(
        Locale.ROOT,
        "exchanges a second: %.0f; of the bare handler: %.0f; ratio %.2f",
        coordinator,
        handler,
        coordinator / handler);
  }

  private double perSecond(Fleet fleet, List<Fleet.Client> some) {
    AtomicLong count = new AtomicLong();
    long from = System.nanoTime();
    long end = from + (long) (seconds * 1e9);
    join(Future.all(some.stream().map(client -> again(fleet, client, end, count)).toList()));
    return count.get() / since(from);
  }

  private static Future<Void> again(Fleet fleet, Fleet.Client client, long end, AtomicLong count) {
    if (System.nanoTime() > end) {
      return Future.succeededFuture();
    }
    count.incrementAndGet();
    return fleet.exchange(client, null, 0).compose(reply -> again(fleet, client, end, count));
  }

  private List<String> waited(
      MeasuredServer coordinator,
      Fleet fleet,
      List<Fleet.Client> all,
      long heapBefore,
      long residentBefore)
      throws IOException, InterruptedException {
    List<Future<Long>> woken = Collections.synchronizedList(new ArrayList<>());
    long from = System.nanoTime();
    throughAll(
        all,
        client -> {
          Promise<Void> sent = Promise.promise();
          woken.add(
              untilOver(fleet, client, sent::tryComplete)
                  .onFailure(sent::tryFail)
                  .map(over -> now()));
          return sent.future();
        });
    double connecting = since(from);
    coordinator.heap(); // time enough for the last of them
    long heapAfter = coordinator.heap();
    long residentAfter = coordinator.resident();
    long word = Long.parseLong(coordinator.ask(CoordinatorBenchServer.CANCEL));
    join(Future.all(woken));
    double[] millis =
        woken.stream().mapToDouble(at -> (at.result() - word) * 1e-3).sorted().toArray();
    return List.of(
        String.format(
            Locale.ROOT,
            "%,d clients wait, %.0f new connections a second; a client takes %.1f KiB of heap and"
                + " %.1f KiB of memory",
            all.size(),
            all.size() / connecting,
            (heapAfter - heapBefore) / 1024.0 / all.size(),
            (residentAfter - residentBefore) / 1024.0 / all.size()),
        String.format(
            Locale.ROOT,
            "one word to all of them: half have heard it after %.0f ms, 99 %% after %.0f ms, the"
                + " last after %.0f ms",
            millis[millis.length / 2],
            millis[(int) (millis.length * 0.99)],
            millis[millis.length - 1]));
  }

  private static long now() {
    return CoordinatorBenchServer.micros(Instant.now());
  }

  /** Waits, again and again, for the end of the job. */
  private static Future<Void> untilOver(Fleet fleet, Fleet.Client client, Runnable sent) {
    return fleet
        .exchange(client, null, WAIT_MILLIS, sent)
        .compose(
            reply ->
                reply.getFinished()
                    ? Future.succeededFuture()
                    : untilOver(fleet, client, () -> {}));
  }
}
