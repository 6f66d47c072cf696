package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Abort;
import dev.tributary.wire.v1.Envelope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class VirtualShellTest {
  private static final Seed SEED = Experiment.rootSeed(5);

  /** Answers every message after a job, as often as it is asked. */
  private static final class Echo implements Machine {
    private final int address;
    private String pending = "";

    Echo(int address) {
      this.address = address;
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      if (event instanceof Event.Received received) {
        pending = received.message().getAbort().getReason();
        return List.of(new Effect.Run("think", () -> pending + "/" + address));
      }
      if (event instanceof Event.Ran ran) {
        return List.of(new Effect.Send(COORDINATOR, message(ran.result().toString())));
      }
      return List.of();
    }
  }

  /** Asks everybody for some turns and keeps a diary of what it sees, with times. */
  private static final class Asker implements Machine {
    private final int clients;
    private final int turns;
    private final List<String> diary = new ArrayList<>();
    private int turn;
    private int answers;

    Asker(int clients, int turns) {
      this.clients = clients;
      this.turns = turns;
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      List<Effect> effects = new ArrayList<>();
      if (event instanceof Event.Stop stop) {
        effects.add(new Effect.Finish(stop.reason()));
      } else if (event instanceof Event.Received received) {
        diary.add(now + " " + received.from() + " " + received.message().getAbort().getReason());
        answers++;
      } else if (event instanceof Event.Woken) {
        diary.add(now + " woken");
      }
      if (event instanceof Event.Start || answers == clients) {
        answers = 0;
        if (turn++ == turns) {
          effects.add(new Effect.Finish(List.copyOf(diary)));
          return effects;
        }
        for (int client = 0; client < clients; client++) {
          effects.add(new Effect.Send(client, message("turn " + turn)));
        }
        effects.add(new Effect.Wake(now.plusSeconds(3600)));
      }
      return effects;
    }
  }

  private static Envelope message(String text) {
    return Envelope.newBuilder().setAbort(Abort.newBuilder().setReason(text)).build();
  }

  private static VirtualShell shell(Machine coordinator, int clients, int threads) {
    List<Echo> machines = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      machines.add(new Echo(client));
    }
    return new VirtualShell(
        coordinator, VirtualShell.Clients.of(machines), new LatencyModel(SEED), threads);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8})
  void run_anyNumberOfThreads_seesTheSameEventsAtTheSameTimes(int threads) throws Exception {
    Object alone = shell(new Asker(40, 20), 40, 1).run(SEED);
    assertThat(shell(new Asker(40, 20), 40, threads).run(SEED)).isEqualTo(alone);
    assertThat((List<?>) alone).hasSize(800);
  }

  @Test
  void run_longWaits_costNoTime() throws Exception {
    Machine patient =
        (now, event) ->
            now.isAfter(VirtualShell.START.plus(Duration.ofDays(100)))
                ? List.of(new Effect.Finish("done"))
                : List.of(new Effect.Wake(now.plus(Duration.ofDays(1))));
    assertThat(shell(patient, 0, 1).run(SEED)).isEqualTo("done");
  }

  /** Two clients whose jobs each wait for the other's to have begun. */
  @Test
  void run_jobs_runAtTheSameTime() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    Set<Object> results = ConcurrentHashMap.newKeySet();
    Machine client =
        (now, event) -> {
          if (event instanceof Event.Received) {
            return List.of(
                new Effect.Run(
                    "meet",
                    () -> {
                      both.countDown();
                      return both.await(30, TimeUnit.SECONDS);
                    }));
          }
          results.add(((Event.Ran) event).result());
          return List.of(new Effect.Send(Machine.COORDINATOR, message("met")));
        };
    VirtualShell shell =
        new VirtualShell(
            new Asker(2, 1),
            VirtualShell.Clients.of(List.of(client, client)),
            new LatencyModel(SEED),
            2);
    shell.run(SEED);
    assertThat(results).containsExactly(true);
  }

  @Test
  void run_jobThatThrows_comesBackAsFailed() throws Exception {
    Machine machine =
        (now, event) -> {
          if (event instanceof Event.Start) {
            return List.of(
                new Effect.Run(
                    "fail",
                    () -> {
                      throw new IllegalStateException("no");
                    }));
          }
          return List.of(new Effect.Finish(((Event.Ran) event).result()));
        };
    Object result = shell(machine, 0, 1).run(SEED);
    assertThat(((Failed) result).cause()).hasMessage("no");
  }

  @Test
  void stop_reachesTheCoordinator() throws Exception {
    VirtualShell shell = shell(new Asker(3, Integer.MAX_VALUE), 3, 2);
    shell.stop("enough");
    assertThat(shell.run(SEED)).isEqualTo("enough");
  }

  @Test
  void run_nothingLeftToHappen_isAnErrorAndNoHang() {
    Machine idle = (now, event) -> List.of();
    assertThatThrownBy(() -> shell(idle, 1, 1).run(SEED))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nothing is left to happen");
  }

  @Test
  void run_machineThatThrows_endsTheRunWithItsException() {
    Machine broken =
        (now, event) -> {
          throw new UnsupportedOperationException("broken");
        };
    assertThatThrownBy(() -> shell(broken, 1, 1).run(SEED)).hasMessage("broken");
  }

  /** Who has nothing to do is made anew for each message, and nothing that comes out tells. */
  @Test
  void run_clientsThatAreIdle_areMadeWhenAMessageComes() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    VirtualShell.Clients clients =
        new VirtualShell.Clients() {
          @Override
          public Machine open(int address) {
            opened.incrementAndGet();
            return new Echo(address);
          }

          @Override
          public boolean idle(Machine machine) {
            return true;
          }
        };
    Object forgotten =
        new VirtualShell(new Asker(40, 20), clients, new LatencyModel(SEED), 2).run(SEED);
    assertThat(forgotten).isEqualTo(shell(new Asker(40, 20), 40, 2).run(SEED));
    assertThat(opened).hasValue(40 * 20);
  }
}
