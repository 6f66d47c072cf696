package dev.tributary.client;

import dev.tributary.nn.ModelSpec;
import dev.tributary.plan.Plan;
import dev.tributary.plan.Segments;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSuite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Everything that would leave this machine next, before it does. For a round it is computed from
 * the plan, so it holds for every client of the round alike; once training has ended, the norms of
 * this client's own update are added.
 *
 * @param occasion what the messages are for
 * @param leaving every message, in order
 */
public record Preview(String occasion, List<Leaving> leaving) {
  private static final String COORDINATOR = "the coordinator";

  /** Keeps a copy of the list. */
  public Preview {
    leaving = List.copyOf(leaving);
  }

  /**
   * One message.
   *
   * @param name of the message
   * @param bytes its size at most, in bytes
   * @param to who can read it
   * @param content what is in it
   */
  public record Leaving(String name, long bytes, String to, String content) {}

  /** The bytes of all messages together, at most. */
  public long bytes() {
    return leaving.stream().mapToLong(Leaving::bytes).sum();
  }

  static Preview ofCheckIn(long certificateBytes) {
    return new Preview(
        "check-in",
        List.of(
            new Leaving(
                "check-in",
                256 + certificateBytes,
                COORDINATOR,
                "this client's public key"
                    + (certificateBytes > 0 ? ", its certificate" : "")
                    + ", a random number, the time, the version of the SDK, a signature; nothing of the data")));
  }

  /** What would leave in a round, from its plan alone. */
  public static Preview ofRound(Plan plan, SumSuite suite) {
    return ofRound(plan, suite, "");
  }

  /**
   * The same with what training has shown: the tensors, and the norm of the update before and after
   * it is clipped.
   *
   * @param model that was trained
   * @param update float32[d] as a {@link Trainer} returns it
   */
  public static Preview ofTraining(Plan plan, SumSuite suite, ModelSpec model, float[] update) {
    double squares = 0;
    for (float value : update) {
      squares += (double) value * value;
    }
    double norm = Math.sqrt(squares);
    double clip = plan.pipeline().clipNorm();
    String tensors =
        model.trainable().tensors().stream()
            .map(tensor -> tensor.name() + Arrays.toString(tensor.shape()))
            .collect(Collectors.joining(", "));
    return ofRound(
        plan,
        suite,
        Double.isFinite(norm)
            ? String.format(
                Locale.ROOT,
                ". Its tensors: %s. Its norm is %.4g before clipping and %.4g after it",
                tensors,
                norm,
                Math.min(norm, clip))
            : ". Its tensors: "
                + tensors
                + ". It holds numbers that are not finite, so zeros go in its place");
  }

  private static Preview ofRound(Plan plan, SumSuite suite, String trained) {
    SumParameters sum = plan.sum();
    List<Leaving> leaving = new ArrayList<>();
    for (Step step : suite.steps(sum)) {
      String name = step.name();
      String content = content(name, plan) + (name.equals("input") ? trained : "");
      leaving.add(new Leaving(name, step.byteCap(), reader(name, plan), content));
    }
    return new Preview(
        "round "
            + plan.round()
            + " of "
            + plan.task()
            + ", with "
            + (sum.clients() - 1)
            + " others",
        leaving);
  }

  private static String reader(String step, Plan plan) {
    return switch (step) {
      case "advertise", "choose", "sign" -> COORDINATOR + ", and through it the other members";
      case "share" -> "the other members, each its own piece; the coordinator carries them sealed";
      case "input" -> COORDINATOR + (plan.sum().suite().startsWith("sa1") ? ", masked" : "");
      default -> COORDINATOR;
    };
  }

  private static String content(String step, Plan plan) {
    return switch (step) {
      case "advertise" ->
          "public keys for this round alone, this client's certificate, a signature";
      case "choose" -> "the members that this client has drawn to mask with, a signature";
      case "share" -> "pieces of this round's keys, each sealed for one other member";
      case "input" -> input(plan);
      case "sign" -> "a signature over the list of members in the sum";
      case "sample" -> "which signatures over that list this client has drawn to see";
      case "unmask" -> "the pieces that open the sum over those members, and no single input";
      default -> "a message of the suite " + plan.sum().suite();
    };
  }

  private static String input(Plan plan) {
    UpdatePipeline pipeline = new UpdatePipeline(plan.pipeline());
    Mechanism mechanism = plan.pipeline().mechanism();
    String noise =
        mechanism instanceof Mechanism.Distributed || mechanism instanceof Mechanism.Local
            ? "with noise added here (" + deviation(plan) + epsilon(plan) + "), "
            : mechanism instanceof Mechanism.None
                ? "without noise, "
                : "without noise, which the coordinator adds to the sum (" + epsilon(plan) + "), ";
    return String.format(
        Locale.ROOT,
        "the change of %,d model parameters that training on the data made, clipped to norm %s%s%s, %s"
            + "as %,d integers of %d bits under masks that only the sum of at least %d members removes",
        plan.updateLength(),
        plan.pipeline().clipNorm(),
        plan.clipBit() > 0 ? " together with one number that says whether it was clipped" : "",
        plan.accuracyUnit() > 0
            ? " together with which of "
                + plan.length(Segments.ACCURACY)
                + " bins the model's accuracy on rows kept here is in"
            : "",
        noise,
        pipeline.encodedLength(),
        plan.pipeline().ringBits(),
        plan.sum().floor());
  }

  /** In the units of the model, of one number of what this client sends. */
  private static String deviation(Plan plan) {
    Mechanism mechanism = plan.pipeline().mechanism();
    double whole = mechanism.noiseMultiplier() * plan.pipeline().clipNorm();
    if (mechanism instanceof Mechanism.Distributed shared) {
      return String.format(
          Locale.ROOT,
          "of standard deviation %.4g, which with the noise of %d others makes %.4g; ",
          whole / Math.sqrt(shared.minimumHonest()),
          shared.minimumHonest() - 1,
          whole);
    }
    return mechanism instanceof Mechanism.LocalGaussian
        ? String.format(Locale.ROOT, "of standard deviation %.4g; ", whole)
        : "";
  }

  private static String epsilon(Plan plan) {
    return String.format(
        Locale.ROOT,
        "epsilon %s, delta %s for %d rounds",
        plan.privacy().epsilon(),
        plan.privacy().delta(),
        plan.privacy().participations());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("What would leave this machine: ").append(occasion);
    for (Leaving each : leaving) {
      text.append(
          String.format(
              Locale.ROOT,
              "%n  %-10s at most %,d bytes to %s: %s",
              each.name(),
              each.bytes(),
              each.to(),
              each.content()));
    }
    return text.append(String.format("%nNothing else. The data itself stays.")).toString();
  }
}
