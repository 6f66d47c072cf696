package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Body;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Failed;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Unmask;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * R4 at the coordinator: the proof goes out, shares come in, until every needed secret has t of
 * them: the self mask of each survivor, the mask seed of each lost sharer. A job finds the secrets.
 * If some are not what their owners advertised, shares are wrong: answers go on coming in, and the
 * job tries again when twice as many wrong shares could be corrected as before, and when nobody
 * else can answer.
 */
final class UnmaskPhase extends ServerPhase {

  private static final String RECOVER = "recover";

  private final Survivors survivors;
  private final IntFunction<Envelope> proof;
  private final Answers answers;
  private final Recovery recovery;
  private boolean recovering;
  private boolean fresh;
  private boolean expired;

  /** Whether fewer shares can come than when that was last looked at. */
  private boolean fewer = true;

  private int correctable;

  /**
   * The phase.
   *
   * @param proof of the survivors, for each slot
   */
  UnmaskPhase(ServerState state, Survivors survivors, IntFunction<Envelope> proof) {
    super(state);
    this.survivors = survivors;
    this.proof = proof;
    this.answers = new Answers(survivors.sharers.indices());
    this.recovery = new Recovery(survivors, state.parameters);
  }

  @Override
  String step() {
    return SumSteps.UNMASK;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.UNMASK;
  }

  @Override
  boolean isLate(Envelope.KindCase kind) {
    return kind == Envelope.KindCase.SIGNED_SURVIVORS;
  }

  @Override
  ServerPhase enter(Instant now) {
    alive(survivors.slots()).stream().forEach(slot -> state.send(slot, proof.apply(slot)));
    return advance(now);
  }

  @Override
  void repeated(int slot, Envelope.KindCase kind) {
    boolean sampled = state.parameters.sample() > 0;
    if (kind == (sampled ? Envelope.KindCase.SAMPLE : Envelope.KindCase.SIGNED_SURVIVORS)) {
      state.send(slot, proof.apply(slot));
    }
  }

  @Override
  ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    Unmask answer = message.getUnmask();
    int index = survivors.roster.index(slot);
    int n = survivors.roster.size();
    BitSet dealers = survivors.roster.neighbours(index).dealers();
    BitSet lost = survivors.lost();
    lost.and(dealers);
    dealers.set(index);
    dealers.and(survivors.indices());
    if (!fits(answer.getMaskSeedDealers(), answer.getMaskSeedShares(), n, lost)
        || !fits(answer.getSelfMaskDealers(), answer.getSelfMaskShares(), n, dealers)
        || !Bitmap.decode(answer.getSelfMaskDealers(), n).get(index)) {
      return dropAndAdvance(now, slot, DropReason.INVALID_UNMASKING_RESPONSE);
    }
    state.noteAnswer(slot);
    fresh = true;
    BitSet seeds = Bitmap.decode(answer.getMaskSeedDealers(), n);
    BitSet selves = Bitmap.decode(answer.getSelfMaskDealers(), n);
    fewer |= !seeds.equals(lost) || !selves.equals(dealers);
    answers.add(index, seeds, answer.getMaskSeedShares());
    answers.add(index, selves, answer.getSelfMaskShares());
    return advance(now);
  }

  private static boolean fits(ByteString dealers, ByteString shares, int n, BitSet allowed) {
    if (!Bitmap.isValid(dealers, n)) {
      return false;
    }
    BitSet named = Bitmap.decode(dealers, n);
    int count = named.cardinality();
    named.andNot(allowed);
    if (!named.isEmpty() || shares.size() != count * Shamir.SHARE_LENGTH) {
      return false;
    }
    byte[] bytes = shares.toByteArray();
    for (int i = 0; i < count; i++) {
      if (!Shamir.isShare(bytes, i * Shamir.SHARE_LENGTH)) {
        return false;
      }
    }
    return true;
  }

  @Override
  ServerPhase advance(Instant now) {
    if (recovering) {
      return this;
    }
    BitSet pending = recovery.pending();
    int threshold = state.parameters.threshold();
    BitSet silent = survivors.roster.indices(silent());
    if (fresh && answers.below(threshold + 2 * correctable, pending, dealer -> 0) < 0) {
      return recover();
    }
    boolean tried = correctable > 0;
    if (fewer || silent.isEmpty()) {
      fewer = false;
      int dealer =
          answers.below(
              threshold + (tried ? 2 : 0),
              pending,
              j -> survivors.roster.neighbours(j).sharesIn(silent));
      if (dealer >= 0) {
        return tried ? wrong(now, dealer) : tooFew(now, dealer);
      }
    }
    if (!silent.isEmpty()) {
      return this;
    }
    return fresh ? recover() : wrong(now, pending.nextSetBit(0));
  }

  private ServerPhase recover() {
    recovering = true;
    fresh = false;
    Map<Integer, List<Answers.Share>> shares = answers.copy();
    state.run(
        RECOVER,
        () -> {
          recovery.run(shares);
          return RECOVER;
        });
    return this;
  }

  @Override
  ServerPhase ran(Instant now, String job, Object result) {
    recovering = false;
    if (result instanceof Failed failed) {
      return abortFailed(now, job, failed);
    }
    if (recovery.liar() >= 0) {
      return wrongCiphertext(now, survivors.roster.slot(recovery.liar()));
    }
    if (recovery.pending().isEmpty()) {
      return new MaskRemovalPhase(state, survivors, recovery);
    }
    correctable = Math.max(1, 2 * correctable);
    fewer = true;
    return expired ? expire(now) : advance(now);
  }

  @Override
  ServerPhase dropAndAdvance(Instant now, int slot, DropReason reason) {
    fewer = true;
    return super.dropAndAdvance(now, slot, reason);
  }

  private ServerPhase tooFew(Instant now, int dealer) {
    return state.abort(
        now,
        AbortCode.NOT_ENOUGH_CLIENTS,
        "fewer than "
            + state.parameters.threshold()
            + " shares of the secret of slot "
            + survivors.roster.slot(dealer)
            + " can come");
  }

  private ServerPhase wrong(Instant now, int dealer) {
    return state.abort(
        now,
        AbortCode.WRONG_SHARES,
        "shares dealt by slot "
            + survivors.roster.slot(dealer)
            + " give another secret than it advertised, and too few came to correct them");
  }

  /** Section 8: the signed message of R1 is kept as evidence. */
  private ServerPhase wrongCiphertext(Instant now, int slot) {
    Envelope signed =
        state.message().setShareKeys(survivors.sharers.signed(recovery.liar())).build();
    state.persist(
        Entry.Kind.WRONG_KEM_CIPHERTEXT, ServerState.slotBytes(slot).concat(signed.toByteString()));
    return state.abort(
        now,
        AbortCode.WRONG_KEM_CIPHERTEXT,
        "a mask ciphertext that slot " + slot + " signed is not the one of its mask seed");
  }

  @Override
  void ended() {
    recovery.end();
  }

  /** Living survivors that have not answered, by slot. */
  private BitSet silent() {
    BitSet silent = alive(survivors.slots());
    for (int index : answers.holders()) {
      silent.clear(survivors.roster.slot(index));
    }
    return silent;
  }

  @Override
  ServerPhase expire(Instant now) {
    expired = true;
    fewer = true;
    // While the secrets are being looked for, nobody is late: it may be that no more is needed.
    if (!recovering) {
      state.dropAll(silent(), DropReason.NO_ANSWER);
    }
    return advance(now);
  }
}
