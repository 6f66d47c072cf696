package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.client.round.ClientRound;
import dev.tributary.coordinator.job.Job.Fault;
import dev.tributary.plan.Plan;
import dev.tributary.plan.PlanException;
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
 * FaultPlan} says so. Jobs carry the round's number and how many sessions were opened before, so
 * that a job of a session that is over is recognised, in the same round too: a coordinator that
 * died in its key rounds offers the round anew. An offer that comes again is no new one, nor is one
 * of an earlier round that was long on its way.
 */
final class SimulatedClient implements Machine {
  private final int address;
  private final Supplier<ClientKit> kits;
  private final FaultPlan faults;
  private final FaultLog log;
  private int number;
  private int opened;
  private Optional<DropPhase> drop = Optional.empty();
  private @Nullable ClientKit kit;
  private @Nullable ClientRound round;
  private @Nullable Liar liar;

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
    if (event instanceof Event.Received received && received.message().hasOffer()) {
      return offered(now, received.message().getOffer());
    }
    ClientRound current = round;
    if (current == null) {
      return List.of();
    }
    if (event instanceof Event.Ran ran) {
      String prefix = jobs();
      if (!ran.job().startsWith(prefix)) {
        return List.of();
      }
      Event inRound = new Event.Ran(ran.job().substring(prefix.length()), ran.result());
      return tell(now, current, inRound);
    }
    return tell(now, current, event);
  }

  private List<Effect> tell(Instant now, ClientRound current, Event event) {
    Liar other = liar;
    List<Effect> effects = new ArrayList<>();
    if (other != null) {
      effects.addAll(other.instead(now, event));
    }
    List<Effect> own = current.on(now, event);
    effects.addAll(carry(now, other == null ? own : other.bent(now, own)));
    return effects;
  }

  private List<Effect> offered(Instant now, Offer offer) {
    Plan plan;
    try {
      plan = Plan.parse(offer.getPlan().toByteArray());
    } catch (PlanException e) {
      return List.of();
    }
    ClientKit own = kit();
    if (!own.memory().begins(plan.round(), ByteString.copyFrom(plan.sessionId()))) {
      return List.of();
    }
    number = plan.round();
    drop = faults.drop(number, address);
    List<Fault> lies = faults.script().lies(number, address);
    liar = lies.isEmpty() ? null : new Liar(lies, own, offer, number, log);
    ClientRound begun = new ClientRound(own.context(number), offer);
    round = begun;
    opened++;
    List<Effect> effects = tell(now, begun, new Event.Start(own.seed(number)));
    if (begun.plan().isPresent()) {
      own.memory().accepted(number);
    }
    return effects;
  }

  /** What the names of this session's jobs begin with. */
  private String jobs() {
    return number + "/" + opened + "/";
  }

  private List<Effect> carry(Instant now, List<Effect> effects) {
    List<Effect> out = new ArrayList<>(effects.size());
    for (Effect effect : effects) {
      if (effect instanceof Effect.Persist persist) {
        kit().journal().persist(persist.entry());
      } else if (effect instanceof Effect.Run run) {
        out.add(new Effect.Run(jobs() + run.job(), run.work()));
      } else if (effect instanceof Effect.Finish finish) {
        round = null;
        remember();
        log.ended(address, (ClientOutcome) finish.result());
      } else if (effect instanceof Effect.Send send && silent(now, send)) {
        round = null;
        remember();
        return out;
      } else {
        out.add(effect);
      }
    }
    return out;
  }

  /**
   * What the round leaves is on disk when its last message goes out, and not before: the same for a
   * plain sum, whose clients are done with their input.
   */
  private void remember() {
    if (drop.isEmpty() || drop.get() == DropPhase.UNMASK) {
      kit().memory().ended();
    }
  }

  private ClientKit kit() {
    ClientKit own = kit;
    if (own == null) {
      own = kits.get();
      kit = own;
    }
    return own;
  }

  private boolean silent(Instant now, Effect.Send send) {
    if (drop.isEmpty() || !drop.get().silences(send.message())) {
      return false;
    }
    log.dropped(number, address, drop.get(), now);
    return true;
  }
}
