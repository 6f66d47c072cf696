package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.client.round.ClientRound;
import dev.tributary.plan.Plan;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Offer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the live shell of the SDK is to a phone, for one client of a simulation: it opens a {@link
 * ClientRound} for each offer, keeps the journal, and lets the client fall silent where the {@link
 * FaultPlan} says so. Jobs carry the round's number, so that a job of a round that is over is
 * recognised. An offer that comes again is no new one.
 */
final class SimulatedClient implements Machine {
  private final int address;
  private final ClientKit kit;
  private final FaultPlan faults;
  private final FaultLog log;
  private ByteString session = ByteString.EMPTY;
  private int number;
  private Optional<DropPhase> drop = Optional.empty();
  private @Nullable ClientRound round;

  SimulatedClient(int address, ClientKit kit, FaultPlan faults, FaultLog log) {
    this.address = address;
    this.kit = kit;
    this.faults = faults;
    this.log = log;
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    if (event instanceof Event.Received received
        && received.message().hasOffer()
        && !received.message().getSession().equals(session)) {
      session = received.message().getSession();
      return offered(now, received.message().getOffer());
    }
    ClientRound current = round;
    if (current == null) {
      return List.of();
    }
    if (event instanceof Event.Ran ran) {
      String prefix = number + "/";
      if (!ran.job().startsWith(prefix)) {
        return List.of();
      }
      Event inRound = new Event.Ran(ran.job().substring(prefix.length()), ran.result());
      return carry(current.on(now, inRound));
    }
    return carry(current.on(now, event));
  }

  private List<Effect> offered(Instant now, Offer offer) {
    number = Plan.parse(offer.getPlan().toByteArray()).round();
    drop = faults.drop(number, address);
    kit.memory().begins();
    ClientRound opened = new ClientRound(kit.context(number), offer);
    round = opened;
    return carry(opened.on(now, new Event.Start(kit.seed(number))));
  }

  private List<Effect> carry(List<Effect> effects) {
    List<Effect> out = new ArrayList<>(effects.size());
    for (Effect effect : effects) {
      if (effect instanceof Effect.Persist persist) {
        kit.journal().persist(persist.entry());
      } else if (effect instanceof Effect.Run run) {
        out.add(new Effect.Run(number + "/" + run.job(), run.work()));
      } else if (effect instanceof Effect.Finish finish) {
        round = null;
        kit.memory().ended();
        log.ended(address, (ClientOutcome) finish.result());
      } else if (effect instanceof Effect.Send send && silent(send)) {
        round = null;
        return out;
      } else {
        out.add(effect);
      }
    }
    return out;
  }

  private boolean silent(Effect.Send send) {
    if (drop.isEmpty() || !drop.get().silences(send.message())) {
      return false;
    }
    log.dropped(number, drop.get());
    return true;
  }
}
