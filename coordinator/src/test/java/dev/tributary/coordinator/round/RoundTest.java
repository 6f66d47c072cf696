package dev.tributary.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.Topology;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Offer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Seed SEED = Seed.of(new byte[32]);

  private final Job job = Jobs.withNoise();
  private final Identity coordinator = Identity.fromSeed(SEED.derive("coordinator"));
  private final Planner planner = new Planner(job, InsecurePlainSum.ID);
  private final Plan plan = planner.plan(1, "ab".repeat(32), 100, SEED);

  private Round round(int... absent) {
    BitSet gone = new BitSet();
    for (int slot : absent) {
      gone.set(slot);
    }
    List<byte[]> keys = new ArrayList<>();
    for (int slot = 0; slot < 10; slot++) {
      keys.add(Identity.fromSeed(SEED.derive("member", slot)).publicKey());
    }
    return new Round(
        plan, new InsecurePlainSum(), coordinator, new Round.Cohort(keys, gone, null, null), null);
  }

  @Test
  void plan_ofTheSameRound_isTheSameAndOfAnotherIsNot() {
    assertThat(planner.plan(1, "ab".repeat(32), 100, SEED)).isEqualTo(plan);
    assertThat(planner.plan(2, "ab".repeat(32), 100, SEED)).isNotEqualTo(plan);
    assertThat(plan.pipeline().event()).isEqualTo(planner.event());
    assertThat(planner.event()).isInstanceOf(PrivacyEvent.DistributedDiscreteGaussian.class);
    assertThat(plan.sum().minimumHonest()).isEqualTo(7);
    assertThat(plan.sum().floor()).isEqualTo(8);
  }

  /** Cohorts beyond the complete graph are planned with what a session of them runs on. */
  @Test
  void plan_ofALargeCohort_namesItsSparseGraph() {
    String cohort =
        "cohort={size: %d, minimum: %d, population: 12000, schedule: {participations: 2,"
            + " separation: 1}}";
    String sums = "secureAggregation={mode: %s, corruptFraction: 0.05, dropoutFraction: 0.1}";
    SumParameters lattice =
        new Planner(
                Jobs.plain("rounds=2", cohort.formatted(300, 270), sums.formatted("curious")),
                Sa1.ID)
            .sum();
    assertThat(lattice.graph()).isEqualTo(Topology.Graph.HARARY);
    assertThat(lattice.quorum()).isZero();
    Planner chosen =
        new Planner(
            Jobs.plain("rounds=2", cohort.formatted(6000, 5400), sums.formatted("malicious")),
            Sa1.ID);
    assertThat(chosen.sum().graph()).isEqualTo(Topology.Graph.OUT_NEIGHBOURS);
    assertThat(chosen.sum().sample()).isPositive().isLessThan(chosen.sum().quorum());
    assertThat(chosen.plan(1, "ab".repeat(32), 100, SEED).sum()).isEqualTo(chosen.sum());
  }

  @Test
  void start_offersSignedPlansToThoseWhoAreThere() {
    List<Effect> effects = round(3, 7).on(NOW, new Event.Start(SEED));

    List<Integer> asked = new ArrayList<>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.Send send && send.message().hasOffer()) {
        Offer offer = send.message().getOffer();
        asked.add(send.to());
        assertThat(offer.getSlot()).isEqualTo(send.to());
        assertThat(
                Handshake.verifyOffer(
                    coordinator.publicKey(),
                    offer.getSignature().toByteArray(),
                    send.to(),
                    plan.bytes()))
            .isTrue();
        assertThat(
                Handshake.verifyOffer(
                    coordinator.publicKey(),
                    offer.getSignature().toByteArray(),
                    send.to() + 1,
                    plan.bytes()))
            .isFalse();
      }
    }
    assertThat(asked).containsExactly(0, 1, 2, 4, 5, 6, 8, 9);
  }

  @Test
  void declines_belowTheFloor_endTheRoundAtOnceWithAnOutcomeForEach() {
    Round round = round(9);
    round.on(NOW, new Event.Start(SEED));
    List<Effect> effects = new ArrayList<>();
    for (int slot = 0; slot < 3; slot++) {
      effects.addAll(round.on(NOW.plusMillis(slot), decline(round, slot, "policy-epsilon")));
      effects.addAll(round.on(NOW.plusMillis(slot), decline(round, slot, "policy-epsilon")));
    }

    RoundResult result = result(effects);
    assertThat(result.sum()).isInstanceOf(SumResult.Aborted.class);
    assertThat(result.outcomes()).hasSize(10);
    assertThat(result.dropped())
        .containsEntry("ABSENT", 1)
        .containsEntry("DECLINED", 2)
        .containsEntry("ROUND_LOST", 7);
    assertThat(result.declined()).containsEntry("policy-epsilon", 2);
    assertThat(round.on(NOW, new Event.Woken())).isEmpty();
  }

  @Test
  void decline_withAStrangeCode_isCountedAsOther() {
    Round round = round();
    round.on(NOW, new Event.Start(SEED));
    List<Effect> effects = new ArrayList<>();
    for (int slot = 0; slot < 3; slot++) {
      effects.addAll(round.on(NOW, decline(round, slot, "Robert'); DROP TABLE")));
    }

    assertThat(result(effects).declined()).containsOnlyKeys("other");
  }

  @Test
  void report_outcomesThatDoNotAddUp_areRefused() {
    java.util.TreeMap<String, Integer> dropped = new java.util.TreeMap<>();
    dropped.put("NO_INPUT", 4);
    dev.tributary.privacy.Guarantee nothing =
        new dev.tributary.privacy.Guarantee(
            0, 1e-5, job.privacy().unit(), job.privacy().relation(), "test", 2);

    assertThatThrownBy(
            () ->
                new RoundReport(
                    1,
                    2,
                    RoundReport.Outcome.COMMITTED,
                    "",
                    "",
                    10,
                    5,
                    dropped,
                    new java.util.TreeMap<>(),
                    nothing,
                    nothing,
                    null,
                    null,
                    null,
                    List.of(),
                    List.of(),
                    NOW,
                    NOW,
                    "digest"))
        .hasMessageContaining("do not add up");
  }

  @Test
  void report_wrongShares_areRecordedAndCounted() {
    dev.tributary.privacy.Guarantee nothing =
        new dev.tributary.privacy.Guarantee(
            0, 1e-5, job.privacy().unit(), job.privacy().relation(), "test", 2);
    RoundReport report =
        new RoundReport(
            1,
            2,
            RoundReport.Outcome.COMMITTED,
            "",
            "",
            10,
            10,
            new java.util.TreeMap<>(),
            new java.util.TreeMap<>(),
            nothing,
            nothing,
            0.25,
            null,
            null,
            List.of(new SumResult.WrongShare(3, 7), new SumResult.WrongShare(4, 7)),
            List.of(),
            NOW,
            NOW,
            "digest");

    assertThat(ReportJson.of(report))
        .contains("\"clipNorm\":0.25")
        .contains("\"wrongShares\":[{\"dealer\":3,\"holder\":7},{\"dealer\":4,\"holder\":7}]");
    CoordinatorMetrics metrics = new CoordinatorMetrics();
    metrics.of("a").onRound(report);
    metrics.of("a").onReplaced(3, 9, 4);
    assertThat(metrics.scrape())
        .contains("tributary_shares_wrong_total{job=\"a\"} 2.0")
        .contains("tributary_spares_asked_total{job=\"a\"} 4.0");
  }

  private static RoundResult result(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Finish.class::isInstance)
        .map(finish -> (RoundResult) ((Effect.Finish) finish).result())
        .findFirst()
        .orElseThrow();
  }

  private static Event decline(Round round, int slot, String code) {
    return new Event.Received(
        slot,
        Envelope.newBuilder()
            .setSession(round.session())
            .setDecline(Decline.newBuilder().setCode(code).setReason("no"))
            .build());
  }
}
