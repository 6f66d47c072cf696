package dev.tributary.client.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.client.ClientJournal;
import dev.tributary.client.Cohort;
import dev.tributary.client.NnTrainer;
import dev.tributary.client.Participation;
import dev.tributary.client.Policy;
import dev.tributary.client.round.ClientOutcome.Kind;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.data.Dataset;
import dev.tributary.plan.Plan;
import dev.tributary.plan.PlanException;
import dev.tributary.plan.PrivacyTerms;
import dev.tributary.plan.TrainingTask;
import dev.tributary.secagg.Quorum;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.Violation;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Offer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientRoundTest {
  private static final int N = 6;

  private final Cohort cohort = new Cohort(N, 7);

  private Plan plan(String suite, int round) {
    return cohort.plan(suite, round, 4, 3).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {InsecurePlainSum.ID, Sa1.ID, Sa1.POST_QUANTUM})
  void round_everyoneTakesPart_sumsUpdatesOfAll(String suite) {
    Plan plan = cohort.plainPlan(suite, 0).build();
    VirtualRound round = new VirtualRound(cohort, plan);
    for (int member = 0; member < N; member++) {
      round.add(
          member,
          cohort.context(
              member,
              cohort.policy().maximumEpsilon(Double.POSITIVE_INFINITY),
              cohort.update(member),
              cohort::bytes));
    }
    round.run();

    assertThat(round.outcomes().values()).hasSize(N).allMatch(o -> o.kind() == Kind.CONTRIBUTED);
    assertThat(round.sum()).isInstanceOf(SumResult.RingSum.class);
    float[] sum = Decoded.sum(plan, (SumResult.RingSum) round.sum());
    for (int i = 0; i < sum.length; i++) {
      assertThat(sum[i])
          .as("coordinate %d", i)
          .isCloseTo(i < N ? 0.5f : 0, Decoded.within(plan, N));
    }
  }

  @Test
  void round_everyoneTakesPart_journalHoldsItOnce() {
    Plan plan = plan(Sa1.ID, 0);
    VirtualRound round = new VirtualRound(cohort, plan);
    round.addAll();
    round.run();

    String key = HexFormat.of().formatHex(cohort.coordinator.publicKey());
    for (ClientJournal journal : cohort.journals) {
      assertThat(journal.participations(key))
          .containsExactly(new Participation(key, Cohort.TASK, 0, plan.pipeline().event()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {InsecurePlainSum.ID, Sa1.ID})
  void round_oneTrainerFails_goesOnWithoutIt(String suite) {
    Cohort twelve = new Cohort(12, 9);
    VirtualRound round = new VirtualRound(twelve, twelve.plan(suite, 0, 4, 3).build());
    for (int member = 0; member < 12; member++) {
      boolean fails = member == 5;
      round.add(
          member,
          twelve.context(
              member,
              twelve.policy(),
              request -> {
                if (fails) {
                  throw new IllegalStateException("no rows");
                }
                return twelve.update(0).train(request);
              },
              twelve::bytes));
    }
    round.run();

    assertThat(round.outcomes().get(5).code()).isEqualTo("training-failed");
    SumResult.RingSum sum = (SumResult.RingSum) round.sum();
    assertThat(sum.survivors().cardinality()).isEqualTo(11);
    assertThat(sum.survivors().get(5)).isFalse();
  }

  @Test
  void start_accepted_asksForTrainingBesideTheKeys() {
    List<Effect> effects = start(cohort.context(0), cohort.offer(plan(Sa1.ID, 0), 0));

    assertThat(effects).anyMatch(e -> e instanceof Effect.Send s && s.message().hasAdvertiseKeys());
    assertThat(effects).anyMatch(e -> e instanceof Effect.Run r && r.job().equals("train"));
    assertThat(effects).noneMatch(e -> e instanceof Effect.Persist);
  }

  @Test
  void contribution_isRecordedBeforeTheMaskedInput() {
    ClientRound.Context context = cohort.context(0);
    ClientRound round = new ClientRound(context, cohort.offer(plan(InsecurePlainSum.ID, 0), 0));
    List<Effect> effects = round.on(Cohort.NOW, new Event.Start(cohort.seed.derive("x")));
    Effect.Run run =
        (Effect.Run)
            effects.stream().filter(e -> e instanceof Effect.Run).findFirst().orElseThrow();

    List<Effect> sent = round.on(Cohort.NOW, new Event.Ran(run.job(), result(run)));

    assertThat(indexOf(sent, Effect.Persist.class)).isNotNegative();
    assertThat(indexOf(sent, Effect.Persist.class)).isLessThan(indexOf(sent, Effect.Send.class));
  }

  @Test
  void encodedUpdate_isWipedWhenTheRoundEnds() {
    ClientRound round =
        new ClientRound(cohort.context(0), cohort.offer(plan(InsecurePlainSum.ID, 0), 0));
    List<Effect> effects = round.on(Cohort.NOW, new Event.Start(cohort.seed.derive("x")));
    Effect.Run run =
        (Effect.Run)
            effects.stream().filter(e -> e instanceof Effect.Run).findFirst().orElseThrow();
    RingVector encoded = (RingVector) result(run);
    int[] values = new int[encoded.length()];
    encoded.read(0, values, values.length);
    assertThat(values).isNotEqualTo(new int[values.length]);

    round.on(Cohort.NOW, new Event.Ran(run.job(), encoded));
    encoded.read(0, values, values.length);
    assertThat(values).isEqualTo(new int[values.length]);
  }

  @Test
  void secondOffer_ofTheSameRound_isDeclined() {
    VirtualRound first = new VirtualRound(cohort, plan(Sa1.ID, 3));
    first.addAll();
    first.run();

    Plan again = cohort.plan(Sa1.ID, 3, 4, 3).nonce(new byte[32]).build();
    assertDeclined(start(cohort.context(2), cohort.offer(again, 2)), "already-contributed");
    assertDeclined(
        start(cohort.context(2), cohort.offer(plan(Sa1.ID, 2), 2)), "already-contributed");
    assertThat(start(cohort.context(2), cohort.offer(plan(Sa1.ID, 4), 2)))
        .noneMatch(e -> e instanceof Effect.Finish);
  }

  @Test
  void ownLedger_budgetExhausted_declines() {
    Policy tight = cohort.policy().maximumEpsilon(2.1);
    for (int number = 0; number < 2; number++) {
      Plan plan = cohort.plan(InsecurePlainSum.ID, number, 2, 1).build();
      List<Effect> effects =
          start(cohort.context(1, tight, cohort.update(1), cohort::bytes), cohort.offer(plan, 1));
      if (number == 0) {
        VirtualRound round = new VirtualRound(cohort, plan);
        round.addAll();
        round.run();
        assertThat(effects).noneMatch(e -> e instanceof Effect.Finish);
      } else {
        assertDeclined(effects, "budget-exhausted");
      }
    }
  }

  @Test
  void moreRoundsThanThePlanCounts_areDeclined() {
    for (int number = 0; number < 2; number++) {
      Plan plan = cohort.plan(InsecurePlainSum.ID, number, 0.5, 1).build();
      if (number == 0) {
        VirtualRound round = new VirtualRound(cohort, plan);
        round.addAll();
        round.run();
      } else {
        assertDeclined(start(cohort.context(1), cohort.offer(plan, 1)), "participations-exhausted");
      }
    }
  }

  @Test
  void roundBeforeTheSeparationIsOver_isDeclined() {
    VirtualRound first = new VirtualRound(cohort, plan(InsecurePlainSum.ID, 3));
    first.addAll();
    first.run();

    Plan after = plan(InsecurePlainSum.ID, 4);
    assertDeclined(start(cohort.context(1), cohort.offer(separated(after, 2), 1)), "too-soon");
    assertThat(start(cohort.context(1), cohort.offer(separated(after, 1), 1)))
        .noneMatch(e -> e instanceof Effect.Finish);
  }

  private Plan separated(Plan plan, int separation) {
    PrivacyTerms terms = plan.privacy();
    return cohort
        .plan(InsecurePlainSum.ID, plan.round(), 4, 3)
        .privacy(
            new PrivacyTerms(
                terms.unit(),
                terms.relation(),
                terms.epsilon(),
                terms.delta(),
                terms.participations(),
                separation))
        .build();
  }

  @Test
  void minimumSumBelowThePolicy_butTheFloorAbove_isAccepted() {
    Plan plan = plan(Sa1.ID, 0);
    SumParameters p = plan.sum();
    SumParameters low =
        SumParameters.derive(
            p.suite(),
            p.mode(),
            p.clients(),
            p.corruptFraction(),
            p.dropoutFraction(),
            2,
            p.minimumHonest(),
            p.ringBits(),
            p.length());
    Plan offered = cohort.plan(Sa1.ID, 0, 4, 3).sum(low).build();
    Policy policy = cohort.policy().minimumSum(low.floor());

    assertThat(
            start(
                cohort.context(0, policy, cohort.update(0), cohort::bytes),
                cohort.offer(offered, 0)))
        .noneMatch(e -> e instanceof Effect.Finish);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 1e300})
  void gridThatNoNumberHolds_isDeclined(double gridStep) throws Exception {
    dev.tributary.wire.v1.Plan plan = dev.tributary.wire.v1.Plan.parseFrom(plan(Sa1.ID, 0).bytes());
    byte[] bent =
        plan.toBuilder()
            .setPipeline(
                plan.getPipeline().toBuilder()
                    .setClipNorm(gridStep < 1 ? 1e10 : 1e-30)
                    .setGridStep(gridStep))
            .build()
            .toByteArray();
    assertDeclined(start(cohort.context(0), cohort.offer(Plan.parse(bent), 0)), "plan-invalid");
  }

  @Test
  void taskLongerThanAnyJournalHolds_isNoPlan() {
    assertThatThrownBy(() -> cohort.plan(Sa1.ID, 0, 4, 3).task("x".repeat(257)).build())
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("task");
  }

  @Test
  void seedOfTheKeys_isGoneOnceTheyAreDrawn() {
    List<Seed> given = new ArrayList<>();
    ClientRound.Context context = cohort.context(0);
    ClientRound.Context watched =
        new ClientRound.Context(
            context.identity(),
            context.certificate(),
            context.verifier(),
            context.coordinatorKey(),
            context.policy(),
            context.trainer(),
            context.models(),
            context.noise(),
            context.journal(),
            id -> watching(given));
    start(watched, cohort.offer(plan(Sa1.ID, 0), 0));

    assertThat(given).hasSize(1);
    assertThatThrownBy(given.get(0)::bytes).hasMessageContaining("destroyed");
  }

  private static SumSuite watching(List<Seed> given) {
    Sa1 suite = new Sa1();
    return new SumSuite() {
      @Override
      public String id() {
        return suite.id();
      }

      @Override
      public List<Step> steps(SumParameters p) {
        return suite.steps(p);
      }

      @Override
      public List<Violation> check(SumParameters p) {
        return suite.check(p);
      }

      @Override
      public Quorum quorum(SumParameters p) {
        return suite.quorum(p);
      }

      @Override
      public Machine open(SumSession session) {
        Machine machine = suite.open(session);
        return (now, event) -> {
          if (event instanceof Event.Start start) {
            given.add(start.seed());
          }
          return machine.on(now, event);
        };
      }
    };
  }

  @Test
  void offer_ofAnotherKey_isNotAnswered() {
    Plan plan = plan(Sa1.ID, 0);
    Cohort stranger = new Cohort(N, 8);
    List<Effect> effects = start(cohort.context(0), stranger.offer(plan, 0));

    assertThat(effects).hasSize(1);
    assertThat(outcome(effects).code()).isEqualTo("offer-not-signed");
    assertThat(outcome(effects).kind()).isEqualTo(Kind.ABORTED);
  }

  @Test
  void offer_forAnotherSlot_isNotAnswered() {
    Offer moved = cohort.offer(plan(Sa1.ID, 0), 1).toBuilder().setSlot(0).build();
    assertThat(outcome(start(cohort.context(0), moved)).code()).isEqualTo("offer-not-signed");
  }

  @Test
  void suite_thatThisClientDoesNotSpeak_isDeclined() {
    assertDeclined(start(speaking(null), cohort.offer(plan(Sa1.ID, 0), 0)), "suite-unknown");
  }

  /** Names and bounds of a plan's training that core-nn does not have. */
  @ParameterizedTest
  @CsvSource({
    "sgd, momentum, 1, constant",
    "sgd, warmth, 0, constant",
    "lion, momentum, 0, constant",
    "sgd, momentum, 0, spiral"
  })
  void training_thatTheTrainerDoesNotKnow_isDeclinedBeforeAnythingIsFetched(
      String optimizer, String setting, double value, String schedule) {
    TreeMap<String, Double> none = new TreeMap<>();
    TreeMap<String, Double> settings = new TreeMap<>(Map.of("learningRate", 0.1, setting, value));
    TrainingTask task =
        new TrainingTask(
            1, 1, "sgd", none, optimizer, settings, schedule, none, 0, Optional.empty());
    List<Effect> effects =
        start(
            cohort.context(
                0,
                cohort.policy(),
                NnTrainer.over(Dataset.of(new int[] {1}, 2, new float[1], new int[1])),
                (digest, length) -> {
                  throw new AssertionError("nothing may be fetched");
                }),
            cohort.offer(cohort.plan(Sa1.ID, 0, 4, 3).training(task).build(), 0));
    assertDeclined(effects, "training-unknown");
  }

  @Test
  void plan_belowPolicy_isDeclinedBeforeAnythingIsTouched() {
    Policy strict = cohort.policy().cohort(N + 1);
    List<Effect> effects =
        start(
            cohort.context(
                0,
                strict,
                request -> {
                  throw new AssertionError("no data may be touched");
                },
                (digest, length) -> {
                  throw new AssertionError("nothing may be fetched");
                }),
            cohort.offer(plan(Sa1.ID, 0), 0));
    assertDeclined(effects, "cohort-too-small");
  }

  @Test
  void model_tampered_leavesTheRoundAndTellsOnlyThat() throws Exception {
    byte[] tampered = cohort.model.toBytes();
    tampered[tampered.length - 1] ^= 1;
    assertLeaves(
        "model-tampered", cohort.context(0, cohort.policy(), cohort.update(0), (d, l) -> tampered));
  }

  @Test
  void model_ofAnotherLength_leavesTheRound() throws Exception {
    byte[] shorter = new byte[8];
    assertLeaves(
        "model-tampered", cohort.context(0, cohort.policy(), cohort.update(0), (d, l) -> shorter));
  }

  @Test
  void model_validButNotThePlans_leavesTheRound() throws Exception {
    float[] parameters = cohort.model.parameters();
    parameters[0] += 1;
    byte[] other = ModelFile.of(cohort.model.spec(), parameters).toBytes();
    assertLeaves(
        "model-tampered", cohort.context(0, cohort.policy(), cohort.update(0), (d, l) -> other));
  }

  @Test
  void trainer_fails_leavesTheRoundWithoutItsMessage() throws Exception {
    List<Effect> effects =
        assertLeaves(
            "training-failed",
            cohort.context(
                0,
                cohort.policy(),
                request -> {
                  throw new IOException("row 17 says alice");
                },
                cohort::bytes));
    Effect.Send send = (Effect.Send) effects.get(0);
    assertThat(send.message().toString()).doesNotContain("alice");
  }

  @Test
  void trainer_returnsAnotherLength_leavesTheRound() throws Exception {
    assertLeaves(
        "training-failed",
        cohort.context(0, cohort.policy(), request -> new float[3], cohort::bytes));
  }

  @Test
  void deadline_passes_endsTheRound() {
    ClientRound round = new ClientRound(cohort.context(0), cohort.offer(plan(Sa1.ID, 0), 0));
    round.on(Cohort.NOW, new Event.Start(cohort.seed.derive("x")));
    assertThat(round.on(Cohort.NOW.plusSeconds(1), new Event.Woken()))
        .noneMatch(e -> e instanceof Effect.Finish);

    List<Effect> effects = round.on(Cohort.NOW.plus(Cohort.DEADLINE), new Event.Woken());
    assertThat(outcome(effects).code()).isEqualTo("deadline");
    assertThat(round.on(Cohort.NOW.plus(Cohort.DEADLINE), new Event.Woken())).isEmpty();
  }

  @Test
  void deadline_holdsForASuiteThatForgetsIt() {
    SumSuite plain = new InsecurePlainSum();
    SumSuite silent =
        new SumSuite() {
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
            return (now, event) -> List.of();
          }
        };
    ClientRound round =
        new ClientRound(speaking(silent), cohort.offer(plan(InsecurePlainSum.ID, 0), 0));
    round.on(Cohort.NOW, new Event.Start(cohort.seed.derive("x")));
    List<Effect> effects = round.on(Cohort.NOW.plus(Cohort.DEADLINE), new Event.Woken());
    assertThat(outcome(effects).code()).isEqualTo("deadline");
  }

  private ClientRound.Context speaking(@Nullable SumSuite suite) {
    ClientRound.Context context = cohort.context(0);
    return new ClientRound.Context(
        context.identity(),
        context.certificate(),
        context.verifier(),
        context.coordinatorKey(),
        context.policy(),
        context.trainer(),
        context.models(),
        context.noise(),
        context.journal(),
        id -> suite);
  }

  @Test
  void stop_endsTheRoundOnce() {
    ClientRound round = new ClientRound(cohort.context(0), cohort.offer(plan(Sa1.ID, 0), 0));
    round.on(Cohort.NOW, new Event.Start(cohort.seed.derive("x")));
    assertThat(outcome(round.on(Cohort.NOW, new Event.Stop("closing"))).code())
        .isEqualTo("stopped");
    assertThat(round.on(Cohort.NOW, new Event.Stop("closing"))).isEmpty();
  }

  @Test
  void offer_repeated_changesNothing_anotherEndsTheRound() {
    Plan plan = plan(Sa1.ID, 0);
    Offer offer = cohort.offer(plan, 0);
    ClientRound round = new ClientRound(cohort.context(0), offer);
    round.on(Cohort.NOW, new Event.Start(cohort.seed.derive("x")));

    assertThat(round.on(Cohort.NOW, received(offer))).isEmpty();
    Offer other = cohort.offer(plan, 1);
    assertThat(outcome(round.on(Cohort.NOW, received(other))).code())
        .isEqualTo("protocol-violation");
  }

  @Test
  void sameSeed_sameEffects() {
    Plan plan = plan(Sa1.ID, 0);
    List<Effect> once = start(cohort.context(0), cohort.offer(plan, 0));
    List<Effect> again = start(cohort.context(0), cohort.offer(plan, 0));
    assertThat(sends(again)).isEqualTo(sends(once)).isNotEmpty();
  }

  private List<Effect> assertLeaves(String code, ClientRound.Context context) {
    ClientRound round = new ClientRound(context, cohort.offer(plan(InsecurePlainSum.ID, 0), 0));
    List<Effect> effects = round.on(Cohort.NOW, new Event.Start(cohort.seed.derive("x")));
    Effect.Run run =
        (Effect.Run)
            effects.stream().filter(e -> e instanceof Effect.Run).findFirst().orElseThrow();
    List<Effect> left = round.on(Cohort.NOW, new Event.Ran(run.job(), result(run)));

    assertThat(left).noneMatch(e -> e instanceof Effect.Persist);
    Effect.Send send = (Effect.Send) left.get(0);
    assertThat(send.message().getDecline().getCode()).isEqualTo(code);
    assertThat(outcome(left))
        .extracting(ClientOutcome::kind, ClientOutcome::code)
        .containsExactly(Kind.ABORTED, code);
    String key = HexFormat.of().formatHex(cohort.coordinator.publicKey());
    assertThat(context.journal().participations(key)).isEmpty();
    return left;
  }

  private static void assertDeclined(List<Effect> effects, String code) {
    assertThat(effects).hasSize(2);
    assertThat(((Effect.Send) effects.get(0)).message().getDecline().getCode()).isEqualTo(code);
    assertThat(outcome(effects))
        .extracting(ClientOutcome::kind, ClientOutcome::code)
        .containsExactly(Kind.DECLINED, code);
  }

  private List<Effect> start(ClientRound.Context context, Offer offer) {
    return new ClientRound(context, offer).on(Cohort.NOW, new Event.Start(cohort.seed.derive("x")));
  }

  private static Event received(Offer offer) {
    return new Event.Received(Machine.COORDINATOR, Envelope.newBuilder().setOffer(offer).build());
  }

  private static Object result(Effect.Run run) {
    try {
      return run.work().run();
    } catch (Exception e) {
      return new Failed(e);
    }
  }

  private static ClientOutcome outcome(List<Effect> effects) {
    return effects.stream()
        .filter(e -> e instanceof Effect.Finish)
        .map(e -> (ClientOutcome) ((Effect.Finish) e).result())
        .findFirst()
        .orElseThrow();
  }

  private static int indexOf(List<Effect> effects, Class<? extends Effect> kind) {
    for (int i = 0; i < effects.size(); i++) {
      if (kind.isInstance(effects.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static List<Envelope> sends(List<Effect> effects) {
    return effects.stream()
        .filter(e -> e instanceof Effect.Send)
        .map(e -> ((Effect.Send) e).message())
        .toList();
  }
}
