package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Quorum;
import dev.tributary.secagg.Role;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.Violation;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Unmask;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A suite whose machines are as they are, and a {@link Witness} looks on at both ends. */
final class WitnessedSuite implements SumSuite {
  private final SumSuite suite;
  private final Witness witness;

  WitnessedSuite(SumSuite suite, Witness witness) {
    this.suite = suite;
    this.witness = witness;
  }

  @Override
  public String id() {
    return suite.id();
  }

  @Override
  public List<Step> steps(SumParameters parameters) {
    return suite.steps(parameters);
  }

  @Override
  public List<Violation> check(SumParameters parameters) {
    return suite.check(parameters);
  }

  @Override
  public List<Violation> check(SumParameters parameters, long largest) {
    return suite.check(parameters, largest);
  }

  @Override
  public Quorum quorum(SumParameters parameters) {
    return suite.quorum(parameters);
  }

  @Override
  public Machine open(SumSession session) {
    Machine machine = suite.open(session);
    return session.role() == Role.COORDINATOR
        ? new Coordinator(machine, session)
        : new Client(machine, session, suite.id().equals(InsecurePlainSum.ID));
  }

  private final class Coordinator implements Machine {
    private final Machine machine;
    private final SumSession session;

    Coordinator(Machine machine, SumSession session) {
      this.machine = machine;
      this.session = session;
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      List<Effect> effects = machine.on(now, event);
      for (Effect effect : effects) {
        if (effect instanceof Effect.Persist persist
            && persist.entry().kind() == Entry.Kind.UNMASKING_ANSWERED) {
          witness.answered(session.sid());
        } else if (effect instanceof Effect.Finish finish
            && finish.result() instanceof SumResult.RingSum sum) {
          witness.summed(session, sum);
        } else if (effect instanceof Effect.Finish finish
            && finish.result() instanceof SumResult.Aborted aborted
            && !aborted.code().matches("[A-Z_]+")) {
          witness.found("a session was given up for no named reason: " + aborted);
        }
      }
      return effects;
    }
  }

  private final class Client implements Machine {
    private final Machine machine;
    private final SumSession session;
    private final boolean plain;
    private final Map<Envelope.KindCase, Envelope> said = new HashMap<>();
    private BitSet survivors = new BitSet();
    private boolean recorded;
    private byte @Nullable [] packed;
    private List<ByteString> roster = List.of();

    Client(Machine machine, SumSession session, boolean plain) {
      this.machine = machine;
      this.session = session;
      this.plain = plain;
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      if (event instanceof Event.Input input) {
        RingVector vector = input.vector();
        witness.input(session.sid(), session.slot(), vector);
        packed = RingPacking.pack(vector);
      } else if (event instanceof Event.Received received && !plain) {
        heard(received.message());
      }
      List<Effect> effects = machine.on(now, event);
      if (!plain && !witness.lies(session.sid(), session.slot())) {
        effects.forEach(this::judge);
      }
      return effects;
    }

    private void heard(Envelope message) {
      if (message.hasRoster() && roster.isEmpty()) {
        roster =
            message.getRoster().getMembersList().stream()
                .map(AdvertiseKeys::getIdentityKey)
                .toList();
      } else if (message.hasSurvivors() && survivors.isEmpty()) {
        survivors = BitSet.valueOf(message.getSurvivors().getSurvivors().toByteArray());
      }
    }

    private void judge(Effect effect) {
      if (effect instanceof Effect.Persist persist) {
        recorded |= persist.entry().kind() == Entry.Kind.CONTRIBUTED;
      } else if (effect instanceof Effect.Send send) {
        Envelope before = said.putIfAbsent(send.message().getKindCase(), send.message());
        if (before != null && !before.equals(send.message())) {
          found("said two things: " + send.message().getKindCase());
        }
        switch (send.message().getKindCase()) {
          case MASKED_INPUT -> masked(send.body());
          case SIGNED_SURVIVORS -> signed();
          case UNMASK -> answered(send.message().getUnmask());
          default -> {}
        }
      }
    }

    private void masked(@Nullable Body body) {
      if (!recorded) {
        found("sent its input before its own ledger held it");
      }
      byte[] own = packed;
      if (own == null || body == null || Arrays.equals(bytes(body), own)) {
        found("sent its input without masks");
      }
    }

    private void signed() {
      Set<ByteString> keys = new HashSet<>();
      survivors.stream().filter(i -> i < roster.size()).forEach(i -> keys.add(roster.get(i)));
      witness.signed(session.sid(), session.slot(), keys);
    }

    /** Who is unmasked by both its secrets is unmasked alone. */
    private void answered(Unmask unmask) {
      BitSet seeds = BitSet.valueOf(unmask.getMaskSeedDealers().toByteArray());
      if (seeds.intersects(BitSet.valueOf(unmask.getSelfMaskDealers().toByteArray()))) {
        found("gave both secrets of a member");
      }
    }

    private void found(String what) {
      witness.found("the client in slot " + session.slot() + " " + what);
    }
  }

  private static byte[] bytes(Body body) {
    try (InputStream in = body.open()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
