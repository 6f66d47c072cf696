package dev.tributary.simulation.bench;

import dev.tributary.privacy.Accountant;
import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.PldAccountant;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.privacy.noise.IntegerNoise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Noise beside NumPy, and accountants beside dp_accounting, on the same run: a rate of 1 in 240,
 * noise multiplier 1.3, 3,600 rounds, delta 1e-5. Both in turns, by processor time, and of each the
 * fastest counts.
 */
record AccountingBench(PythonPeer peer, int turns) implements AutoCloseable {
  private static final int DRAWS = 1_000_000;
  private static final double RATE = 1.0 / 240;
  private static final double NOISE = 1.3;
  private static final int ROUNDS = 3600;
  private static final double DELTA = 1e-5;

  /** Starts the Python, which must have dp_accounting and NumPy. */
  static AccountingBench start(String python, int turns) throws IOException {
    return new AccountingBench(
        PythonPeer.start(python, "privacy.py", "dp_accounting", "--python"), turns);
  }

  /** A table of figures, line by line; the first says what is measured beside. */
  List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>(List.of("beside " + peer.version()));
    lines.add(noise());
    String run = String.format(Locale.ROOT, "%s %s %d %s", RATE, NOISE, ROUNDS, DELTA);
    lines.add(accountant("RDP", new RdpAccountant(), "rdp " + run));
    lines.add(accountant("PLD", new PldAccountant(), "pld " + run + " 1e-4"));
    return lines;
  }

  private String noise() throws IOException {
    IntegerNoise gaussian = IntegerNoise.discreteGaussian(1e4);
    double ours = Double.POSITIVE_INFINITY;
    double theirs = Double.POSITIVE_INFINITY;
    try (BitStream bits = NoiseSource.secure().open("bench")) {
      for (int turn = 0; turn < turns; turn++) {
        ours = Math.min(ours, CpuTime.fastest(1, () -> draw(gaussian, bits)));
        theirs = Math.min(theirs, peer.ask("normal " + DRAWS, 2)[0]);
      }
    }
    return String.format(
        Locale.ROOT,
        "discrete Gaussian %.1f M/s, standard_normal %.1f M/s: %.2f times",
        DRAWS / ours / 1e6,
        DRAWS / theirs / 1e6,
        theirs / ours);
  }

  private static void draw(IntegerNoise noise, BitStream bits) {
    for (int i = 0; i < DRAWS; i++) {
      noise.sample(bits);
    }
  }

  private String accountant(String name, Accountant accountant, String question)
      throws IOException {
    PrivacyEvent event = new PrivacyEvent.PoissonSampled(RATE, new PrivacyEvent.Gaussian(NOISE));
    List<Charge> charges = List.of(new Charge(event, ROUNDS));
    double epsilon =
        accountant.epsilon(charges, DELTA, Unit.EXAMPLE, Relation.ADD_REMOVE).epsilon();
    double ours = Double.POSITIVE_INFINITY;
    double[] theirs = {Double.POSITIVE_INFINITY, 0};
    for (int turn = 0; turn < turns; turn++) {
      ours =
          Math.min(
              ours,
              CpuTime.fastest(
                  1, () -> accountant.epsilon(charges, DELTA, Unit.EXAMPLE, Relation.ADD_REMOVE)));
      double[] answer = peer.ask(question, 2);
      theirs = answer[0] < theirs[0] ? answer : theirs;
    }
    return String.format(
        Locale.ROOT,
        "%s epsilon %.5f in %.2f ms, dp_accounting %.5f in %.2f ms: %.1f times as fast",
        name,
        epsilon,
        ours * 1e3,
        theirs[1],
        theirs[0] * 1e3,
        theirs[0] / ours);
  }

  @Override
  public void close() {
    peer.close();
  }
}
