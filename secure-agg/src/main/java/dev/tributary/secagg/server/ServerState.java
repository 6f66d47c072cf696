package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Seed;
import dev.tributary.wire.Work;
import dev.tributary.wire.v1.Abort;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the phases of one session share and hand on: the session, its cohort, the effects so far.
 */
final class ServerState {

  final SumSession session;
  final SumParameters parameters;
  final ByteString sid;
  final Cohort cohort;
  final StepLog log = new StepLog();
  final Accumulator sum;
  final Folds folds;
  private final Map<Envelope.KindCase, @Nullable ByteString[]> handled =
      new EnumMap<>(Envelope.KindCase.class);
  private final List<Effect> effects = new ArrayList<>();
  private boolean unmaskingAnswered;
  private int foldsUnderWay;
  private byte[] receiptSalt = new byte[0];

  ServerState(SumSession session) {
    this.session = session;
    this.parameters = session.parameters();
    this.sid = ByteString.copyFrom(session.sid());
    this.cohort = new Cohort(parameters.clients());
    this.sum = new Accumulator(parameters.length(), parameters.ringBits());
    this.folds = new Folds(sum, parameters.ringBits());
  }

  void start(Seed seed) {
    receiptSalt = seed.derive("sa1/receipt-salt").bytes();
  }

  byte[] receiptSalt() {
    return receiptSalt;
  }

  Envelope.Builder message() {
    return Envelope.newBuilder().setSession(sid);
  }

  void send(int slot, Envelope message) {
    send(slot, message, null);
  }

  /**
   * Sends a message.
   *
   * @param rest of it, for the shell to join
   */
  void send(int slot, Envelope message, @Nullable Body rest) {
    log.down(message, rest);
    effects.add(new Effect.Send(slot, message, rest));
  }

  void sendToAll(BitSet slots, Envelope message) {
    for (int slot = slots.nextSetBit(0); slot >= 0; slot = slots.nextSetBit(slot + 1)) {
      send(slot, message);
    }
  }

  void wake(Instant at) {
    effects.add(new Effect.Wake(at));
  }

  void run(String job, Work work) {
    effects.add(new Effect.Run(job, work));
  }

  void persist(Entry.Kind kind, ByteString payload) {
    effects.add(new Effect.Persist(new Entry(kind, payload)));
  }

  void finish(SumResult result) {
    effects.add(new Effect.Finish(result));
  }

  /** The effects since the last call. */
  List<Effect> takeEffects() {
    List<Effect> taken = List.copyOf(effects);
    effects.clear();
    return taken;
  }

  /** The digest of what this member sent of this kind, if it was taken in. */
  @Nullable ByteString handled(Envelope.KindCase kind, int slot) {
    @Nullable ByteString[] digests = handled.get(kind);
    return digests == null ? null : digests[slot];
  }

  void remember(Envelope.KindCase kind, int slot, ByteString digest) {
    handled.computeIfAbsent(kind, k -> new ByteString[parameters.clients()])[slot] = digest;
  }

  /** Drops a living member and tells it, unless it has gone by itself. */
  void drop(int slot, DropReason reason) {
    if (!cohort.isAlive(slot)) {
      return;
    }
    cohort.drop(slot, reason);
    if (reason != DropReason.DECLINED) {
      Abort abort =
          Abort.newBuilder().setCode(reason.name()).setReason("left out of the round").build();
      send(slot, message().setAbort(abort).build());
    }
  }

  /** Drops everybody of these slots who is alive. */
  void dropAll(BitSet slots, DropReason reason) {
    for (int slot = slots.nextSetBit(0); slot >= 0; slot = slots.nextSetBit(slot + 1)) {
      drop(slot, reason);
    }
  }

  boolean unmaskingAnswered() {
    return unmaskingAnswered;
  }

  /** Records that an answer has come: from now on the coordinator may know the sum. */
  void noteAnswer(int slot) {
    if (!unmaskingAnswered) {
      unmaskingAnswered = true;
      persist(Entry.Kind.UNMASKING_ANSWERED, slotBytes(slot));
    }
  }

  static ByteString slotBytes(int slot) {
    return ByteString.copyFrom(Labels.u32(slot));
  }

  void foldStarted() {
    foldsUnderWay++;
  }

  void foldEnded() {
    foldsUnderWay--;
  }

  boolean allFolded() {
    return foldsUnderWay == 0;
  }

  /** Ends the session without a sum. */
  ServerPhase abort(Instant now, AbortCode code, String reason) {
    return abort(now, code, reason, reason);
  }

  /**
   * Ends the session without a sum.
   *
   * @param reason for the coordinator's own result
   * @param told to the clients
   */
  ServerPhase abort(Instant now, AbortCode code, String reason, String told) {
    sendToAll(
        cohort.alive(),
        message().setAbort(Abort.newBuilder().setCode(code.name()).setReason(told)).build());
    finish(
        new SumResult.Aborted(
            code.name(), reason, cohort.dropped(), unmaskingAnswered, log.finish(now)));
    return new EndedPhase(this);
  }
}
