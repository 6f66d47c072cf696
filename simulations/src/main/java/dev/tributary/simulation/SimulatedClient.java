package dev.tributary.simulation;

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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the live shell of the SDK is to a phone, for one client of a simulation: it opens a {@link
 * ClientRound} for each offer, keeps the journal, and lets the client fall silent where the {@link
 * FaultPlan} says so. Jobs carry the round's number, so that a job of a round that is over is
 * recognised. An offer that comes again is no new one.
 */
final class SimulatedClient implements Machine {
  private final int address;
  private final Supplier<ClientKit> kits;
  private final FaultPlan faults;
  private final FaultLog log;
  private int number;
  private Optional<DropPhase> drop = Optional.empty();
  private @Nullable ClientKit kit;
  private @Nullable ClientRound round;

  /**
   * A client in no round.
   *
   * @param kits gives what it is made of; asked at its first offer, on a thread of the simulation
   */
  SimulatedClient(int address, Supplier<ClientKit> kits, FaultPlan faults, FaultLog log) {
    this.address = address;
    this.kits = kits;
    this.faults = faults;
    this.log = log;
  }

  /** Whether it is in no round. */
  boolean idle() {
    return round == null;
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    if (event instanceof Event.Received received
        && received.message().hasOffer()
        && kit().memory().begins(received.message().getSession())) {
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
    ClientKit own = kit();
    ClientRound opened = new ClientRound(own.context(number), offer);
    round = opened;
    return carry(opened.on(now, new Event.Start(own.seed(number))));
  }

  private List<Effect> carry(List<Effect> effects) {
    List<Effect> out = new ArrayList<>(effects.size());
    for (Effect effect : effects) {
      if (effect instanceof Effect.Persist persist) {
        kit().journal().persist(persist.entry());
      } else if (effect instanceof Effect.Run run) {
        out.add(new Effect.Run(number + "/" + run.job(), run.work()));
      } else if (effect instanceof Effect.Finish finish) {
        round = null;
        if (drop.isEmpty()) {
          // Who would leave after its input remembers nothing, though a plain sum never sees it go.
          kit().memory().ended();
        }
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

  private ClientKit kit() {
    ClientKit own = kit;
    if (own == null) {
      own = kits.get();
      kit = own;
    }
    return own;
  }

  private boolean silent(Effect.Send send) {
    if (drop.isEmpty() || !drop.get().silences(send.message())) {
      return false;
    }
    log.dropped(number, drop.get());
    return true;
  }
}
