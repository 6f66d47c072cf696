package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.Wiped;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Sample;
import dev.tributary.wire.v1.Unmask;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * R4 at the coordinator while its jobs are under way: who is late, who is not, and when too few can
 * come. Seven have signed; five shares open a secret.
 */
class UnmaskPhaseTest {

  private static final int SHARE = 40;
  private static final Instant LATE = SumWorld.START.plus(SumWorld.DEADLINE);
  private static final SumParameters SEVEN =
      SumParameters.derive("sa1", Mode.MALICIOUS, 7, 0, 0.28, 2, 0, 8, 5);
  private static final Recording RECORDING = new Recording(SEVEN, 8);

  private final Machine server = RECORDING.world.freshServer();
  private final List<Effect> effects = new ArrayList<>();
  private final List<Effect.Run> jobs = new ArrayList<>();

  /** Jobs wait for {@link #runJobs}. */
  private List<Effect> on(Instant now, Event event) {
    List<Effect> other = new ArrayList<>();
    for (Effect effect : server.on(now, event)) {
      if (effect instanceof Effect.Run run) {
        jobs.add(run);
      } else {
        other.add(effect);
      }
    }
    effects.addAll(other);
    return other;
  }

  private void runJobs(Instant now) {
    List<Effect.Run> waiting = List.copyOf(jobs);
    jobs.clear();
    for (Effect.Run job : waiting) {
      try {
        on(now, new Event.Ran(job.job(), job.work().run()));
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  private void begin() {
    begin(7);
  }

  private void begin(int signers) {
    on(SumWorld.START, RECORDING.world.start(Machine.COORDINATOR));
    for (KindCase kind :
        List.of(
            KindCase.ADVERTISE_KEYS,
            KindCase.SHARE_KEYS,
            KindCase.MASKED_INPUT,
            KindCase.SIGNED_SURVIVORS)) {
      for (int slot = 0; slot < (kind == KindCase.SIGNED_SURVIVORS ? signers : 7); slot++) {
        on(SumWorld.START, RECORDING.toServer(slot, kind));
      }
      while (!jobs.isEmpty()) {
        runJobs(SumWorld.START);
      }
    }
    assertThat(server).hasToString("SumServer[UnmaskPhase]");
    effects.clear();
  }

  private void answers(int from, int to) {
    for (int slot = from; slot < to; slot++) {
      on(SumWorld.START, RECORDING.toServer(slot, KindCase.UNMASK));
    }
  }

  private void wrongAnswer(int slot, int dealer) {
    Unmask.Builder unmask = RECORDING.up(slot, KindCase.UNMASK).getUnmask().toBuilder();
    byte[] shares = unmask.getSelfMaskShares().toByteArray();
    shares[SHARE * dealer + 7] ^= 1;
    answer(slot, unmask.setSelfMaskShares(ByteString.copyFrom(shares)));
  }

  /** All that it holds but the shares of one dealer. */
  private void answerWithout(int slot, int dealer) {
    Unmask.Builder unmask = RECORDING.up(slot, KindCase.UNMASK).getUnmask().toBuilder();
    BitSet dealers = Bitmap.decode(unmask.getSelfMaskDealers(), 7);
    dealers.clear(dealer);
    ByteString all = unmask.getSelfMaskShares();
    ByteString left = all.substring(0, SHARE * dealer).concat(all.substring(SHARE * (dealer + 1)));
    answer(
        slot,
        unmask
            .setSelfMaskDealers(ByteString.copyFrom(Bitmap.encode(dealers, 7)))
            .setSelfMaskShares(left));
  }

  private void answer(int slot, Unmask.Builder unmask) {
    Envelope message = RECORDING.up(slot, KindCase.UNMASK).toBuilder().setUnmask(unmask).build();
    on(SumWorld.START, new Event.Received(slot, message));
  }

  private void leaves(int slot) {
    Envelope decline =
        RECORDING.up(slot, KindCase.UNMASK).toBuilder()
            .setDecline(Decline.newBuilder().setCode("NO"))
            .build();
    on(SumWorld.START, new Event.Received(slot, decline));
  }

  private SumResult result() {
    List<Effect> ends = effects.stream().filter(Effect.Finish.class::isInstance).toList();
    assertThat(ends).hasSize(1);
    return (SumResult) ((Effect.Finish) ends.get(0)).result();
  }

  private void aborted(String code, String reason) {
    SumResult.Aborted end = (SumResult.Aborted) result();
    assertThat(end.reason()).isEqualTo(reason);
    assertThat(end.code()).isEqualTo(code);
    assertThat(end.unmaskingAnswered()).isTrue();
  }

  private SumResult.RingSum exact() {
    SumResult.RingSum sum = (SumResult.RingSum) result();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(RECORDING.world.plainSum(sum.survivors()));
    return sum;
  }

  private Recovery recovery() {
    return (Recovery) Wiped.value(Wiped.value(server, "phase"), "recovery");
  }

  /** Holder 1 was wrong for dealer 0, so it is asked last for dealer 2, of whom five came. */
  @Test
  void holdersInAnotherOrder_giveTheSameSecret() {
    begin();
    wrongAnswer(1, 0);
    answers(0, 1);
    answers(2, 7);
    Recovery recovery = new Recovery(survivors(), SEVEN);
    Map<Integer, List<Answers.Share>> shares =
        ((Answers) Wiped.value(Wiped.value(server, "phase"), "answers")).copy();
    List<Answers.Share> sorted = new ArrayList<>(shares.get(0));
    sorted.sort(Comparator.comparingInt(share -> share.holder));
    shares.put(0, sorted);
    List<Answers.Share> five = new ArrayList<>(shares.get(2));
    five.removeIf(share -> share.holder > 4);
    five.sort(Comparator.comparingInt(share -> share.holder));
    shares.put(2, five);
    recovery.run(shares);
    assertThat(recovery.wrongShares()).containsExactly(new SumResult.WrongShare(0, 1));
    assertThat(recovery.pending().isEmpty()).isTrue();
  }

  private Survivors survivors() {
    return (Survivors) Wiped.value(Wiped.value(server, "phase"), "survivors");
  }

  @Test
  void answers_beyondTheThreshold_whileSecretsAreSought_startNoSecondJob() {
    begin();
    answers(0, 4);
    assertThat(jobs).isEmpty();
    answers(4, 5);
    assertThat(jobs).extracting(Effect.Run::job).containsExactly("recover");
    answers(5, 7);
    assertThat(jobs).hasSize(1);
    Object keys = Wiped.value(recovery(), "keys");
    runJobs(SumWorld.START);
    assertThat(server).hasToString("SumServer[MaskRemovalPhase]");
    Wiped.assertZero(keys, "prk", "seed");
    runJobs(SumWorld.START);
    assertThat(exact().wrongShares()).isEmpty();
  }

  /** What a check of an input says after the freeze is not what these phases wait for. */
  @Test
  void checkOfAnInput_thatEndsNow_changesNothing() {
    Event check = new Event.Ran("input/3", Optional.empty());
    begin();
    answers(0, 5);
    assertThat(on(SumWorld.START, check)).isEmpty();
    assertThat(server).hasToString("SumServer[UnmaskPhase]");
    runJobs(SumWorld.START);
    assertThat(on(SumWorld.START, check)).isEmpty();
    assertThat(server).hasToString("SumServer[MaskRemovalPhase]");
    runJobs(SumWorld.START);
    exact();
  }

  /** Nobody is late while it may be that no more is needed. */
  @Test
  void timeIsUp_whileSecretsAreSought_dropsNobody() {
    begin();
    answers(0, 5);
    assertThat(on(LATE, new Event.Woken())).isEmpty();
    runJobs(LATE);
    runJobs(LATE);
    assertThat(exact().dropped()).isEmpty();
  }

  /** It turns out that more was needed: the silent are late after all. */
  @Test
  void timeIsUp_whileSecretsAreSought_inVain_endsTheRound() {
    begin();
    wrongAnswer(0, 3);
    answers(1, 6);
    on(LATE, new Event.Woken());
    runJobs(LATE);
    aborted(
        "WRONG_SHARES",
        "shares dealt by slot 3 give another secret than it advertised,"
            + " and too few came to correct them");
    assertThat(((SumResult.Aborted) result()).dropped()).isEqualTo(Map.of(6, DropReason.NO_ANSWER));
  }

  /** Before the time is up the seventh may come, and corrects the wrong one. */
  @Test
  void secretsSoughtInVain_waitForWhoeverIsLeft() {
    begin();
    wrongAnswer(0, 3);
    answers(1, 5);
    runJobs(SumWorld.START);
    assertThat(effects).noneMatch(Effect.Finish.class::isInstance);
    answers(5, 6);
    assertThat(jobs).as("six of five correct none").isEmpty();
    answers(6, 7);
    runJobs(SumWorld.START);
    runJobs(SumWorld.START);
    assertThat(exact().wrongShares()).containsExactly(new SumResult.WrongShare(3, 0));
  }

  /** Once two more cannot come there is nothing to wait for. */
  @Test
  void secretsSoughtInVain_andOneLeaves_endsTheRoundAtOnce() {
    begin();
    wrongAnswer(0, 3);
    answers(1, 5);
    runJobs(SumWorld.START);
    assertThat(effects).noneMatch(Effect.Finish.class::isInstance);
    leaves(6);
    aborted(
        "WRONG_SHARES",
        "shares dealt by slot 3 give another secret than it advertised,"
            + " and too few came to correct them");
  }

  @Test
  void thirdThatLeaves_endsTheRoundAtOnce() {
    begin();
    answers(0, 2);
    leaves(4);
    leaves(5);
    assertThat(effects).noneMatch(Effect.Finish.class::isInstance);
    leaves(6);
    aborted("NOT_ENOUGH_CLIENTS", "fewer than 5 shares of the secret of slot 0 can come");
  }

  /** Those who could not read a dealer's shares count as gone, for that dealer alone. */
  @Test
  void thirdAnswerWithoutOneDealer_endsTheRoundAtOnce() {
    begin();
    answers(0, 1);
    answerWithout(1, 4);
    answerWithout(2, 4);
    assertThat(effects).noneMatch(Effect.Finish.class::isInstance);
    answerWithout(3, 4);
    aborted("NOT_ENOUGH_CLIENTS", "fewer than 5 shares of the secret of slot 4 can come");
  }

  @Test
  void twoAnswersWithoutOneDealer_waitForTheOthers() {
    begin();
    answerWithout(1, 4);
    answerWithout(2, 4);
    answers(3, 7);
    assertThat(jobs).as("four shares of slot 4").isEmpty();
    answers(0, 1);
    runJobs(SumWorld.START);
    runJobs(SumWorld.START);
    assertThat(exact().wrongShares()).isEmpty();
  }

  @Test
  void answersAndSignatures_whileMasksComeOff_areLateAndHarmless() {
    begin();
    answers(0, 5);
    runJobs(SumWorld.START);
    assertThat(server).hasToString("SumServer[MaskRemovalPhase]");
    effects.clear();
    answers(5, 7);
    assertThat(effects).isEmpty();
    assertThat(on(LATE, new Event.Woken())).as("no step").isEmpty();
    runJobs(SumWorld.START);
    assertThat(exact().dropped()).isEmpty();
    assertThat(effects.stream().filter(Effect.Send.class::isInstance)).as("results").hasSize(7);
  }

  @Test
  void messagesWhileMasksComeOff_lateOnesAreHarmless_othersEquivocate() {
    begin(6);
    answers(0, 5);
    runJobs(SumWorld.START);
    assertThat(server).hasToString("SumServer[MaskRemovalPhase]");
    assertThat(on(SumWorld.START, RECORDING.toServer(6, KindCase.SIGNED_SURVIVORS))).isEmpty();
    Envelope empty = RECORDING.up(5, KindCase.UNMASK).toBuilder().clearKind().build();
    assertThat(on(SumWorld.START, new Event.Received(5, empty))).as("an empty message").isEmpty();
    Envelope sample =
        RECORDING.up(6, KindCase.UNMASK).toBuilder().setSample(Sample.newBuilder()).build();
    on(SumWorld.START, new Event.Received(6, sample));
    runJobs(SumWorld.START);
    assertThat(exact().dropped()).isEqualTo(Map.of(6, DropReason.EQUIVOCATION));
  }

  @Test
  void jobThatFails_endsTheRound_whileSecretsAreSought_orMasksComeOff() {
    for (String phase : List.of("UnmaskPhase", "MaskRemovalPhase")) {
      UnmaskPhaseTest fresh = new UnmaskPhaseTest();
      fresh.begin();
      fresh.answers(0, 5);
      if (phase.equals("MaskRemovalPhase")) {
        fresh.runJobs(SumWorld.START);
      }
      assertThat(fresh.server).hasToString("SumServer[" + phase + "]");
      String job = fresh.jobs.get(0).job();
      fresh.on(SumWorld.START, new Event.Ran(job, new Failed(new IllegalStateException("disk"))));
      fresh.aborted("INTERNAL", "job " + job + " failed: java.lang.IllegalStateException: disk");
      assertThat(fresh.server).hasToString("SumServer[EndedPhase]");
    }
  }

  /** The job gives up between two secrets, and clears what it has found itself. */
  @Test
  void stop_whileSecretsAreFound_leavesNoKey() {
    begin();
    answers(0, 5);
    Object phase = Wiped.value(server, "phase");
    Recovery recovery = (Recovery) Wiped.value(phase, "recovery");
    Map<Integer, List<Answers.Share>> shares = ((Answers) Wiped.value(phase, "answers")).copy();
    assertThat(shares.get(0).get(1)).hasToString("Share[holder=1, redacted]");
    List<Boolean> kept = new ArrayList<>();
    recovery.run(
        new HashMap<>(shares) {
          @Override
          public List<Answers.Share> getOrDefault(Object dealer, List<Answers.Share> none) {
            if (dealer.equals(3)) {
              recovery.end();
              Wiped.assertNotZero(recovery.masks().get(0), "key");
              kept.add(true);
            }
            return super.getOrDefault(dealer, none);
          }
        });
    assertThat(kept).as("the job that makes keys is the one that clears them").hasSize(1);
    assertThat(recovery.pending().stream()).as("4, 5 and 6").containsExactly(4, 5, 6);
    assertThat(recovery.masks()).hasSize(4);
    recovery.masks().forEach(mask -> Wiped.assertZero(mask, "key"));
    Wiped.assertZero(Wiped.value(recovery, "keys"), "prk", "seed");
  }
}
