package dev.tributary.coordinator.round;

import dev.tributary.coordinator.job.Job;
import dev.tributary.privacy.Histogram;
import java.util.List;

/**
 * How accurate the model that a round began with is for the clients of the round, each on rows of
 * its own: from the sum of their histograms, and so no more exact than its bins and its noise.
 *
 * @param counts clients whose accuracy is nearest to i / (bins - 1), for each i from 0; not whole
 *     numbers where there is noise, and at least 1 together
 * @param noise standard deviation of the noise on each count before what is impossible was taken
 *     out; 0 without privacy
 */
public record ClientAccuracy(List<Double> counts, double noise) {
  /** The part of the clients that is looked at alone: those that fare worst. */
  private static final double DECILE = 0.1;

  /** The percentiles that reports have. */
  public static final List<Integer> PERCENTILES = List.of(10, 25, 50, 75, 90);

  public ClientAccuracy {
    counts = List.copyOf(counts);
    if (counts.size() < 2 || !(counts.stream().mapToDouble(c -> c).sum() >= 1)) {
      throw new IllegalArgumentException("a histogram needs two bins and a client: " + counts);
    }
  }

  /**
   * How a job's clients tell their accuracy.
   *
   * @param noiseMultiplier z of the job, 0 without noise
   * @throws IllegalArgumentException if the noise that the job states is not above z
   */
  public static Histogram histogram(Job.ClientEvaluation asked, double noiseMultiplier) {
    Double noise = asked.noise();
    if (noiseMultiplier == 0) {
      return Histogram.EXACT;
    }
    return noise == null ? Histogram.THIRD : Histogram.ofNoise(noiseMultiplier, noise);
  }

  /** Clients that evaluated; with noise, about as many. */
  public double clients() {
    return counts.stream().mapToDouble(c -> c).sum();
  }

  /** Mean accuracy, every client counting alike, 0 to 1. */
  public double mean() {
    return lowest(clients());
  }

  /** Mean accuracy of the tenth of the clients that fares worst. */
  public double worstDecile() {
    return lowest(DECILE * clients());
  }

  /** The least accuracy that so many per cent of the clients, or more, do not pass; 1 to 100. */
  public double percentile(int percent) {
    double wanted =
        percent * clients() / 100 * (1 - 1e-9); // counts of noisy bins do not add up exactly
    double below = 0;
    int bin = -1;
    do {
      bin++;
      below += counts.get(bin);
    } while (below < wanted && bin < counts.size() - 1);
    return value(bin);
  }

  private double lowest(double clients) {
    double left = clients;
    double sum = 0;
    for (int bin = 0; bin < counts.size() && left > 0; bin++) {
      double taken = Math.min(left, counts.get(bin));
      sum += taken * value(bin);
      left -= taken;
    }
    return sum / (clients - left);
  }

  private double value(int bin) {
    return bin / (counts.size() - 1.0);
  }
}
