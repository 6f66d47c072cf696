package dev.tributary.simulation.cli;

import dev.tributary.privacy.Accountant;
import dev.tributary.privacy.Calibration;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.CohortSampling;
import dev.tributary.privacy.Guarantee;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.TightestAccountant;
import dev.tributary.privacy.Unit;
import dev.tributary.privacy.UnreachableBudgetException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tributary privacy plan}. */
@Command(
    name = "plan",
    description =
        "Solve for the one of epsilon, noise, rounds and rate that is left out: central Gaussian"
            + " noise, for an outsider who sees released models alone.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  tributary privacy plan --noise 1.3 --rounds 3600 --rate 0.0042 --delta 1e-5",
      "  tributary privacy plan --epsilon 4 --rounds 8 --rate 1 --delta 1e-5"
    })
public final class PrivacyPlanCommand implements Runnable {
  private static final Accountant TIGHTEST = new TightestAccountant();
  private static final Accountant RDP = new RdpAccountant();
  private static final int MOST_ROUNDS = 1 << 24;
  private static final int CURVE = 8;

  @Option(names = "--epsilon", description = "The budget.")
  private @Nullable Double epsilon;

  @Option(names = "--noise", description = "Noise multiplier z: standard deviation over clip norm.")
  private @Nullable Double noise;

  @Option(names = "--rounds", description = "Rounds that any one unit may be in.")
  private @Nullable Integer rounds;

  @Option(
      names = "--rate",
      description = "Rate of the Poisson coin of every unit and round; 1 without sampling.")
  private @Nullable Double rate;

  @Option(names = "--delta", required = true, description = "delta of the whole run.")
  private double delta;

  @Option(
      names = "--relation",
      description = "ADD_REMOVE, ZERO_OUT or REPLACE_ONE (default: ${DEFAULT-VALUE}).")
  private Relation relation = Relation.ADD_REMOVE;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** A run with all its numbers. */
  private record Run(double noise, int rounds, double rate) {
    List<Charge> charges() {
      CohortSampling sampling = new CohortSampling.Poisson(rate);
      PrivacyEvent event = sampling.event(new PrivacyEvent.Gaussian(noise));
      return List.of(new Charge(event, sampling.participations(rounds)));
    }
  }

  @Override
  public void run() {
    try {
      print(solve());
    } catch (UnreachableBudgetException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Run solve() {
    if (epsilon == null && noise != null && rounds != null && rate != null) {
      return new Run(noise, rounds, rate);
    }
    if (epsilon != null && noise == null && rounds != null && rate != null) {
      int t = rounds;
      double q = rate;
      double z =
          Calibration.noiseMultiplier(
              TIGHTEST, x -> new Run(x, t, q).charges(), epsilon, delta, relation);
      return new Run(z, t, q);
    }
    if (epsilon != null && noise != null && rounds == null && rate != null) {
      double z = noise;
      double q = rate;
      int t =
          Calibration.rounds(
              TIGHTEST, x -> new Run(z, x, q).charges(), MOST_ROUNDS, epsilon, delta, relation);
      if (t == 0) {
        throw new IllegalArgumentException("not even one round keeps the budget: raise --noise");
      }
      return new Run(z, t, q);
    }
    if (epsilon != null && noise != null && rounds != null && rate == null) {
      double z = noise;
      int t = rounds;
      double q =
          Calibration.rate(TIGHTEST, x -> new Run(z, t, x).charges(), epsilon, delta, relation);
      return new Run(z, t, q);
    }
    throw new IllegalArgumentException(
        "leave out exactly one of --epsilon, --noise, --rounds and --rate");
  }

  private void print(Run run) {
    PrintWriter out = spec.commandLine().getOut();
    Guarantee best = guarantee(TIGHTEST, run);
    out.print(
        Terminal.format(
            "noise %.6g, %d rounds, rate %.6g, %s%n",
            run.noise(), run.rounds(), run.rate(), relation));
    out.print(
        Terminal.format(
            "epsilon %.6g at delta %.3g (by %s; by rdp alone %.6g)%n",
            best.epsilon(), delta, best.accountant(), guarantee(RDP, run).epsilon()));
    if (rounds == null && run.rounds() == MOST_ROUNDS) {
      out.print(
          Terminal.format(
              "The search ends at %d rounds: more may keep the budget too.%n", MOST_ROUNDS));
    }
    out.print(
        run.rate() == 1
            ? "For an outsider and for cohort members alike; the coordinator sees sums before the noise: none.%n"
                .formatted()
            : "For an outsider who learns no cohort; cohort members and the coordinator are not amplified.%n"
                .formatted());
    out.print(Terminal.format("%n%10s %12s%n", "rounds", "epsilon"));
    for (int i = 1; i <= CURVE; i++) {
      int at = (int) Math.ceil((double) run.rounds() * i / CURVE);
      Guarantee then = guarantee(TIGHTEST, new Run(run.noise(), at, run.rate()));
      out.print(Terminal.format("%10d %12.6g%n", at, then.epsilon()));
    }
    out.print(Terminal.format("%nWhat if:%n"));
    whatIf(out, "noise doubled", new Run(2 * run.noise(), run.rounds(), run.rate()));
    whatIf(out, "noise halved", new Run(run.noise() / 2, run.rounds(), run.rate()));
    whatIf(out, "rate halved", new Run(run.noise(), run.rounds(), run.rate() / 2));
    out.flush();
  }

  private void whatIf(PrintWriter out, String what, Run run) {
    out.print(Terminal.format("  %-14s epsilon %.6g%n", what, guarantee(TIGHTEST, run).epsilon()));
  }

  private Guarantee guarantee(Accountant accountant, Run run) {
    return accountant.epsilon(run.charges(), delta, Unit.USER, relation);
  }
}
