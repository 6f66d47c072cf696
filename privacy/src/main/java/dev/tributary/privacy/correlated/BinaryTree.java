package dev.tributary.privacy.correlated;

import java.util.function.Supplier;

/**
 * The binary tree over rounds (Dwork, Naor, Pitassi, Rothblum 2010; Chan, Shi, Song 2011): every
 * complete node carries one draw, and a prefix sum that of at most log2 T + 1 nodes. Node values
 * stay on the integer grid.
 *
 * <p>With {@code residuals} a node is estimated from its own value and its children's, with the
 * least variance (Honaker 2015, "estimation from below"): level h has variance v_0 = 1, v_h = 1 /
 * (1 + 1 / (2 v_(h-1))). That is post-processing, and leaves the grid.
 *
 * @param residuals whether children's noise is used again
 */
public record BinaryTree(boolean residuals) implements Strategy {
  @Override
  public String canonical() {
    return "binary-tree(residuals=" + residuals + ")";
  }

  @Override
  public double sensitivitySquared(Schedule schedule) {
    return TreeSensitivity.squared(schedule);
  }

  @Override
  public double maximumVariance(int rounds) {
    double most = 0;
    for (int t = 1; t <= rounds; t++) {
      double variance = 0;
      for (int h = 0; t >> h > 0; h++) {
        variance += ((t >> h) & 1) * ownWeight(h);
      }
      most = Math.max(most, variance);
    }
    return most;
  }

  @Override
  public int buffers(int rounds) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(rounds);
  }

  /** v_h: the weight of a node's own draw, and the variance of its estimate. */
  private double ownWeight(int level) {
    double v = 1;
    for (int h = 0; residuals && h < level; h++) {
      v = 1 / (1 + 1 / (2 * v));
    }
    return v;
  }

  /**
   * Buffer h holds the last complete node of level h. The prefix up to t is the sum over the bits
   * of t; round t completes one node, which takes the place of those below it.
   */
  @Override
  public double[] step(int t, double[][] buffers, Supplier<double[]> fresh) {
    double[] node = fresh.get();
    double[] change = new double[node.length];
    int level = 0;
    for (; ((t >> level) & 1) == 1; level++) {
      double own = ownWeight(level + 1);
      double[] draw = fresh.get();
      for (int i = 0; i < node.length; i++) {
        change[i] -= buffers[level][i];
        node[i] = own * draw[i] + (1 - own) * (node[i] + buffers[level][i]);
      }
    }
    for (int i = 0; i < node.length; i++) {
      change[i] += node[i];
    }
    buffers[level] = node;
    return change;
  }
}
