package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.FederatedTraining;
import dev.tributary.coordinator.FederatedTraining.Inputs;
import dev.tributary.coordinator.job.Job.Fault;
import dev.tributary.coordinator.job.Job.FaultKind;
import dev.tributary.plan.Plan;
import dev.tributary.simulation.FaultScript.Moment;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator whose process dies at random events and is started again over the same store. Half
 * of the deaths come after what the event led to has been written and before any of it has left;
 * whoever sent that event sends it again. What ran for the old process never ends. Uploads outlive
 * it: they stay in memory here until the next round brings its own.
 */
final class MortalCoordinator implements Machine {
  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

  private final Function<Inputs, FederatedTraining> program;
  private final Seed seed;
  private final double mortality;
  private final FaultScript script;
  private final Died died;
  private final Map<ByteString, Integer> rounds = new HashMap<>();
  private final Set<Moment> past = new HashSet<>();
  private final Map<Integer, Body> uploads = new HashMap<>();
  private final Set<Said> heard = new HashSet<>();
  private @Nullable ByteString session;
  private FederatedTraining life;
  private int lives;
  private int events;
  private int round;

  /** Hears of deaths. */
  @FunctionalInterface
  interface Died {
    /**
     * A process has died and the next is where it was.
     *
     * @param number of the death, from 1
     * @param fault of a script that it was; for one that chance brought, what such a fault would
     *     say
     * @param nanos of processor time that the next took for it
     */
    void on(int number, Fault fault, Instant now, long nanos);
  }

  /** What a client has said. */
  private record Said(int from, Envelope message) {}

  /**
   * A coordinator.
   *
   * @param program starts a process
   * @param mortality chance of a death at an event that is none of those said again, in [0, 1)
   * @param script with deaths at single messages: at a client's before anything that it led to has
   *     left, at one to a client once that has left
   */
  MortalCoordinator(
      Function<Inputs, FederatedTraining> program,
      Seed seed,
      double mortality,
      FaultScript script,
      Died died) {
    this.program = program;
    this.seed = seed;
    this.mortality = mortality;
    this.script = script;
    this.died = died;
    this.life = program.apply(this::upload);
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    Event ofLife = event;
    boolean fresh = !(event instanceof Event.Start);
    if (event instanceof Event.Received received) {
      fresh = isFresh(received);
    } else if (event instanceof Event.Ran ran) {
      String prefix = lives + ":";
      if (!ran.job().startsWith(prefix)) {
        return List.of();
      }
      ofLife = new Event.Ran(ran.job().substring(prefix.length()), ran.result());
    }
    List<Effect> effects = life.on(now, ofLife);
    if (effects.stream().anyMatch(Effect.Finish.class::isInstance)) {
      return effects;
    }
    events++;
    Fault before = event instanceof Event.Received in ? crash(in.from(), in.message()) : null;
    Fault told = before == null ? crashAfter(effects) : before;
    if (told == null && (!fresh || unit("death") >= mortality)) {
      return ofThisLife(effects);
    }
    boolean unheard = told == null ? unit("within") < 0.5 : before != null;
    List<Effect> out = new ArrayList<>();
    if (!unheard) {
      effects.stream().filter(Effect.Send.class::isInstance).forEach(out::add);
    }
    lives++;
    long begun = CPU.getCurrentThreadCpuTime();
    life = program.apply(this::upload);
    out.addAll(ofThisLife(life.on(now, new Event.Start(seed.derive("start", lives)))));
    died.on(lives, told == null ? chance(event) : told, now, CPU.getCurrentThreadCpuTime() - begun);
    if (unheard && event instanceof Event.Received) {
      out.addAll(ofThisLife(life.on(now, event)));
    }
    return out;
  }

  /** A death of no script: at a client's message, or at nobody's. */
  private Fault chance(Event event) {
    return event instanceof Event.Received in
        ? new Fault(FaultKind.CRASH, round, in.from(), FaultScript.word(in.message()), 0)
        : new Fault(FaultKind.CRASH, round, -1, "", 0);
  }

  private @Nullable Fault crashAfter(List<Effect> effects) {
    Fault found = null;
    for (Effect effect : effects) {
      if (effect instanceof Effect.Send send) {
        if (send.message().hasOffer()) {
          ByteString plan = send.message().getOffer().getPlan();
          round =
              rounds.computeIfAbsent(
                  send.message().getSession(), of -> Plan.parse(plan.toByteArray()).round());
        }
        Fault crash = crash(send.to(), send.message());
        found = found == null ? crash : found;
      }
    }
    return found;
  }

  /** The death that the script has for the first message of its kind. */
  private @Nullable Fault crash(int client, Envelope message) {
    Integer of = rounds.get(message.getSession());
    String word = FaultScript.word(message);
    if (of == null || word.isEmpty() || !script.holds(FaultKind.CRASH)) {
      return null;
    }
    Moment moment = new Moment(of, client, word);
    for (Fault fault : script.at(moment)) {
      if (fault.kind() == FaultKind.CRASH && past.add(moment)) {
        return fault;
      }
    }
    return null;
  }

  /**
   * Whether a message is said for the first time in the round that is under way; its upload is kept
   * then. After a death all is said again: if that could be deadly too, deaths would multiply.
   */
  private boolean isFresh(Event.Received received) {
    ByteString of = received.message().getSession();
    if (!life.hears(received.from(), of)) {
      return false;
    }
    if (!of.equals(session)) {
      session = of;
      heard.clear();
      uploads.clear();
    }
    if (received.body() != null) {
      uploads.putIfAbsent(received.from(), received.body());
    }
    return heard.add(new Said(received.from(), received.message()));
  }

  private double unit(String purpose) {
    return LatencyModel.unit(seed.derive(purpose, events));
  }

  private List<Effect> ofThisLife(List<Effect> effects) {
    return effects.stream()
        .map(
            effect ->
                effect instanceof Effect.Run run
                    ? new Effect.Run(lives + ":" + run.job(), run.work())
                    : effect)
        .toList();
  }

  private Body upload(ByteString of, int member) {
    Body body = of.equals(session) ? uploads.get(member) : null;
    if (body == null) {
      throw new IllegalStateException("no input of member " + member + " was kept");
    }
    return body;
  }
}
