package dev.tributary.simulation.live;

import dev.tributary.secagg.Floors;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One small sum among clients that are not there, so that a host's code is loaded and compiled
 * before its first real round: 20 hosts that begin cold share two cores, and would miss the first
 * steps. It uses throw-away keys and touches no data.
 */
final class WarmUp {
  private static final int CLIENTS = 16;
  private static final int LENGTH = 8_192;
  private static final int RING_BITS = 22;

  /** An event for the member of a slot, or for the coordinator. */
  private record Due(int to, Event event) {}

  private final Instant now = Instant.now();
  private final Deque<Due> due = new ArrayDeque<>();
  private final List<Machine> members = new ArrayList<>();
  private final Machine server;

  /** Runs one sum to its end; returns how many events that took. */
  static int run() throws Exception {
    return new WarmUp(new SecureRandom()).drain();
  }

  private WarmUp(SecureRandom random) {
    Sa1 suite = new Sa1();
    SumParameters parameters =
        SumParameters.derive(Sa1.ID, Mode.CURIOUS, CLIENTS, 0.1, 0.1, 10, 0, RING_BITS, LENGTH);
    Schedule schedule = Schedule.of(now, Duration.ofMinutes(10), suite.steps(parameters));
    byte[] sid = new byte[32];
    TrustAnchors anyone = TrustAnchors.trustOnFirstUse();
    List<byte[]> keys = new ArrayList<>();
    for (int slot = 0; slot < CLIENTS; slot++) {
      Identity identity = Identity.generate(random);
      keys.add(identity.publicKey());
      members.add(
          suite.open(
              SumSession.client(parameters, sid, slot, identity, null, anyone.verifier(), schedule)
                  .withFloors(Floors.NONE)));
    }
    server = suite.open(SumSession.coordinator(parameters, sid, keys, anyone.verifier(), schedule));
    due.add(new Due(Machine.COORDINATOR, new Event.Start(Seed.random(random))));
    for (int slot = 0; slot < CLIENTS; slot++) {
      due.add(new Due(slot, new Event.Start(Seed.random(random))));
      due.add(new Due(slot, new Event.Input(RingVector.of(RING_BITS, new int[LENGTH]))));
    }
  }

  private int drain() throws Exception {
    int events = 0;
    for (Due next = due.poll(); next != null; next = due.poll()) {
      events++;
      Machine machine = next.to() == Machine.COORDINATOR ? server : members.get(next.to());
      for (Effect effect : machine.on(now, next.event())) {
        if (effect instanceof Effect.Send send) {
          due.add(new Due(send.to(), new Event.Received(next.to(), send.message(), send.body())));
        } else if (effect instanceof Effect.Run run) {
          due.add(new Due(next.to(), new Event.Ran(run.job(), run.work().run())));
        }
      }
    }
    return events;
  }
}
