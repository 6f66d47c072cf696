package dev.tributary.simulation;

import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.Quorum;
import dev.tributary.secagg.Role;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.StepReport;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.Violation;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's end of the plain sum where a {@link Fleet} has added the inputs up already: it
 * takes declines as they come and all inputs at once, and ends as {@link InsecurePlainSum} does.
 */
final class FleetSum implements SumSuite {
  private final InsecurePlainSum plain = new InsecurePlainSum();

  /** All inputs of a round, added up. It is handed over in this process and never opened. */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Summed(BitSet slots, int[] values, long length) implements Body {
    @Override
    public InputStream open() {
      throw new UnsupportedOperationException("a sum is no upload");
    }
  }

  @Override
  public String id() {
    return plain.id();
  }

  @Override
  public List<Step> steps(SumParameters parameters) {
    return plain.steps(parameters);
  }

  @Override
  public List<Violation> check(SumParameters parameters) {
    return plain.check(parameters);
  }

  @Override
  public Quorum quorum(SumParameters parameters) {
    return plain.quorum(parameters);
  }

  @Override
  public Machine open(SumSession session) {
    if (session.role() != Role.COORDINATOR) {
      throw new IllegalArgumentException("clients of a fleet have the plain sum's end");
    }
    return new Server(session);
  }

  private static final class Server implements Machine {
    private final SumParameters parameters;
    private final Instant deadline;
    private final Map<Integer, DropReason> dropped = new TreeMap<>();
    private Instant started = Instant.EPOCH;
    private @Nullable Summed summed;
    private boolean ended;

    Server(SumSession session) {
      parameters = session.parameters();
      deadline = session.schedule().endOf(SumSteps.INPUT);
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      if (ended) {
        return List.of();
      }
      if (event instanceof Event.Start) {
        started = now;
        return List.of(new Effect.Wake(deadline));
      }
      if (event instanceof Event.Stop stop) {
        return abort(now, AbortCode.STOPPED, stop.reason());
      }
      if (event instanceof Event.Received received) {
        take(received);
      } else if (event instanceof Event.Woken && !now.isBefore(deadline)) {
        for (int slot = 0; slot < parameters.clients(); slot++) {
          if (!in(slot)) {
            dropped.putIfAbsent(slot, DropReason.NO_INPUT);
          }
        }
      }
      return advance(now);
    }

    private void take(Event.Received received) {
      if (received.message().hasDecline() && !in(received.from())) {
        dropped.put(received.from(), DropReason.DECLINED);
      } else if (received.body() instanceof Summed all) {
        summed = all;
      }
    }

    private boolean in(int slot) {
      return summed != null && summed.slots().get(slot);
    }

    private List<Effect> advance(Instant now) {
      int left = parameters.clients() - dropped.size();
      if (left < parameters.floor()) {
        return abort(
            now,
            AbortCode.NOT_ENOUGH_CLIENTS,
            left
                + " of "
                + parameters.clients()
                + " clients left, at least "
                + parameters.floor()
                + " needed");
      }
      Summed all = summed;
      if (all == null || all.slots().cardinality() < left) {
        return List.of();
      }
      ended = true;
      return finish(
          new SumResult.RingSum(
              all.slots(),
              RingVector.of(parameters.ringBits(), all.values()),
              dropped,
              List.of(),
              steps(now)));
    }

    private List<Effect> abort(Instant now, AbortCode code, String reason) {
      ended = true;
      return finish(new SumResult.Aborted(code.name(), reason, dropped, false, steps(now)));
    }

    private List<StepReport> steps(Instant now) {
      long up = summed == null ? 0 : summed.length();
      return List.of(new StepReport(SumSteps.INPUT, started, now, up, 0));
    }

    private static List<Effect> finish(SumResult result) {
      List<Effect> last = new ArrayList<>();
      last.add(new Effect.Finish(result));
      return last;
    }
  }
}
