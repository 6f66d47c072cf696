package dev.tributary.secagg.crypto;

import dev.tributary.secagg.crypto.Ed25519Verifier.PublicKey;
import dev.tributary.secagg.crypto.Ed25519VerifierTest.Signer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * Prints microseconds for each operation, ours and Bouncy Castle's, taken in turns in one run: the
 * least of all slices, the median, and the ratio of the least ones, which other load on the machine
 * disturbs least. To be run as a main class from the test class path; the argument is the number of
 * slices (300).
 */
final class CurveBenchmark {
  private static final int SIGNATURES = 99;

  private final int slices;
  private final Random random = new Random(1);

  private CurveBenchmark(int slices) {
    this.slices = slices;
  }

  public static void main(String[] arguments) {
    int slices = arguments.length == 0 ? 300 : Integer.parseInt(arguments[0]);
    CurveBenchmark benchmark = new CurveBenchmark(slices);
    System.out.printf("Java %s, %d slices%n", Runtime.version(), slices);
    System.out.printf("%-44s %8s %8s %8s %8s %6s%n", "", "own", "median", "BC", "median", "ratio");
    benchmark.agreement();
    benchmark.agreements();
    benchmark.verification();
  }

  private void agreement() {
    byte[] scalar = new byte[32];
    byte[] point = new byte[32];
    byte[] out = new byte[32];
    random.nextBytes(scalar);
    random.nextBytes(point);
    compare(
        "X25519 agreement",
        20,
        i -> require(Curve25519.agree(scalar, point, out)),
        i -> require(X25519.calculateAgreement(scalar, 0, point, 0, out, 0)));
  }

  private void agreements() {
    byte[] scalar = new byte[32];
    byte[][] points = new byte[SIGNATURES][32];
    byte[][] out = new byte[SIGNATURES][32];
    random.nextBytes(scalar);
    for (byte[] point : points) {
      random.nextBytes(point);
    }
    compare(
        "X25519 agreement, " + SIGNATURES + " under one secret",
        SIGNATURES,
        i -> require(i != 0 || Curve25519.agree(scalar, points, out) < 0),
        i -> require(X25519.calculateAgreement(scalar, 0, points[i], 0, out[i], 0)));
  }

  private void verification() {
    List<byte[]> keys = new ArrayList<>();
    List<PublicKey> decoded = new ArrayList<>();
    List<Ed25519.PublicPoint> points = new ArrayList<>();
    List<byte[]> messages = new ArrayList<>();
    List<byte[]> signatures = new ArrayList<>();
    for (int i = 0; i < SIGNATURES; i++) {
      Signer signer = new Signer(random);
      byte[] message = new byte[200];
      random.nextBytes(message);
      keys.add(signer.key);
      decoded.add(PublicKey.decode(signer.key));
      points.add(Ed25519.validatePublicKeyPartialExport(signer.key, 0));
      messages.add(message);
      signatures.add(signer.sign(message));
    }
    IntConsumer firstOfBouncyCastle =
        i -> require(Ed25519.verify(signatures.get(i), 0, keys.get(i), 0, messages.get(i), 0, 200));
    IntConsumer nextOfBouncyCastle =
        i -> require(Ed25519.verify(signatures.get(i), 0, points.get(i), messages.get(i), 0, 200));
    compare(
        "Ed25519, first signature under a key",
        20,
        i -> {
          PublicKey key = PublicKey.decode(keys.get(i));
          require(Ed25519Verifier.verify(key, messages.get(i), signatures.get(i)));
        },
        firstOfBouncyCastle);
    compare(
        "Ed25519, next signature under a key",
        20,
        i -> require(Ed25519Verifier.verify(decoded.get(i), messages.get(i), signatures.get(i))),
        nextOfBouncyCastle);
    for (boolean first : new boolean[] {true, false}) {
      Ed25519Batch[] batch = new Ed25519Batch[1];
      compare(
          "Ed25519, batch of " + SIGNATURES + (first ? ", first of all keys" : ", keys known"),
          SIGNATURES,
          i -> {
            if (i == 0) {
              batch[0] = new Ed25519Batch();
            }
            PublicKey key = first ? PublicKey.decode(keys.get(i)) : decoded.get(i);
            batch[0].add(key, messages.get(i), signatures.get(i));
            if (i == SIGNATURES - 1) {
              require(batch[0].wrong().isEmpty());
            }
          },
          first ? firstOfBouncyCastle : nextOfBouncyCastle);
    }
  }

  private void compare(String name, int perSlice, IntConsumer own, IntConsumer bouncyCastle) {
    double[] ownMicros = new double[slices];
    double[] bouncyCastleMicros = new double[slices];
    for (int warmUp = 0; warmUp < 4_000 / perSlice; warmUp++) {
      slice(perSlice, own);
      slice(perSlice, bouncyCastle);
    }
    for (int i = 0; i < slices; i++) {
      ownMicros[i] = slice(perSlice, own);
      bouncyCastleMicros[i] = slice(perSlice, bouncyCastle);
    }
    Arrays.sort(ownMicros);
    Arrays.sort(bouncyCastleMicros);
    System.out.printf(
        "%-44s %8.1f %8.1f %8.1f %8.1f %6.2f%n",
        name,
        ownMicros[0],
        ownMicros[slices / 2],
        bouncyCastleMicros[0],
        bouncyCastleMicros[slices / 2],
        ownMicros[0] / bouncyCastleMicros[0]);
  }

  private static double slice(int operations, IntConsumer operation) {
    long start = System.nanoTime();
    for (int i = 0; i < operations; i++) {
      operation.accept(i);
    }
    return (System.nanoTime() - start) / 1e3 / operations;
  }

  private static void require(boolean right) {
    if (!right) {
      throw new IllegalStateException("an operation failed");
    }
  }
}
