package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientJournal;
import dev.tributary.client.Participation;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.nn.ModelFile;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.simulation.PartialSum.Answer;
import dev.tributary.simulation.PartialSum.Kind;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.Work;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Offer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a process needs to let clients do their part of one round: the job, from which data, faults
 * and randomness follow, the round's plan, and what its clients start from.
 *
 * @param coordinatorKey Ed25519, 32 bytes
 * @param plan the exact bytes that are offered
 * @param models by their digest: the model of the round and, where there is one, the control
 *     variate
 * @param statistics that clients standardise with, as a model file; empty where they have none, or
 *     this is the round that they learn them in
 */
@SuppressWarnings("ArrayRecordComponent") // sent as bytes, never compared
public record CohortWork(
    Backend.JobText file,
    byte[] coordinatorKey,
    byte[] plan,
    Map<String, byte[]> models,
    byte[] statistics)
    implements Serializable {
  /** Data and engine of the jobs that this process has worked for last. */
  private static final Map<Known, Experiment> KNOWN =
      new LinkedHashMap<>(4, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Known, Experiment> eldest) {
          return size() > 2;
        }
      };

  private record Known(Backend.JobText file, ByteString statistics) {}

  /** A client's place in a round, with what it has on its disk. */
  public record Seat(int client, int slot, byte[] signature, ClientState state)
      implements Serializable {}

  /**
   * What a client has on its disk between rounds.
   *
   * @param contributions its ledger, as {@link Participation#toBytes}
   * @param memory of its strategy; empty if nothing
   */
  public record ClientState(List<byte[]> contributions, float[] memory) implements Serializable {
    static final ClientState NEW = new ClientState(List.of(), new float[0]);

    private ClientKit.Kept open() {
      ClientJournal journal = ClientJournal.inMemory();
      for (byte[] each : contributions) {
        journal.contributed(Participation.parse(ByteString.copyFrom(each)));
      }
      return new ClientKit.Kept(journal, new SimulatedMemory(memory));
    }

    private static ClientState of(ClientKit.Kept kept, String coordinator) {
      return new ClientState(
          kept.journal().participations(coordinator).stream()
              .map(each -> each.toBytes().toByteArray())
              .toList(),
          kept.memory().recall(""));
    }
  }

  /** Lets the clients of these seats do their part, one after the other. */
  public PartialSum sum(Iterator<Seat> seats) {
    Experiment experiment = experiment();
    Plan read = Plan.parse(plan);
    Total total = new Total(new int[read.sum().length()], read.sum().ringBits());
    String coordinator = HexFormat.of().formatHex(coordinatorKey);
    Map<Integer, Answer> answers = new HashMap<>();
    SimulatedClients clients = experiment.clients(common(experiment));
    seats.forEachRemaining(
        seat -> {
          ClientKit.Kept kept = seat.state().open();
          FaultLog log = new FaultLog();
          Envelope said = play(clients.open(seat.client(), kept, log), read, seat, total);
          ClientOutcome outcome = log.firstDecline();
          answers.put(
              seat.slot(),
              new Answer(
                  said == null ? Kind.SILENT : said.hasDecline() ? Kind.DECLINED : Kind.IN,
                  said == null ? "" : said.getDecline().getCode(),
                  outcome == null ? "" : outcome.reason(),
                  ClientState.of(kept, coordinator)));
        });
    return new PartialSum(total.values, answers, total.bytes);
  }

  private Experiment experiment() {
    synchronized (KNOWN) {
      return KNOWN.computeIfAbsent(
          new Known(file, ByteString.copyFrom(statistics)), known -> opened());
    }
  }

  private Experiment opened() {
    Experiment job = new Experiment(file.parse(), true);
    Experiment learning = job.learning();
    if (learning != null && statistics.length == 0) {
      return learning;
    }
    if (learning != null) {
      job.learned(ModelFile.parse(statistics));
    }
    return job;
  }

  private ClientKit.Common common(Experiment experiment) {
    InsecurePlainSum suite = new InsecurePlainSum();
    return new ClientKit.Common(
        ByteString.copyFrom(coordinatorKey),
        experiment.policy(),
        new LastModel(digest -> Objects.requireNonNull(models.get(digest), digest)),
        id -> id.equals(suite.id()) ? suite : null);
  }

  /** The sum so far. */
  private static final class Total {
    final int[] values;
    private final int bits;
    private final int[] next;
    long bytes;

    Total(int[] values, int bits) {
      this.values = values;
      this.bits = bits;
      this.next = new int[values.length];
    }

    void add(Body body) {
      bytes += body.length();
      try (InputStream in = body.open()) {
        RingPacking.unpack(in.readAllBytes(), 0, next, 0, next.length, bits);
      } catch (IOException e) {
        throw new UncheckedIOException("reading from memory does not fail", e);
      }
      for (int i = 0; i < values.length; i++) {
        values[i] += next[i];
      }
    }
  }

  /** One client's round, without the time that anything takes. Null if it says nothing. */
  private @Nullable Envelope play(Machine client, Plan read, Seat seat, Total total) {
    Envelope answer = null;
    Deque<Event> events = new ArrayDeque<>();
    events.add(new Event.Received(Machine.COORDINATOR, offer(read, seat)));
    while (!events.isEmpty()) {
      for (Effect effect : client.on(VirtualShell.START, events.remove())) {
        if (effect instanceof Effect.Run run) {
          events.add(new Event.Ran(run.job(), outcome(run.work())));
        } else if (effect instanceof Effect.Send send) {
          answer = send.message();
          total.bytes += answer.getSerializedSize();
          if (send.body() != null) {
            total.add(send.body());
          }
        }
      }
    }
    return answer;
  }

  private Envelope offer(Plan read, Seat seat) {
    return Envelope.newBuilder()
        .setSession(ByteString.copyFrom(read.sessionId()))
        .setOffer(
            Offer.newBuilder()
                .setPlan(ByteString.copyFrom(plan))
                .setCoordinatorKey(ByteString.copyFrom(coordinatorKey))
                .setSignature(ByteString.copyFrom(seat.signature()))
                .setSlot(seat.slot()))
        .build();
  }

  private static Object outcome(Work work) {
    try {
      return work.run();
    } catch (Exception e) {
      return new Failed(e);
    }
  }
}
