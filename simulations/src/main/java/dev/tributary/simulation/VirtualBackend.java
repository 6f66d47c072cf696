package dev.tributary.simulation;

import java.util.Locale;

/** The deployed coordinator and clients in virtual time, in this process. */
public enum VirtualBackend implements Backend {
  /** Plain sums on one thread. */
  SEQUENTIAL(true),
  /** Plain sums on as many threads as there are. */
  PARALLEL(true),
  /** The job's suite, with every key, signature and mask. */
  PROTOCOL(false);

  private final boolean plainSum;

  VirtualBackend(boolean plainSum) {
    this.plainSum = plainSum;
  }

  @Override
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean plainSum() {
    return plainSum;
  }

  @Override
  public Experiment.Outcome run(Experiment experiment, Setting setting)
      throws InterruptedException {
    int threads = this == SEQUENTIAL ? 1 : setting.threads();
    return experiment.run(setting.scratch(), threads, setting.listener());
  }
}
