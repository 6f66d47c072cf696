package dev.tributary.secagg.crypto;

import java.util.Arrays;
import java.util.Random;

/**
 * Prints microseconds of ML-KEM-768's operations, an X25519 agreement beside them: the least of all
 * slices, which other load on the machine disturbs least, and the median. Every secret is compared
 * at both ends. To be run as a main class from the test class path; the argument is the number of
 * slices (300).
 */
final class KemBenchmark {
  private static final int OPERATIONS = 20;

  private final int slices;
  private final Random random = new Random(1);
  private final byte[] seed = random(MlKem768.SEED);
  private final MlKem768 pair = MlKem768.fromSeed(seed);
  private final byte[] publicKey = pair.publicKey();
  private final byte[] coins = random(MlKem768.SECRET);
  private final byte[] ciphertext = new byte[MlKem768.CIPHERTEXT];
  private final byte[] secret = MlKem768.encapsulate(publicKey, coins, ciphertext, 0);

  private KemBenchmark(int slices) {
    this.slices = slices;
  }

  public static void main(String[] arguments) {
    new KemBenchmark(arguments.length == 0 ? 300 : Integer.parseInt(arguments[0])).run();
  }

  private void run() {
    System.out.printf("Java %s, %d slices, microseconds%n", Runtime.version(), slices);
    System.out.printf("%-24s %8s %8s%n", "", "least", "median");
    byte[] again = new byte[MlKem768.CIPHERTEXT];
    byte[] scalar = random(32);
    byte[] point = KeyAgreement.publicKey(random(32));
    byte[] shared = new byte[32];
    time("key pair", () -> Arrays.equals(MlKem768.fromSeed(seed).publicKey(), publicKey));
    time(
        "encapsulation",
        () ->
            Arrays.equals(MlKem768.encapsulate(publicKey, coins, again, 0), secret)
                && Arrays.equals(again, ciphertext));
    time("decapsulation", () -> Arrays.equals(pair.decapsulate(ciphertext), secret));
    time("check of a public key", () -> MlKem768.isPublicKey(publicKey));
    time("X25519 agreement", () -> Curve25519.agree(scalar, point, shared));
  }

  private void time(String name, java.util.function.BooleanSupplier operation) {
    double[] micros = new double[slices];
    for (int slice = -slices / 4; slice < slices; slice++) {
      long from = System.nanoTime();
      for (int i = 0; i < OPERATIONS; i++) {
        if (!operation.getAsBoolean()) {
          throw new AssertionError(name + " gave another result");
        }
      }
      if (slice >= 0) {
        micros[slice] = (System.nanoTime() - from) / 1e3 / OPERATIONS;
      }
    }
    Arrays.sort(micros);
    System.out.printf("%-24s %8.1f %8.1f%n", name, micros[0], micros[slices / 2]);
  }

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
