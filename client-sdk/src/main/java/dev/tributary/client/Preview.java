package dev.tributary.client;

import dev.tributary.plan.Plan;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSuite;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Everything that would leave this machine next, before it does. For a round it is computed from
 * the plan and nothing else, so it holds for every client of the round alike.
 *
 * @param occasion what the messages are for
 * @param leaving every message, in order
 */
public record Preview(String occasion, List<Leaving> leaving) {
  public Preview {
    leaving = List.copyOf(leaving);
  }

  /**
   * One message.
   *
   * @param name of the message
   * @param bytes its size at most, in bytes
   * @param content what is in it
   */
  public record Leaving(String name, long bytes, String content) {}

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
                "this client's public key"
                    + (certificateBytes > 0 ? ", its certificate" : "")
                    + ", a random number, the time, the version of the SDK, a signature; nothing of the data")));
  }

  static Preview ofRound(Plan plan, SumSuite suite) {
    SumParameters sum = plan.sum();
    List<Leaving> leaving = new ArrayList<>();
    for (Step step : suite.steps(sum)) {
      leaving.add(new Leaving(step.name(), step.byteCap(), content(step.name(), plan)));
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
            ? "with noise added here (" + epsilon(plan) + "), "
            : mechanism instanceof Mechanism.None
                ? "without noise, "
                : "without noise, which the coordinator adds to the sum (" + epsilon(plan) + "), ";
    return String.format(
        Locale.ROOT,
        "the change of %,d model parameters that training on the data made, clipped to norm %s%s, %s"
            + "as %,d integers of %d bits under masks that only the sum of at least %d members removes",
        plan.updateLength(),
        plan.pipeline().clipNorm(),
        plan.clipBit() > 0 ? " together with one number that says whether it was clipped" : "",
        noise,
        pipeline.encodedLength(),
        plan.pipeline().ringBits(),
        plan.sum().floor());
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
              "%n  %-10s at most %,d bytes: %s",
              each.name(),
              each.bytes(),
              each.content()));
    }
    return text.append(String.format("%nNothing else. The data itself stays.")).toString();
  }
}
