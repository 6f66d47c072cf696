package dev.tributary.secagg;

import dev.tributary.secagg.crypto.MlKem768;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.RingPacking;
import java.util.ArrayList;
import java.util.List;

/**
 * What one round of SA1 costs each client and the coordinator, for planning: bytes of the encoded
 * messages and bodies, and the operations that take the time. Counted for a round that loses as
 * many clients as {@code dropped} says, after they have shared and before their input, which is the
 * dearest moment; a client that stays.
 *
 * <p>Certificates are of {@value #CERTIFICATE} bytes. On the client-chosen graph about as many
 * neighbours drew a client as it drew, and none of them is the same. In a post-quantum session half
 * of a client's pairs have their mask ciphertext from it: so has the mean of all clients.
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
   * @param encapsulations of ML-KEM-768; 0 without it
   * @param decapsulations of ML-KEM-768; 0 without it
   * @param verifications Ed25519 verifications, certificates included
   * @param masks masks expanded, each as long as the vector
   * @param maskElements elements of the key stream, masks times length
   * @param fieldProducts products in GF(2^61 - 1) of the secret sharing, weights left out
   */
  public record Costs(
      long bytesSent,
      long bytesReceived,
      long agreements,
      long encapsulations,
      long decapsulations,
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
   * @param postQuantum whether ML-KEM-768 joins X25519
   * @throws SumParametersException if no post-quantum session can have this topology
   */
  public static SumCosts of(
      Topology topology, int dropped, int length, int ringBits, boolean postQuantum) {
    int n = topology.clients();
    if (postQuantum) {
      List<Violation> found = new ArrayList<>();
      SumRules.postQuantum(topology, found);
      if (!found.isEmpty()) {
        throw new SumParametersException(found);
      }
    }
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
    long member = member(postQuantum);
    long advertise = envelope(member);
    long sealed = SumSteps.CIPHERTEXT * dealt;
    long masks = 0;
    if (postQuantum) {
      sealed += MlKem768.CIPHERTEXT * dealt;
      masks = field(MlKem768.CIPHERTEXT * edges / 2);
    }
    long shares = envelope(field(sealed) + masks + field(SIGNATURE));
    long relayed = envelope(set + field(sealed) + masks);
    long input = envelope(1 + varint(vector) + field(KEY) + field(SIGNATURE)) + vector;
    long signed = envelope(field(SIGNATURE));
    long signer = drawn ? field(5 * field(KEY) + field(CERTIFICATE)) + field(path(n)) : 0;
    long sample = topology.sample();
    long shown = sample == 0 ? topology.quorum() : sample * alive / n;
    long slot = sample == 0 ? 0 : field(path(n));
    long proof = envelope(shown * field(1 + varint(n) + field(SIGNATURE) + signer + slot));
    long commitment = sample == 0 ? 0 : envelope(field(KEY));
    long draw = sample == 0 ? 0 : envelope(field(4 * sample));
    long lostDealers = Math.round((double) dealt * dropped / n);
    long unmask =
        envelope(
            2 * set
                + field(SumSteps.SHARE_LENGTH * lostDealers)
                + field(SumSteps.SHARE_LENGTH * (dealt - lostDealers + 1)));
    long roster = roster(topology, n, member);
    long up =
        advertise + shares + input + signed + draw + unmask + (drawn ? envelope(choice(dealt)) : 0);
    long down = roster + relayed + envelope(set) + commitment + proof + envelope(field(KEY));
    long products = 2L * LIMBS * topology.threshold() * (dealt + 1);
    Costs client =
        new Costs(
            up,
            down,
            2 * edges,
            postQuantum ? dealt + edges / 2 : 0,
            postQuantum ? dealt + edges / 2 : 0,
            2 * (edges + 1) + (drawn ? dealt + 2 * shown : topology.quorum()),
            edges + 1,
            (edges + 1) * length,
            products);
    long lostBytes = signed + draw + unmask + input;
    long lostEdges = Math.round((double) dropped * edges * alive / (n - 1));
    long removed = alive + lostEdges;
    return new SumCosts(
        client,
        new Costs(
            n * down - dropped * (envelope(set) + commitment + proof + envelope(field(KEY))),
            n * up - dropped * lostBytes,
            lostEdges,
            postQuantum ? lostEdges / 2 : 0,
            postQuantum ? lostEdges - lostEdges / 2 : 0,
            (drawn ? 4L : 3L) * n + (topology.quorum() == 0 ? 1L : 2L) * alive,
            removed,
            removed * length,
            (long) LIMBS * topology.threshold() * n));
  }

  private static long roster(Topology topology, int n, long member) {
    return switch (topology.graph()) {
      case COMPLETE -> envelope(field(KEY) + n * field(member));
      case HARARY ->
          envelope(
              field(KEY)
                  + field(path(n))
                  + topology.degree() * field(1 + varint(n) + field(member) + field(path(n))));
      case OUT_NEIGHBOURS -> chosenRoster(n, topology.degree(), member);
    };
  }

  /** A Merkle path in a tree of n leaves. */
  private static long path(int n) {
    return (long) KEY * (Integer.SIZE - Integer.numberOfLeadingZeros(n - 1));
  }

  /** What one member advertises. */
  private static long member(boolean postQuantum) {
    return 5 * field(KEY)
        + field(CERTIFICATE)
        + field(SIGNATURE)
        + (postQuantum ? 2 * field(MlKem768.PUBLIC_KEY) : 0);
  }

  /** R1a: k indices and a signature. */
  private static long choice(long k) {
    return field(4 * k) + field(SIGNATURE);
  }

  /** R1a and R1b: own path, and the neighbours, half of them with their choices. */
  private static long chosenRoster(int n, long k, long member) {
    long neighbour = 1 + varint(n) + field(member) + field(path(n));
    return envelope(field(KEY) + field(path(n)))
        + envelope(k * field(neighbour) + k * field(neighbour + field(choice(k))));
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
