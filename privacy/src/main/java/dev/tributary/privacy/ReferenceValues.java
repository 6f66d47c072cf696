package dev.tributary.privacy;

import dev.tributary.privacy.loss.LossComposition;
import dev.tributary.privacy.loss.LossPair;
import dev.tributary.privacy.loss.SampledGaussianPair;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Computes what a row of reference values states. */
final class ReferenceValues {
  private static final RdpAccountant RDP = new RdpAccountant();
  private static final PldAccountant PLD = new PldAccountant();

  private static final double[] INTEGER_ORDERS =
      DoubleStream.concat(IntStream.rangeClosed(2, 128).asDoubleStream(), DoubleStream.of(256))
          .toArray();

  /** Compositions are asked for more than once in a file: per direction, and for both. */
  private final Map<List<Object>, Double> composed = new HashMap<>();

  /**
   * Our value.
   *
   * @throws IllegalArgumentException if nothing here computes it
   * @throws ArithmeticException at the noise floor of the arithmetic
   */
  double of(ReferenceRow row) {
    return switch (row.cell("family")) {
      case "gaussian" -> gaussian(row);
      case "dpsgd_single_step" ->
          new SampledGaussianPair(
                  row.number("q"),
                  row.number("noise_multiplier"),
                  row.cell("adjacency").equals("remove"))
              .delta(row.number("epsilon_in"));
      case "rdp_point" ->
          SampledGaussian.curve(row.number("q"), row.number("noise_multiplier"))
              .at(row.number("rdp_order"));
      case "dpsgd" -> sampled(row);
      case "calibration" -> calibration(row);
      case "dpsgd_wor" -> fixedSize(row);
      case "truncated_poisson" -> truncated(row);
      case "laplace" -> epsilon(row, new PrivacyEvent.Laplace(row.number("noise_multiplier")));
      case "discrete" -> discrete(row);
      case "distributed" -> distributed(row);
      case "audit" ->
          OneRunAudit.epsilonLowerBound(
              row.countOf("canaries"),
              row.countOf("guesses"),
              row.countOf("correct"),
              row.number("delta"),
              row.parameter("significance"));
      case "adaptive_clip", "tree", "matrix" -> ReferenceMechanisms.of(row);
      default -> throw unknown(row);
    };
  }

  static IllegalArgumentException unknown(ReferenceRow row) {
    return new IllegalArgumentException(
        "nothing here computes " + row.cell("quantity") + " of " + row.cell("mechanism"));
  }

  private static double gaussian(ReferenceRow row) {
    return switch (row.cell("quantity")) {
      case "epsilon_exact" ->
          AnalyticGaussian.epsilon(row.number("noise_multiplier"), row.number("delta"));
      case "sigma_exact" ->
          AnalyticGaussian.noiseMultiplier(row.number("epsilon_in"), row.number("delta"));
      case "delta_exact" ->
          AnalyticGaussian.delta(row.number("noise_multiplier"), row.number("epsilon_in"));
      default -> throw unknown(row);
    };
  }

  private static PrivacyEvent poisson(double q, double z) {
    return new PrivacyEvent.PoissonSampled(q, new PrivacyEvent.Gaussian(z));
  }

  private double sampled(ReferenceRow row) {
    PrivacyEvent event = poisson(row.number("q"), row.number("noise_multiplier"));
    String adjacency = row.cell("adjacency");
    if (row.cell("quantity").startsWith("epsilon_rdp")) {
      return epsilon(row, event);
    }
    if (adjacency.equals("add_or_remove_one")) {
      return Math.max(direction(row, event, "remove"), direction(row, event, "add"));
    }
    return direction(row, event, adjacency);
  }

  private double direction(ReferenceRow row, PrivacyEvent event, String adjacency) {
    Relation relation =
        adjacency.equals("replace_one") ? Relation.REPLACE_ONE : Relation.ADD_REMOVE;
    List<Charge> charges = List.of(new Charge(event, row.count("steps")));
    return composed.computeIfAbsent(
        List.of(event, row.cell("steps"), row.cell("delta"), adjacency),
        key ->
            PldAccountant.composition(charges, relation, !adjacency.equals("add"))
                .epsilon(row.number("delta")));
  }

  private static double epsilon(ReferenceRow row, PrivacyEvent event) {
    Relation relation =
        row.cell("adjacency").equals("replace_one") ? Relation.REPLACE_ONE : Relation.ADD_REMOVE;
    Accountant accountant = row.cell("quantity").startsWith("epsilon_rdp") ? RDP : PLD;
    List<Charge> charges = List.of(new Charge(event, row.count("steps")));
    return accountant.epsilon(charges, row.number("delta"), Unit.USER, relation).epsilon();
  }

  private static double calibration(ReferenceRow row) {
    Accountant accountant = row.cell("quantity").equals("sigma_rdp") ? RDP : PLD;
    return Calibration.noiseMultiplier(
        accountant,
        z -> List.of(new Charge(poisson(row.number("q"), z), row.count("steps"))),
        row.number("epsilon_in"),
        row.number("delta"),
        Relation.ADD_REMOVE);
  }

  /** The row's sensitivity is that of replacing, so that the curve is asked for it as it stands. */
  private static double fixedSize(ReferenceRow row) {
    RenyiCurve curve = FixedSizeGaussian.curve(row.number("q"), row.number("noise_multiplier"));
    return RDP.epsilon(curve, row.count("steps"), row.number("delta"));
  }

  private static double truncated(ReferenceRow row) {
    return epsilon(
        row,
        new PrivacyEvent.TruncatedPoissonSampled(
            row.number("q"),
            row.countOf("dataset_size"),
            row.countOf("max_cohort"),
            new PrivacyEvent.Gaussian(row.number("noise_multiplier"))));
  }

  private static double discrete(ReferenceRow row) {
    int shift = row.countOf("sensitivity");
    if (row.cell("mechanism").equals("skellam_1d")) {
      var pair = ExactSkellam.pair(row.parameter("variance"), shift);
      return row.cell("quantity").equals("rdp_exact")
          ? pair.renyi(row.number("rdp_order"))
          : pair.delta(row.number("epsilon_in"));
    }
    double sigma = row.number("noise_multiplier");
    return switch (row.cell("quantity")) {
      case "delta_exact" -> ExactDiscreteGaussian.delta(sigma, shift, row.number("epsilon_in"));
      case "epsilon_pld" ->
          composed(ExactDiscreteGaussian.pair(sigma, shift), row.count("steps"))
              .epsilon(row.number("delta"));
      default -> epsilon(row, new PrivacyEvent.DiscreteGaussian(shift, sigma));
    };
  }

  private static LossComposition composed(LossPair pair, int count) {
    return new LossComposition(List.of(new LossComposition.Item(pair, count)));
  }

  private static double distributed(ReferenceRow row) {
    return switch (row.cell("quantity")) {
      case "tau" ->
          SumOfDiscreteGaussians.tau(
              row.countOf("num_clients"), row.parameter("local_sigma_in_grid_units"));
      case "rounded_l2_bound" ->
          RoundedNorm.l2Bound(
              row.parameter("l2_scaled"), row.parameter("beta"), (long) row.parameter("dim"));
      case "rounded_l1_bound" ->
          RoundedNorm.l1Bound(row.parameter("l2_scaled"), (long) row.parameter("dim"));
      case "scale_factor" ->
          HeuristicScale.factor(
              row.parameter("local_stddev"),
              row.parameter("l2_clip"),
              row.countOf("bits"),
              row.countOf("num_clients"),
              (long) row.parameter("dim"),
              row.parameter("k_stddevs"),
              row.parameter("rho"));
      case "epsilon_rdp_int_orders_2_128_256" -> integerOrders(row);
      default -> throw unknown(row);
    };
  }

  private static double integerOrders(ReferenceRow row) {
    long dimension = (long) row.parameter("dim");
    PrivacyEvent event;
    if (row.cell("mechanism").equals("distributed_skellam")) {
      double scale = row.parameter("scale");
      double sigma = row.parameter("central_stddev") * scale;
      event =
          new PrivacyEvent.DistributedSkellam(
              RoundedNorm.l2Bound(
                  row.parameter("l2_sens") * scale, row.parameter("beta"), dimension),
              sigma * sigma,
              1,
              dimension);
    } else {
      double gamma = row.parameter("gamma");
      event =
          new PrivacyEvent.DistributedDiscreteGaussian(
              RoundedNorm.l2Bound(
                  row.parameter("l2_sens") / gamma, row.parameter("beta"), dimension),
              row.parameter("local_stddev") / gamma,
              row.countOf("num_clients"),
              dimension);
    }
    RenyiCurve curve =
        PoissonBound.curve(row.parameter("q"), RenyiCurve.of(event, Relation.ZERO_OUT));
    return new RdpAccountant(INTEGER_ORDERS)
        .epsilon(curve, row.countOf("steps"), row.parameter("delta"));
  }
}
