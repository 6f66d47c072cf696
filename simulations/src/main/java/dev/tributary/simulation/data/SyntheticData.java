package dev.tributary.simulation.data;

import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Examples;
import dev.tributary.wire.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Synthetic(alpha, beta) of Li et al. 2020 (FedProx, arXiv 1812.06127, appendix C.1): client k
 * labels x in R^60 by argmax(W_k x + b_k) of 10 classes, with W_k and b_k ~ N(u_k, 1), u_k ~ N(0,
 * alpha), and x ~ N(v_k, S), S diagonal with S_jj = j^-1.2, v_k ~ N(B_k, 1), B_k ~ N(0, beta). As
 * in the authors' code alpha and beta are standard deviations, and client k has 50 + exp(N(4, 2))
 * rows, here at most {@value #MAXIMUM_ROWS}. The iid form has one W and b and v_k = 0 for all.
 */
final class SyntheticData {
  static final int FEATURES = 60;
  static final int CLASSES = 10;
  static final int MAXIMUM_ROWS = 10_000;
  private static final int MAXIMUM_VALUES = 1 << 28;

  private SyntheticData() {}

  static Examples make(Job.Data.Synthetic spec, Seed seed) {
    int[] sizes = new int[spec.clients()];
    long total = 0;
    for (int client = 0; client < sizes.length; client++) {
      SplittableRandom random = random(seed, "size", client);
      double size = 50 + StrictMath.exp(4 + 2 * Draws.gaussian(random));
      sizes[client] = (int) Math.min(MAXIMUM_ROWS, size);
      total += sizes[client];
    }
    if (total * FEATURES > MAXIMUM_VALUES) {
      throw new PartitionException(
          "simulation.data.synthetic of %d clients makes %d rows, more than fit. Name fewer clients."
              .formatted(spec.clients(), total));
    }
    float[] features = new float[(int) total * FEATURES];
    int[] labels = new int[(int) total];
    List<String> owners = new ArrayList<>(labels.length);
    int row = 0;
    for (int client = 0; client < sizes.length; client++) {
      SplittableRandom random = random(seed, "rows", client);
      double u = spec.alpha() * Draws.gaussian(random);
      double b = spec.beta() * Draws.gaussian(random);
      double[] mean = spec.iid() ? new double[FEATURES] : normal(FEATURES, b, random);
      SplittableRandom model = spec.iid() ? random(seed, "model", 0) : random;
      double[] weights = normal((FEATURES + 1) * CLASSES, spec.iid() ? 0 : u, model);
      // Names of one length, so that their order is that of the numbers.
      String name = "synthetic%05d".formatted(client);
      for (int i = 0; i < sizes[client]; i++, row++) {
        labels[row] = row(features, row * FEATURES, mean, weights, random);
        owners.add(name);
      }
    }
    return new Examples(Dataset.of(new int[] {FEATURES}, CLASSES, features, labels), owners);
  }

  /** Draws one x and gives its label. */
  private static int row(
      float[] into, int at, double[] mean, double[] weights, SplittableRandom random) {
    double[] scores = new double[CLASSES];
    System.arraycopy(weights, FEATURES * CLASSES, scores, 0, CLASSES);
    for (int j = 0; j < FEATURES; j++) {
      double deviation = StrictMath.pow(j + 1, -0.6);
      double x = mean[j] + deviation * Draws.gaussian(random);
      into[at + j] = (float) x;
      for (int k = 0; k < CLASSES; k++) {
        scores[k] += weights[j * CLASSES + k] * x;
      }
    }
    int best = 0;
    for (int k = 1; k < CLASSES; k++) {
      best = scores[k] > scores[best] ? k : best;
    }
    return best;
  }

  private static double[] normal(int length, double mean, SplittableRandom random) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = mean + Draws.gaussian(random);
    }
    return values;
  }

  private static SplittableRandom random(Seed seed, String purpose, int client) {
    return new SplittableRandom(seed.derive(purpose, client).toLong());
  }
}
