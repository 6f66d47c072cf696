package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.ClientRound;
import dev.tributary.coordinator.job.Job.Fault;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Offer;
import dev.tributary.wire.v1.Unmask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a malicious client says in a round beside, or in the place of, what an honest one would. At
 * {@code advertise} and {@code input} it lives twice under its one key, and says the twin's message
 * first: other keys, or another input under the same masks. At {@code unmask} it answers with
 * shares that are none.
 */
final class Liar {
  private final List<Fault> lies;
  private final FaultLog log;
  private final ClientRound newKeys;
  private final ClientRound newInput;

  Liar(List<Fault> lies, ClientKit kit, Offer offer, int round, FaultLog log) {
    Set<String> told = new HashSet<>();
    this.lies = lies.stream().filter(lie -> told.add(lie.at())).toList();
    this.log = log;
    this.newKeys = new ClientRound(kit.twin(round), offer);
    this.newInput = new ClientRound(kit.twin(round), offer);
  }

  /** What is said before the honest client hears of an event. */
  List<Effect> instead(Instant now, Event event) {
    List<Effect> said = new ArrayList<>();
    for (Fault lie : lies) {
      if (lie.at().equals("input")) {
        said.addAll(only(now, lie, newInput.on(now, bent(event))));
      } else if (lie.at().equals("advertise") && event instanceof Event.Start start) {
        Event other = new Event.Start(start.seed().derive("lie"));
        said.addAll(only(now, lie, newKeys.on(now, other)));
      }
    }
    return said;
  }

  private List<Effect> only(Instant now, Fault lie, List<Effect> effects) {
    List<Effect> said = new ArrayList<>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.Send send && FaultScript.word(send.message()).equals(lie.at())) {
        said.add(send);
        happened(now, lie);
      }
    }
    return said;
  }

  private static Event bent(Event event) {
    if (!(event instanceof Event.Ran ran) || !(ran.result() instanceof RingVector vector)) {
      return event;
    }
    int[] values = Witness.values(vector);
    values[0]++;
    return new Event.Ran(ran.job(), RingVector.of(vector.bits(), values));
  }

  /** What the honest client says, with its answer bent. */
  List<Effect> bent(Instant now, List<Effect> honest) {
    List<Effect> said = new ArrayList<>();
    for (Effect effect : honest) {
      Effect out = effect;
      if (effect instanceof Effect.Send send && send.message().hasUnmask()) {
        for (Fault lie : lies) {
          if (lie.at().equals("unmask")) {
            out = new Effect.Send(send.to(), bent(send.message()));
            happened(now, lie);
          }
        }
      }
      said.add(out);
    }
    return said;
  }

  private static Envelope bent(Envelope message) {
    Unmask honest = message.getUnmask();
    return message.toBuilder()
        .setUnmask(
            honest.toBuilder()
                .setMaskSeedShares(flipped(honest.getMaskSeedShares()))
                .setSelfMaskShares(flipped(honest.getSelfMaskShares())))
        .build();
  }

  /** One bit of each share of 40 bytes, the lowest of its last byte. */
  private static ByteString flipped(ByteString shares) {
    byte[] bytes = shares.toByteArray();
    for (int at = 39; at < bytes.length; at += 40) {
      bytes[at] ^= 1;
    }
    return ByteString.copyFrom(bytes);
  }

  private void happened(Instant now, Fault lie) {
    log.happened(lie, Duration.between(VirtualShell.START, now).toNanos());
  }
}
