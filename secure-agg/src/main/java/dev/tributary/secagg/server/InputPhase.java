package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumSteps;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Body;
import dev.tributary.wire.Entry;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.MaskedInput;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * R2 at the coordinator: an input comes, a job checks it, it is accepted durably, and a later job
 * folds it, once. The freeze of the survivor set is durable before anybody hears of it; an input
 * still being checked then is discarded.
 */
abstract class InputPhase extends ServerPhase {

  /** Jobs with this prefix check an input. */
  static final String CHECK = "input/";

  /** Jobs with this prefix fold inputs; they may end after the freeze. */
  static final String FOLD = "fold/";

  private record Upload(InputBody body, ByteString sha256) {}

  private final Map<Integer, Upload> checking = new HashMap<>();

  InputPhase(ServerState state) {
    super(state);
  }

  /** Whether the header of an input is what this member may send. */
  abstract boolean accepts(int slot, MaskedInput input);

  /** The phase after the freeze. */
  abstract ServerPhase frozen(Instant now, BitSet survivors);

  @Override
  final String step() {
    return SumSteps.INPUT;
  }

  @Override
  final Envelope.KindCase awaited() {
    return Envelope.KindCase.MASKED_INPUT;
  }

  @Override
  final ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    MaskedInput input = message.getMaskedInput();
    int length = state.parameters.length();
    int bits = state.parameters.ringBits();
    long expected = RingPacking.packedLength(length, bits);
    if (body == null
        || input.getLength() != expected
        || body.length() != expected
        || input.getSha256().size() != 32
        || !accepts(slot, input)) {
      return dropAndAdvance(now, slot, DropReason.INVALID_MASKED_INPUT);
    }
    Upload upload = new Upload(new InputBody(body, length, bits), input.getSha256());
    checking.put(slot, upload);
    state.run(CHECK + slot, () -> upload.body().fault(upload.sha256().toByteArray()));
    return this;
  }

  @Override
  final ServerPhase ran(Instant now, String job, Object result) {
    int slot = Integer.parseInt(job.substring(CHECK.length()));
    Upload upload = checking.remove(slot);
    if (upload == null || !state.cohort.isAlive(slot)) {
      return advance(now);
    }
    if (!result.equals(Optional.empty())) {
      return dropAndAdvance(now, slot, DropReason.INVALID_MASKED_INPUT);
    }
    state.cohort.accept(slot);
    state.persist(Entry.Kind.INPUT_ACCEPTED, ServerState.slotBytes(slot).concat(upload.sha256()));
    state.foldStarted();
    state.folds.add(upload.body());
    state.run(
        FOLD + slot,
        () -> {
          state.folds.run();
          return job;
        });
    return advance(now);
  }

  @Override
  final ServerPhase advance(Instant now) {
    ServerPhase aborted = abortBelowFloor(now);
    if (aborted != null) {
      return aborted;
    }
    BitSet outstanding = state.cohort.alive();
    outstanding.andNot(state.cohort.accepted());
    return outstanding.isEmpty() ? freeze(now) : this;
  }

  @Override
  final ServerPhase expire(Instant now) {
    checking.clear();
    BitSet outstanding = state.cohort.alive();
    outstanding.andNot(state.cohort.accepted());
    state.dropAll(outstanding, DropReason.NO_INPUT);
    return advance(now);
  }

  private ServerPhase freeze(Instant now) {
    BitSet survivors = state.cohort.accepted();
    state.persist(
        Entry.Kind.SURVIVORS_FROZEN,
        ByteString.copyFrom(Bitmap.encode(survivors, state.parameters.clients())));
    return frozen(now, survivors);
  }
}
