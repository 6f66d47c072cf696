package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.VectorRound;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Unmask;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The coordinator's end of the unmasking alone: seven answer, five shares open a secret. */
class WrongSharesTest {

  private static final int SHARE = 40;
  private static final SumParameters SEVEN =
      SumParameters.derive("sa1", Mode.MALICIOUS, 7, 0, 0.28, 2, 0, 8, 5);
  private static final List<KindCase> BEFORE =
      List.of(
          KindCase.ADVERTISE_KEYS,
          KindCase.SHARE_KEYS,
          KindCase.MASKED_INPUT,
          KindCase.SIGNED_SURVIVORS);

  private static final Recording RECORDING = new Recording(SEVEN, 8);
  private final Machine server = RECORDING.world.freshServer();
  private final List<Effect> effects = new ArrayList<>();

  private void on(Instant now, Event event) {
    try {
      effects.addAll(VectorRound.drain(server, event, now));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Up to the unmasking, at which everybody has signed. */
  private void begin() {
    assertThat(SEVEN.threshold()).isEqualTo(5);
    on(SumWorld.START, RECORDING.world.start(Machine.COORDINATOR));
    for (KindCase kind : BEFORE) {
      for (int slot = 0; slot < 7; slot++) {
        on(SumWorld.START, RECORDING.toServer(slot, kind));
      }
    }
    assertThat(server.toString()).isEqualTo("SumServer[UnmaskPhase]");
  }

  private void answer(int slot, Consumer<Unmask.Builder> change) {
    Envelope.Builder message = RECORDING.up(slot, KindCase.UNMASK).toBuilder();
    change.accept(message.getUnmaskBuilder());
    on(SumWorld.START, new Event.Received(slot, message.build()));
  }

  /** Another share of these dealers' self masks. */
  private static Consumer<Unmask.Builder> wrong(int... dealers) {
    return unmask -> {
      byte[] shares = unmask.getSelfMaskShares().toByteArray();
      for (int dealer : dealers) {
        shares[SHARE * dealer + 7] ^= 1;
      }
      unmask.setSelfMaskShares(ByteString.copyFrom(shares));
    };
  }

  private SumResult result() {
    List<Effect> ends = effects.stream().filter(Effect.Finish.class::isInstance).toList();
    assertThat(ends).hasSize(1);
    return (SumResult) ((Effect.Finish) ends.get(0)).result();
  }

  private SumResult.RingSum exact() {
    SumResult.RingSum sum = (SumResult.RingSum) result();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(RECORDING.world.plainSum(sum.survivors()));
    return sum;
  }

  @Test
  void five_rightAnswers_areEnough() {
    begin();
    for (int slot = 2; slot < 7; slot++) {
      assertThat(effects).noneMatch(Effect.Finish.class::isInstance);
      answer(slot, unmask -> {});
    }
    assertThat(exact().wrongShares()).isEmpty();
    assertThat(server.toString()).isEqualTo("SumServer[EndedPhase]");
  }

  @Test
  void oneWrongShare_isCorrectedOnceTwoMoreHaveCome() {
    for (int liar : new int[] {0, 3}) {
      WrongSharesTest fresh = new WrongSharesTest();
      fresh.begin();
      for (int slot = 0; slot < 7; slot++) {
        assertThat(fresh.effects).noneMatch(Effect.Finish.class::isInstance);
        fresh.answer(slot, slot == liar ? wrong(4) : unmask -> {});
      }
      assertThat(fresh.exact().wrongShares()).containsExactly(new SumResult.WrongShare(4, liar));
    }
  }

  @Test
  void oneHolder_wrongForAll_isNamedWithEachDealer() {
    begin();
    for (int slot = 0; slot < 7; slot++) {
      answer(slot, slot == 1 ? wrong(0, 1, 2, 3, 4, 5, 6) : unmask -> {});
    }
    // Asked last once it is known, so that its share of a later dealer is not even looked at.
    assertThat(exact().wrongShares()).containsExactly(new SumResult.WrongShare(0, 1));
  }

  @Test
  void twoWrongHolders_ofOneDealer_endTheRound() {
    begin();
    for (int slot = 0; slot < 7; slot++) {
      answer(slot, slot == 1 || slot == 5 ? wrong(2) : unmask -> {});
    }
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.code()).isEqualTo("WRONG_SHARES");
    assertThat(aborted.reason()).contains("shares dealt by slot 2 give another secret");
  }

  @Test
  void oneWrongShare_andNobodyElseComes_endsTheRoundAtItsTime() {
    begin();
    for (int slot = 0; slot < 6; slot++) {
      answer(slot, slot == 1 ? wrong(3) : unmask -> {});
    }
    assertThat(effects).noneMatch(Effect.Finish.class::isInstance);
    on(SumWorld.START.plus(SumWorld.DEADLINE), new Event.Woken());
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.code()).isEqualTo("WRONG_SHARES");
    assertThat(aborted.reason()).contains("slot 3");
    assertThat(aborted.dropped()).containsEntry(6, DropReason.NO_ANSWER);
  }

  @Test
  void stop_duringTheUnmasking_clearsWhatWasRecovered() {
    begin();
    for (int slot = 0; slot < 4; slot++) {
      answer(slot, unmask -> {});
    }
    on(SumWorld.START, new Event.Stop("enough"));
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.code()).isEqualTo("STOPPED");
    assertThat(aborted.unmaskingAnswered()).isTrue();
    assertThat(aborted.dropped()).isEmpty();
  }

  private void refused(int slot, Consumer<Unmask.Builder> change) {
    WrongSharesTest fresh = new WrongSharesTest();
    fresh.begin();
    fresh.effects.clear();
    fresh.answer(slot, change);
    assertThat(VectorRound.sentTo(fresh.effects, slot).message().getAbort().getCode())
        .isEqualTo(DropReason.INVALID_UNMASKING_RESPONSE.name());
    assertThat(fresh.effects).noneMatch(Effect.Persist.class::isInstance);
  }

  @Test
  void answers_thatDoNotFit_areNeverUsed() {
    refused(2, u -> u.setSelfMaskDealers(ByteString.copyFrom(new byte[] {-1})));
    refused(2, u -> u.setSelfMaskDealers(ByteString.EMPTY));
    refused(2, u -> u.setSelfMaskShares(u.getSelfMaskShares().substring(SHARE)));
    refused(2, u -> u.setMaskSeedDealers(u.getSelfMaskDealers()));
    refused(2, Unmask.Builder::clearSelfMaskShares);
    // Its own share is missing.
    refused(
        2,
        u ->
            u.setSelfMaskDealers(ByteString.copyFrom(new byte[] {0x7B}))
                .setSelfMaskShares(u.getSelfMaskShares().substring(SHARE)));
    // A limb that is no number below p, in the last share.
    refused(
        2,
        u -> {
          byte[] shares = u.getSelfMaskShares().toByteArray();
          shares[SHARE * 6] = (byte) 0xFF;
          u.setSelfMaskShares(ByteString.copyFrom(shares));
        });
  }
}
