package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.v1.Envelope;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the phases of one client session share and hand on. */
final class ClientState {

  /** A message that was taken in, and what was answered. */
  record Handled(Envelope message, List<Effect.Send> replies) {}

  final SumSession session;
  final SumParameters parameters;
  final ByteString sid;
  final Transcript beforeRoster;
  final ClientSecrets secrets;
  private final Map<Envelope.KindCase, Handled> handled = new EnumMap<>(Envelope.KindCase.class);
  private final List<Effect> effects = new ArrayList<>();
  private final List<Effect.Send> replies = new ArrayList<>();
  private final BitSet unreadable = new BitSet();
  private @Nullable RingVector input;
  private @Nullable Dealer dealer;
  private @Nullable Holdings holdings;

  ClientState(SumSession session, ClientSecrets secrets) {
    this.session = session;
    this.parameters = session.parameters();
    this.sid = ByteString.copyFrom(session.sid());
    this.beforeRoster = Transcript.of(session.sid());
    this.secrets = secrets;
  }

  void setInput(RingVector vector) {
    if (vector.length() != parameters.length() || vector.bits() != parameters.ringBits()) {
      throw new IllegalArgumentException(
          "the input must be Z_2^"
              + parameters.ringBits()
              + "["
              + parameters.length()
              + "]. Provided: "
              + vector);
    }
    if (input != null) {
      throw new IllegalStateException("the input is set once");
    }
    input = vector;
  }

  @Nullable RingVector input() {
    return input;
  }

  void setDealer(Dealer channels) {
    dealer = channels;
  }

  void setHoldings(Holdings shares) {
    holdings = shares;
  }

  Envelope.Builder message() {
    return Envelope.newBuilder().setSession(sid);
  }

  /** Sends a message that answers none. */
  void open(Envelope message) {
    effects.add(new Effect.Send(Machine.COORDINATOR, message));
  }

  /** Sends an answer to the message being taken in. */
  void send(Envelope message, @Nullable Body body) {
    Effect.Send send = new Effect.Send(Machine.COORDINATOR, message, body);
    effects.add(send);
    replies.add(send);
  }

  void persist(Entry.Kind kind, ByteString payload) {
    effects.add(new Effect.Persist(new Entry(kind, payload)));
  }

  void noteUnreadable(int index) {
    unreadable.set(index);
  }

  @Nullable Handled handled(Envelope.KindCase kind) {
    return handled.get(kind);
  }

  /** Remembers a message with what has been sent since the last call. */
  void remember(Envelope message) {
    handled.put(message.getKindCase(), new Handled(message, List.copyOf(replies)));
    replies.clear();
  }

  /** Adds what was sent later to the replies of a message. */
  void rememberMore(Envelope.KindCase kind) {
    Handled before = handled.get(kind);
    if (before != null) {
      remember(before.message());
    }
  }

  void resend(Handled before) {
    effects.addAll(before.replies());
  }

  List<Effect> takeEffects(List<Effect> before) {
    List<Effect> taken = new ArrayList<>(before);
    taken.addAll(effects);
    effects.clear();
    return List.copyOf(taken);
  }

  /** Ends with the input in the coordinator's hands. */
  ClientPhase contributed(boolean answered) {
    wipe();
    effects.add(
        new Effect.Finish(
            new SumResult.Contributed(answered, unreadable.stream().boxed().toList())));
    return new DonePhase(this);
  }

  /** Ends without a word to the coordinator. */
  ClientPhase abort(AbortCode code, String reason) {
    return aborted(code.name(), reason);
  }

  /** Ends as the coordinator said, or by a rule of this end. */
  ClientPhase aborted(String code, String reason) {
    wipe();
    handled.clear();
    effects.add(new Effect.Finish(new SumResult.Aborted(code, reason, Map.of(), false, List.of())));
    return new DonePhase(this);
  }

  private void wipe() {
    secrets.destroy();
    input = null;
    if (dealer != null) {
      dealer.destroy();
      dealer = null;
    }
    if (holdings != null) {
      holdings.destroy();
      holdings = null;
    }
  }
}
