package dev.tributary.secagg;

import dev.tributary.wire.Bitmap;
import dev.tributary.wire.RingPacking;

/**
 * What one round of SA1 costs each client and the coordinator, for planning: bytes of the encoded
 * messages and bodies, and the operations that take the time. Counted for a round that loses as
 * many clients as {@code dropped} says, after they have shared and before their input, which is the
 * dearest moment; a client that stays.
 *
 * <p>Complete and Harary graphs: the messages as this version sends them, with certificates of
 * {@value #CERTIFICATE} bytes. Client-chosen graph: the messages of sections 5 and 7 with Merkle
 * paths, and about as many neighbours that drew a client as it drew.
 *
 * @param client one client
 * @param coordinator all that the coordinator does in the round
 */
public record SumCosts(Costs client, Costs coordinator) {

  /**
   * The costs of one end.
   *
   * @param bytesSent from this end
   * @param bytesReceived at this end
   * @param agreements X25519 agreements
   * @param verifications Ed25519 verifications, certificates included
   * @param masks masks expanded, each as long as the vector
   * @param maskElements elements of the key stream, masks times length
   * @param fieldProducts products in GF(2^61 - 1) of the secret sharing, weights left out
   */
  public record Costs(
      long bytesSent,
      long bytesReceived,
      long agreements,
      long verifications,
      long masks,
      long maskElements,
      long fieldProducts) {}

  /** Bytes of a certificate whose population has a name of 16 letters. */
  static final int CERTIFICATE = 179;

  private static final int KEY = 32;
  private static final int SIGNATURE = 64;

  /** Limbs of a shared secret. */
  private static final int LIMBS = 5;

  /**
   * The costs of a round.
   *
   * @param dropped clients lost, 0 to {@code topology.toleratedLoss()}
   * @param length elements of the vector, d
   * @param ringBits bits of an element, w
   */
  public static SumCosts of(Topology topology, int dropped, int length, int ringBits) {
    int n = topology.clients();
    if (dropped < 0 || dropped > topology.toleratedLoss()) {
      throw new IllegalArgumentException(
          "dropped must be 0 to " + topology.toleratedLoss() + ". Provided: " + dropped);
    }
    if (length < 1) {
      throw new IllegalArgumentException("length must be >= 1. Provided: " + length);
    }
    int alive = n - dropped;
    long dealt = topology.degree();
    boolean drawn = topology.graph() == Topology.Graph.OUT_NEIGHBOURS;
    long edges = drawn ? 2 * dealt : dealt;
    long vector = RingPacking.packedLength(length, ringBits);
    long set = field(Bitmap.length(n));
    long advertise = envelope(5 * field(KEY) + field(CERTIFICATE) + field(SIGNATURE));
    long shares = envelope(field(SumSteps.CIPHERTEXT * dealt) + field(SIGNATURE));
    long relayed = envelope(set + field(SumSteps.CIPHERTEXT * dealt));
    long input = envelope(1 + varint(vector) + field(KEY) + field(SIGNATURE)) + vector;
    long signed = envelope(field(SIGNATURE));
    long proof = envelope(topology.quorum() * field(2 + varint(n) + field(SIGNATURE) - 1));
    long lostDealers = Math.round((double) dealt * dropped / n);
    long unmask =
        envelope(
            2 * set
                + field(SumSteps.SHARE_LENGTH * lostDealers)
                + field(SumSteps.SHARE_LENGTH * (dealt - lostDealers + 1)));
    long roster = drawn ? chosenRoster(n, dealt) : envelope(field(KEY) + n * member());
    long up = advertise + shares + input + signed + unmask + (drawn ? choice(dealt) : 0);
    long down = roster + relayed + envelope(set) + proof + envelope(field(KEY));
    long products = 2L * LIMBS * topology.threshold() * (dealt + 1);
    Costs client =
        new Costs(
            up,
            down,
            dealt + edges,
            2 * (drawn ? edges + topology.quorum() : n) + (drawn ? 0 : topology.quorum()),
            edges + 1,
            (edges + 1) * length,
            products);
    long lostBytes = signed + unmask + input;
    long masks = alive + dropped * Math.min(edges, alive);
    return new SumCosts(
        client,
        new Costs(
            n * down - dropped * (envelope(set) + proof + envelope(field(KEY))),
            n * up - dropped * lostBytes,
            dropped * Math.min(edges, alive),
            3L * n + 2L * alive,
            masks,
            masks * length,
            (long) LIMBS * topology.threshold() * n));
  }

  /** One member in the roster. */
  private static long member() {
    return field(5 * field(KEY) + field(CERTIFICATE) + field(SIGNATURE));
  }

  /** R1a: k indices and a signature. */
  private static long choice(long k) {
    return envelope(4 * k + field(SIGNATURE));
  }

  /** R1b: all identity keys, own path, and leaves, paths and choices of neighbours. */
  private static long chosenRoster(int n, long k) {
    long path = (long) KEY * (Integer.SIZE - Integer.numberOfLeadingZeros(n - 1));
    return envelope(
        (long) KEY * n + path + 2 * k * (member() + path) + k * (4 * k + field(SIGNATURE)));
  }

  /** A message in its envelope: session id, kind, length. */
  private static long envelope(long body) {
    return field(KEY) + field(body);
  }

  /** A field of this many bytes: tag, length, bytes. */
  private static long field(long bytes) {
    return 1 + varint(bytes) + bytes;
  }

  private static int varint(long value) {
    return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
  }
}
