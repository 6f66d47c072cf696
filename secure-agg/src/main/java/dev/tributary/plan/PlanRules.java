package dev.tributary.plan;

import dev.tributary.privacy.AdaptiveClip;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.Segment;
import dev.tributary.privacy.correlated.Schedule;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumParametersException;
import dev.tributary.secagg.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The rules between the views of a plan. */
final class PlanRules {
  private static final int MAXIMUM_LOCAL_TENSORS = 10_000;

  private PlanRules() {}

  static void check(Plan plan) {
    PipelineSpec pipeline = plan.pipeline();
    SumParameters sum = plan.sum();
    try {
      sum.check();
      List<Violation> overflow = sum.overflow((long) Math.floor(pipeline.integerNormBound()));
      if (!overflow.isEmpty()) {
        throw new SumParametersException(overflow);
      }
      pipeline.check();
      pipeline.mechanism().check(plan.privacy().relation());
      pipeline.event();
    } catch (SumParametersException | IllegalArgumentException e) {
      throw new PlanException(String.valueOf(e.getMessage()), e);
    }
    same("sum.ringBits", "pipeline.ringBits", sum.ringBits(), pipeline.ringBits());
    same("sum.length", "the pipeline's encoded length", sum.length(), pipeline.encodedLength());
    if (pipeline.maximumCohort() < sum.clients()) {
      throw new PlanException(
          "pipeline.maximumCohort must be >= sum.clients = "
              + sum.clients()
              + ". Provided: "
              + pipeline.maximumCohort());
    }
    int honest =
        pipeline.mechanism() instanceof Mechanism.Distributed distributed
            ? distributed.minimumHonest()
            : 0;
    same("sum.minimumHonest", "the mechanism's minimumHonest", sum.minimumHonest(), honest);
    if (honest > 0 && sum.colluders() < 1) {
      // A member knows its own share: against it, one share fewer hides the others.
      throw new PlanException(
          "sum.corruptFraction must leave out at least one of "
              + sum.clients()
              + " clients for noise that clients make. Provided: "
              + sum.corruptFraction());
    }
    if (pipeline.mechanism() instanceof Mechanism.CentralCorrelated correlated) {
      PrivacyTerms terms = plan.privacy();
      Schedule schedule = correlated.schedule();
      same(
          "privacy.participations",
          "the noise's",
          terms.participations(),
          schedule.participations());
      same("privacy.separation", "the noise's", terms.separation(), schedule.separation());
      if (plan.round() > schedule.rounds()) {
        throw new PlanException(
            "round must be <= the noise's rounds = "
                + schedule.rounds()
                + ". Provided: "
                + plan.round());
      }
    }
    accuracy(plan.accuracyUnit(), pipeline);
    clipBit(plan.clipBit(), plan.restNorm(), pipeline);
    segments(plan, pipeline);
    localTensors(plan);
    if (!(pipeline.mechanism() instanceof Mechanism.None)) {
      promise(plan.privacy());
    }
    if (plan.training().examplePrivacy().isPresent()) {
      PlanChecks.atLeast("privacy.participations", 1, plan.privacy().participations());
    }
  }

  /** The bit is a part of the vector that is clipped and noised, and has a place in it. */
  private static void clipBit(double bit, double norm, PipelineSpec pipeline) {
    List<Segment> segments =
        pipeline.segments().stream()
            .filter(segment -> !segment.name().equals(Segments.ACCURACY))
            .toList();
    if (bit == 0) {
      return;
    }
    if (!(bit > 0 && bit < norm)) {
      throw new PlanException(
          "clipBit must be >= 0 and < the clip norm of update and bit = "
              + norm
              + ". Provided: "
              + bit);
    }
    if (segments.size() < 2
        || !segments.get(segments.size() - 1).equals(new Segment(AdaptiveClip.SEGMENT, 1))) {
      throw new PlanException(
          "clipBit needs a last segment " + AdaptiveClip.SEGMENT + " of length 1");
    }
    if (!noiseIsOfOneSum(pipeline.mechanism())) {
      throw new PlanException(
          "clipBit goes with shares of noise and with central-gaussian. Provided: "
              + pipeline.mechanism().id());
    }
  }

  private static boolean noiseIsOfOneSum(Mechanism mechanism) {
    return mechanism instanceof Mechanism.Distributed
        || mechanism instanceof Mechanism.CentralGaussian;
  }

  /** The bins stand last, and what a client puts there leaves room for its update. */
  private static void accuracy(double unit, PipelineSpec pipeline) {
    List<Segment> segments = pipeline.segments();
    Segment last = segments.get(segments.size() - 1);
    boolean asked = segments.stream().anyMatch(each -> each.name().equals(Segments.ACCURACY));
    if (!asked && unit == 0) {
      return;
    }
    if (segments.size() < 2 || !last.name().equals(Segments.ACCURACY) || last.length() < 2) {
      throw new PlanException(
          "accuracyUnit needs a last segment " + Segments.ACCURACY + " of 2 bins or more");
    }
    if (!(unit > 0 && unit < pipeline.clipNorm())) {
      throw new PlanException(
          "accuracyUnit must be > 0 and < pipeline.clipNorm = "
              + pipeline.clipNorm()
              + ". Provided: "
              + unit);
    }
    if (!noiseIsOfOneSum(pipeline.mechanism())
        && !(pipeline.mechanism() instanceof Mechanism.None)) {
      throw new PlanException(
          "accuracyUnit goes with shares of noise, with central-gaussian and without noise."
              + " Provided: "
              + pipeline.mechanism().id());
    }
  }

  /** What a strategy asks for stands in one order, and says what it is measured by. */
  private static void segments(Plan plan, PipelineSpec pipeline) {
    List<String> known = List.of(Segments.CONTROL, Segments.WEIGHT, Segments.STEPS);
    List<String> asked =
        pipeline.segments().stream().map(Segment::name).filter(known::contains).toList();
    List<Segment> expected = new ArrayList<>();
    expected.add(new Segment(pipeline.segments().get(0).name(), plan.updateLength()));
    for (String name : known) {
      if (asked.contains(name)) {
        expected.add(new Segment(name, name.equals(Segments.CONTROL) ? plan.updateLength() : 1));
      }
    }
    List<Segment> all = pipeline.segments();
    List<Segment> first = all.subList(0, Math.min(all.size(), asked.size() + 1));
    if (!asked.isEmpty() && !first.equals(expected)) {
      throw new PlanException("segments must begin with " + expected + ". Provided: " + first);
    }
    boolean weighs = plan.asksFor(Segments.WEIGHT);
    if (weighs != plan.maximumExamples() > 0 || plan.maximumExamples() < 0) {
      throw new PlanException(
          "maximumExamples goes with a segment weight. Provided: " + plan.maximumExamples());
    }
    if (weighs && !(pipeline.mechanism() instanceof Mechanism.None)) {
      throw new PlanException("weights tell how many examples a client has: no noise covers them");
    }
    if (plan.asksFor(Segments.STEPS) && !weighs) {
      throw new PlanException("a segment steps needs a segment weight before it");
    }
    String digest = plan.controlDigest();
    if (!digest.isEmpty() && (!digest.matches("[0-9a-f]{64}") || !plan.asksFor(Segments.CONTROL))) {
      throw new PlanException(
          "controlDigest must be 64 hexadecimal digits beside a segment control. Provided: "
              + digest);
    }
  }

  /** A client remembers one thing of a task, and what it keeps learns without noise. */
  private static void localTensors(Plan plan) {
    List<String> names = plan.localTensors();
    if (names.size() > MAXIMUM_LOCAL_TENSORS
        || names.stream().anyMatch(String::isBlank)
        || Set.copyOf(names).size() != names.size()) {
      throw new PlanException(
          "localTensors must be at most "
              + MAXIMUM_LOCAL_TENSORS
              + " names, each once. Provided: "
              + names.size());
    }
    if (!names.isEmpty() && plan.asksFor(Segments.CONTROL)) {
      throw new PlanException("localTensors do not go with a segment control");
    }
    if (!names.isEmpty() && plan.training().examplePrivacy().isPresent()) {
      throw new PlanException("localTensors learn from single examples without noise");
    }
  }

  private static void promise(PrivacyTerms terms) {
    if (!(terms.epsilon() > 0 && Double.isFinite(terms.epsilon()))) {
      throw new PlanException(
          "privacy.epsilon must be > 0 and finite. Provided: " + terms.epsilon());
    }
    if (!(terms.delta() > 0 && terms.delta() < 1)) {
      throw new PlanException("privacy.delta must be > 0 and < 1. Provided: " + terms.delta());
    }
    PlanChecks.atLeast("privacy.participations", 1, terms.participations());
  }

  private static void same(String field, String other, int value, int expected) {
    if (value != expected) {
      throw new PlanException(
          field + " must equal " + other + " = " + expected + ". Provided: " + value);
    }
  }
}
