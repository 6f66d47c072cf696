package dev.tributary.client.round;

import com.google.protobuf.ByteString;
import dev.tributary.client.Participation;
import dev.tributary.client.Refusal;
import dev.tributary.plan.Plan;
import dev.tributary.plan.PlanException;
import dev.tributary.plan.PrivacyTerms;
import dev.tributary.privacy.Mechanism;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.Violation;
import dev.tributary.wire.v1.Offer;
import java.util.HexFormat;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An offer before anything is done about it: whose it is, the plan's own rules, the suite's, this
 * client's policy, its trainer, and its journal, in this order.
 */
final class OfferCheck {
  private final ClientRound.Context context;
  private final Offer offer;
  private @Nullable Plan plan;
  private @Nullable SumSuite suite;

  OfferCheck(ClientRound.Context context, Offer offer) {
    this.context = context;
    this.offer = offer;
  }

  /** Whether the coordinator that this client checked in with signed this plan for this slot. */
  boolean signed() {
    ByteString key = context.coordinatorKey();
    return key.equals(offer.getCoordinatorKey())
        && Handshake.verifyOffer(
            key.toByteArray(),
            offer.getSignature().toByteArray(),
            offer.getSlot(),
            offer.getPlan().toByteArray());
  }

  /**
   * Why the client will not take part, or nothing: then {@link #plan} and {@link #suite} are there.
   */
  Optional<Refusal> refusal() {
    try {
      Plan parsed = Plan.parse(offer.getPlan().toByteArray());
      plan = parsed;
      parsed.check();
      return unsuitable(parsed)
          .or(() -> context.policy().check(parsed, context.certified()))
          .or(() -> context.trainer().check(parsed))
          .or(() -> context.journal().mayContribute(participation(parsed), context.policy()))
          .or(() -> beyondSchedule(parsed));
    } catch (PlanException e) {
      return Optional.of(new Refusal("plan-invalid", String.valueOf(e.getMessage())));
    }
  }

  /** Whether the round is one more than the plan's epsilon counts, or too soon after the last. */
  private Optional<Refusal> beyondSchedule(Plan parsed) {
    if (parsed.pipeline().mechanism() instanceof Mechanism.None
        && parsed.training().examplePrivacy().isEmpty()) {
      return Optional.empty();
    }
    Participation next = participation(parsed);
    IntSummaryStatistics past =
        context.journal().participations(next.coordinator()).stream()
            .filter(each -> each.task().equals(next.task()))
            .mapToInt(Participation::round)
            .summaryStatistics();
    PrivacyTerms terms = parsed.privacy();
    if (past.getCount() >= terms.participations()) {
      return Optional.of(
          new Refusal(
              "participations-exhausted",
              "The job's epsilon is for "
                  + terms.participations()
                  + " rounds of a client, and this one was in as many."));
    }
    return past.getCount() > 0 && next.round() - (long) past.getMax() < terms.separation()
        ? Optional.of(
            new Refusal(
                "too-soon",
                "The job keeps rounds of a client "
                    + terms.separation()
                    + " apart; this one was in round "
                    + past.getMax()
                    + "."))
        : Optional.empty();
  }

  private Optional<Refusal> unsuitable(Plan parsed) {
    SumParameters sum = parsed.sum();
    SumSuite found = context.suites().apply(sum.suite());
    if (found == null) {
      return Optional.of(
          new Refusal(
              "suite-unknown", "This client does not speak the suite " + sum.suite() + "."));
    }
    suite = found;
    if (offer.getSlot() < 0 || offer.getSlot() >= sum.clients()) {
      return Optional.of(
          new Refusal(
              "plan-invalid",
              "Slot " + offer.getSlot() + " in a cohort of " + sum.clients() + "."));
    }
    List<Violation> violations = found.check(sum);
    return violations.isEmpty()
        ? Optional.empty()
        : Optional.of(new Refusal("plan-invalid", violations.get(0).toString()));
  }

  /** What the journal would record. */
  Participation participation(Plan of) {
    return new Participation(
        HexFormat.of().formatHex(context.coordinatorKey().toByteArray()),
        of.task(),
        of.round(),
        of.pipeline().event(),
        context.trainer().exampleCharge(of).orElse(null));
  }

  /** The plan, if it could be read. */
  @Nullable Plan plan() {
    return plan;
  }

  /** The suite of the plan, once {@link #refusal} has found nothing. */
  @Nullable SumSuite suite() {
    return suite;
  }
}
