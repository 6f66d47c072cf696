package dev.tributary.simulation.data;

import dev.tributary.nn.data.Dataset;
import dev.tributary.wire.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Noise on the features that differs between clients (NIID-Bench, arXiv 2102.02079, "noise-based
 * feature imbalance"): client i of N, from 1, gets independent Gaussian noise of variance sigma i /
 * N on every feature, once and for all. The changed rows are kept as float32.
 */
final class FeatureNoise {
  private FeatureNoise() {}

  static List<Dataset> add(List<Dataset> clients, double sigma, Seed seed) {
    List<Dataset> noisy = new ArrayList<>(clients.size());
    for (int client = 0; client < clients.size(); client++) {
      double deviation = StrictMath.sqrt(sigma * (client + 1) / clients.size());
      noisy.add(add(clients.get(client), deviation, seed.derive("client", client).toLong()));
    }
    return noisy;
  }

  private static Dataset add(Dataset rows, double deviation, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int width = rows.featureLength();
    float[] features = new float[Math.multiplyExact(rows.size(), width)];
    int[] labels = new int[rows.size()];
    float[] targets = new float[rows.size()];
    for (int row = 0; row < rows.size(); row++) {
      rows.features(row, features, row * width);
      labels[row] = rows.label(row);
      targets[row] = rows.target(row);
    }
    for (int i = 0; i < features.length; i++) {
      features[i] += (float) (deviation * Draws.gaussian(random));
    }
    return rows.classes() == 0
        ? Dataset.regression(rows.featureShape(), features, targets)
        : Dataset.of(rows.featureShape(), rows.classes(), features, labels);
  }
}
