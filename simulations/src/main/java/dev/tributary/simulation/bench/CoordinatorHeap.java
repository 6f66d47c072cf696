package dev.tributary.simulation.bench;

import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What a coordinator holds in a round, alone in this process: a recorded round is played to it
 * again, its clients gone and its inputs on disk, and what is alive on the heap is measured after a
 * collection, at each step's start and while jobs run. The sum itself is outside the heap.
 */
final class CoordinatorHeap {
  /**
   * Bytes alive at once, at most.
   *
   * @param vectors what comes and goes with inputs and masks: growth within the input step, or
   *     while masks are taken off
   * @param keys everything else: keys, signatures, shares, keys of masks
   * @param relayed bytes of ciphertexts that are relayed, on disk
   */
  record Figures(int clients, int length, long vectors, long keys, long relayed) {}

  /** Live heap is measured this often during the input step. */
  private static final int SAMPLES = 8;

  private final BenchCohort cohort;
  private final Workers workers;
  private final Machine coordinator;
  private final long base;
  private long inputStart;
  private long inputGrowth;
  private long inputMost;
  private long removalStart;
  private long removalMost;
  private boolean finished;

  private CoordinatorHeap(BenchCohort cohort, Workers workers) {
    this.cohort = cohort;
    this.workers = workers;
    this.base = live();
    this.coordinator = cohort.openCoordinator();
  }

  /** Writes a round down, for {@link #measure}. */
  static BenchRound.Tape tape(DataOutputStream into) {
    return (from, message) -> {
      try {
        into.writeInt(from);
        into.writeInt(message.getSerializedSize());
        message.writeTo(into);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot record a round", e);
      }
    };
  }

  static DataOutputStream create(Path tape) throws IOException {
    return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(tape)));
  }

  /** Plays a recorded round to the coordinator of its cohort, whose uploads are still there. */
  static Figures measure(BenchCohort cohort, Path tape, int threads, BooleanSupplier stopped)
      throws IOException, InterruptedException {
    try (Workers workers = new Workers(threads, stopped);
        DataInputStream recorded =
            new DataInputStream(new BufferedInputStream(Files.newInputStream(tape)))) {
      return new CoordinatorHeap(cohort, workers).play(recorded);
    }
  }

  private Figures play(DataInputStream recorded) throws IOException, InterruptedException {
    tell(new Event.Start(cohort.seed(Machine.COORDINATOR)));
    Envelope.KindCase before = Envelope.KindCase.KIND_NOT_SET;
    int inputs = 0;
    while (recorded.available() > 0) {
      int from = recorded.readInt();
      Envelope message = Envelope.parseFrom(recorded.readNBytes(recorded.readInt()));
      Envelope.KindCase kind = message.getKindCase();
      boolean input = kind == Envelope.KindCase.MASKED_INPUT;
      if (input && inputs == 0) {
        inputStart = live();
        inputMost = inputStart;
      }
      if (before == Envelope.KindCase.MASKED_INPUT && !input) {
        inputGrowth = live() - inputStart;
      }
      before = kind;
      Body body = input ? Body.of(cohort.upload(from)) : null;
      tell(new Event.Received(from, message, body));
      if (input && inputs++ % Math.max(1, cohort.clients() / SAMPLES) == 0) {
        inputMost = Math.max(inputMost, live());
      }
      while (!workers.idle()) {
        workers.takeOne();
      }
    }
    if (!finished) {
      throw new IllegalStateException("the round that was played again came to no end");
    }
    return new Figures(
        cohort.clients(),
        cohort.parameters.length(),
        Math.max(inputMost - inputStart, removalMost - removalStart),
        removalStart - base - inputGrowth,
        cohort.relayedBytes());
  }

  private void tell(Event event) throws InterruptedException {
    List<Effect> effects = coordinator.on(BenchCohort.NOW, event);
    boolean removing =
        effects.stream()
            .anyMatch(
                effect -> effect instanceof Effect.Run run && run.job().startsWith("unmask/"));
    if (removing) {
      removalStart = live();
      removalMost = removalStart;
    }
    for (Effect effect : effects) {
      if (effect instanceof Effect.Run run) {
        workers.start(
            () -> {
              Object outcome = BenchRound.outcome(run);
              return () -> told(new Event.Ran(run.job(), outcome));
            });
      } else if (effect instanceof Effect.Finish) {
        finished = true;
      }
    }
    while (removing && !workers.idle()) {
      removalMost = Math.max(removalMost, live());
      workers.takeWithin(500);
    }
  }

  private void told(Event event) {
    try {
      tell(event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Bytes of the heap that are still needed. */
  private static long live() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
