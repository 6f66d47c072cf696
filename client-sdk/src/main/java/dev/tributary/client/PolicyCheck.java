package dev.tributary.client;

import dev.tributary.plan.Plan;
import dev.tributary.plan.PrivacyTerms;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A plan held against a policy: each rule gives a refusal or nothing, and the first one counts. */
final class PolicyCheck {
  /** The unit and relation of the client's own reckoning: its whole data, or zero in its place. */
  static final Unit UNIT = Unit.USER;

  static final Relation RELATION = Relation.ZERO_OUT;

  private final Policy policy;
  private final Plan plan;
  private final boolean certified;

  PolicyCheck(Policy policy, Plan plan, boolean certified) {
    this.policy = policy;
    this.plan = plan;
    this.certified = certified;
  }

  Optional<Refusal> firstRefusal() {
    return Stream.<Supplier<@Nullable Refusal>>of(
            this::members,
            this::mode,
            this::postQuantum,
            this::size,
            this::effort,
            this::clip,
            this::mechanism,
            this::noise,
            this::epsilon)
        .map(Supplier::get)
        .flatMap(Stream::ofNullable)
        .findFirst();
  }

  private @Nullable Refusal members() {
    SumParameters sum = plan.sum();
    if (sum.clients() < policy.cohort()) {
      return new Refusal(
          "cohort-too-small",
          "The cohort has "
              + sum.clients()
              + " members; this client asks for "
              + policy.cohort()
              + ".");
    }
    if (sum.floor() < policy.minimumSum()) {
      return new Refusal(
          "sum-too-small",
          "The sum may be of only "
              + sum.floor()
              + " members; this client asks for "
              + policy.minimumSum()
              + ".");
    }
    if (sum.minimumHonest() < policy.minimumHonest()) {
      return new Refusal(
          "too-few-honest",
          "The noise counts on "
              + sum.minimumHonest()
              + " honest survivors; this client asks for "
              + policy.minimumHonest()
              + ".");
    }
    if (sum.corruptFraction() < policy.corruptFraction()) {
      return new Refusal(
          "too-few-corrupt",
          "The sum reckons with "
              + sum.corruptFraction()
              + " of its members as corrupt; this client asks for "
              + policy.corruptFraction()
              + ".");
    }
    return null;
  }

  private @Nullable Refusal mode() {
    if (policy.mode() == Mode.CURIOUS) {
      return null;
    }
    if (plan.sum().mode() != Mode.MALICIOUS) {
      return new Refusal(
          "mode-too-weak",
          "The sum holds only against a coordinator that follows the protocol; this client asks for mode malicious.");
    }
    return certified
        ? null
        : new Refusal(
            "mode-not-certified",
            "Without an authority that certifies the members, the coordinator could invent all but one of them;"
                + " this client asks for mode malicious.");
  }

  private @Nullable Refusal postQuantum() {
    return !policy.postQuantum() || plan.sum().postQuantum()
        ? null
        : new Refusal(
            "post-quantum-missing",
            "The sum is masked by the suite "
                + plan.sum().suite()
                + ", without ML-KEM-768; this client asks for "
                + Sa1.POST_QUANTUM
                + ".");
  }

  private @Nullable Refusal size() {
    if (plan.updateLength() > policy.maximumParameters()) {
      return new Refusal(
          "model-too-large",
          "The plan trains "
              + plan.updateLength()
              + " parameters; this client trains at most "
              + policy.maximumParameters()
              + ".");
    }
    return plan.modelBytes() <= policy.maximumModelBytes()
        ? null
        : new Refusal(
            "model-too-large",
            "The model has "
                + plan.modelBytes()
                + " bytes; this client fetches at most "
                + policy.maximumModelBytes()
                + ".");
  }

  private @Nullable Refusal effort() {
    if (plan.deadline().compareTo(policy.maximumDeadline()) > 0) {
      return new Refusal(
          "deadline-too-long",
          "The round may last "
              + plan.deadline().toSeconds()
              + " s; this client stays at most "
              + policy.maximumDeadline().toSeconds()
              + " s.");
    }
    int epochs = plan.training().localEpochs();
    return epochs <= policy.maximumLocalEpochs()
        ? null
        : new Refusal(
            "training-too-long",
            "The plan asks for "
                + epochs
                + " local epochs; this client trains at most "
                + policy.maximumLocalEpochs()
                + ".");
  }

  /** Of the update without the bins of an accuracy, whose norm is reckoned back from both. */
  private @Nullable Refusal clip() {
    double clip = plan.restNorm();
    double rounding = plan.accuracyUnit() == 0 ? 0 : 1e-9 * policy.maximumClipNorm();
    return clip <= policy.maximumClipNorm() + rounding
        ? null
        : new Refusal(
            "clip-too-large",
            "Updates are clipped to norm "
                + clip
                + "; this client asks for at most "
                + policy.maximumClipNorm()
                + ".");
  }

  private @Nullable Refusal mechanism() {
    String id = plan.pipeline().mechanism().id();
    return policy.mechanisms().isEmpty() || policy.mechanisms().contains(id)
        ? null
        : new Refusal(
            "mechanism-not-allowed",
            "The job's noise comes by "
                + id
                + "; this client asks for one of "
                + policy.mechanisms()
                + ".");
  }

  private @Nullable Refusal noise() {
    Mechanism mechanism = plan.pipeline().mechanism();
    if (mechanism instanceof Mechanism.None) {
      return policy.maximumEpsilon() == Double.POSITIVE_INFINITY
          ? null
          : new Refusal(
              "privacy-missing",
              "The job adds no noise, so its epsilon is infinite; this client asks for at most "
                  + policy.maximumEpsilon()
                  + ".");
    }
    if (mechanism instanceof Mechanism.Central && !policy.centralNoise()) {
      return new Refusal(
          "noise-not-by-clients",
          "The noise is added by the coordinator, which sees the sum without it; this client asks for noise made by the clients.");
    }
    return null;
  }

  /**
   * The event that the plan makes, composed as often as it declares, may cost neither more than
   * declared nor more than allowed.
   */
  private @Nullable Refusal epsilon() {
    PrivacyEvent event = plan.pipeline().event();
    if (event instanceof PrivacyEvent.NonPrivate) {
      return null; // noise() has let it through
    }
    PrivacyTerms terms = plan.privacy();
    if (terms.unit() != UNIT) {
      return new Refusal(
          "unit-not-user",
          "The job protects single examples; this client asks for its whole data.");
    }
    if (terms.delta() > policy.delta()) {
      return new Refusal(
          "delta-too-large",
          "The job uses delta "
              + terms.delta()
              + "; this client asks for at most "
              + policy.delta()
              + ".");
    }
    Charge job = Charge.of(event, terms.participations());
    double cost =
        new RdpAccountant()
            .epsilon(List.of(job), terms.delta(), terms.unit(), terms.relation())
            .epsilon();
    if (cost > terms.epsilon() * (1 + 1e-9)) {
      return new Refusal(
          "epsilon-understated",
          String.format(
              Locale.ROOT,
              "The plan says epsilon %.4g, but %d rounds of it cost %.4g.",
              terms.epsilon(),
              terms.participations(),
              cost));
    }
    if (cost > policy.maximumEpsilon()) {
      return new Refusal(
          "epsilon-too-large",
          String.format(
              Locale.ROOT,
              "The job costs epsilon %.4g; this client asks for at most %.4g.",
              cost,
              policy.maximumEpsilon()));
    }
    return null;
  }

  /** Steps of DP-SGD, over all jobs of a coordinator: a number of its own, never added to USER. */
  static Optional<Refusal> exampleSpending(Policy policy, List<Charge> charges) {
    if (policy.maximumExampleEpsilon() == Double.POSITIVE_INFINITY) {
      return Optional.empty();
    }
    double spent =
        charges.stream().mapToLong(Charge::count).sum() >= Integer.MAX_VALUE
            ? Double.POSITIVE_INFINITY
            : new RdpAccountant()
                .epsilon(charges, policy.exampleDelta(), Unit.EXAMPLE, Relation.ZERO_OUT)
                .epsilon();
    return spent <= policy.maximumExampleEpsilon()
        ? Optional.empty()
        : Optional.of(
            new Refusal(
                "example-budget-exhausted",
                "One more round would pass what this client tells this coordinator about a single"
                    + " example of its data in all."));
  }

  static Optional<Refusal> spending(Policy policy, List<Charge> charges) {
    if (policy.maximumEpsilon() == Double.POSITIVE_INFINITY) {
      return Optional.empty();
    }
    double spent = new RdpAccountant().epsilon(charges, policy.delta(), UNIT, RELATION).epsilon();
    if (spent <= policy.maximumEpsilon()) {
      return Optional.empty();
    }
    return Optional.of(
        new Refusal(
            "budget-exhausted",
            "One more round would pass what this client spends on this coordinator in all."));
  }
}
