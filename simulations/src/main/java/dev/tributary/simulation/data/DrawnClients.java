package dev.tributary.simulation.data;

import dev.tributary.nn.data.Dataset;
import dev.tributary.wire.Seed;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The rows of clients that are made when they are asked for: each client draws its own out of one
 * pool, so that a million of them take no room. With a concentration alpha the mix of its labels is
 * a draw from Dirichlet(alpha) (Hsu et al. 2019, arXiv 1909.06335, section 3, with a uniform prior
 * over labels), and each row one of its label; without, rows are drawn from the whole pool. All
 * draws are with replacement.
 */
final class DrawnClients extends AbstractList<Dataset> implements RandomAccess {
  private final Dataset pool;
  private final int[][] byLabel;
  private final int clients;
  private final int rows;
  private final double alpha;
  private final Seed seed;

  /**
   * Clients that draw.
   *
   * @param pool rows that may be drawn
   * @param rows of each client
   * @param alpha concentration; 0 for the mix of the pool
   */
  DrawnClients(Dataset pool, int clients, int rows, double alpha, Seed seed) {
    Partitioner.requireRows(1, pool.size());
    this.pool = pool;
    this.clients = clients;
    this.rows = rows;
    this.alpha = alpha;
    this.seed = seed;
    this.byLabel =
        alpha == 0
            ? new int[][] {IntStream.range(0, pool.size()).toArray()}
            : byLabel(pool, Math.max(1, pool.classes()));
  }

  @Override
  public int size() {
    return clients;
  }

  @Override
  public Dataset get(int client) {
    if (client < 0 || client >= clients) {
      throw new IndexOutOfBoundsException(client);
    }
    SplittableRandom random = new SplittableRandom(seed.derive("client", client).toLong());
    double[] mix = Draws.dirichlet(byLabel.length, alpha == 0 ? 1 : alpha, random);
    int[] own = new int[rows];
    for (int row = 0; row < rows; row++) {
      int[] alike = byLabel[label(mix, random.nextDouble())];
      own[row] = alike[random.nextInt(alike.length)];
    }
    Arrays.sort(own);
    return pool.subset(own);
  }

  /** The label at which the mix adds up to a number in [0, 1). */
  private static int label(double[] mix, double unit) {
    double sum = 0;
    for (int label = 0; label < mix.length; label++) {
      sum += mix[label];
      if (unit < sum) {
        return label;
      }
    }
    return mix.length - 1;
  }

  /** Rows of each label that has any. */
  private static int[][] byLabel(Dataset pool, int classes) {
    return IntStream.range(0, classes)
        .mapToObj(
            label ->
                IntStream.range(0, pool.size()).filter(row -> pool.label(row) == label).toArray())
        .filter(rows -> rows.length > 0)
        .toArray(int[][]::new);
  }
}
