package dev.tributary.secagg.server;

import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult.WrongShare;
import dev.tributary.secagg.crypto.EdgeKem;
import dev.tributary.secagg.crypto.EdgeKeys;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Masks.Mask;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.secagg.crypto.ShareDecoder;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Section 8: reconstructs each needed secret, checks it against what its owner advertised, and
 * lists the masks that are still in the sum. t shares do while they are right; if what they give is
 * not what was advertised, all shares are decoded, which corrects (m - t) / 2 wrong ones among m.
 * Runs as one job at a time, again with more shares for what is left.
 */
final class Recovery {

  /** Sets of holders whose weights are kept. */
  private static final int MOST_WEIGHTS = 64;

  private final Survivors survivors;
  private final int threshold;
  private final boolean postQuantum;
  private final Transcript transcript;
  private final EdgeKeys keys;
  private final BitSet pending;
  private final BitSet suspects = new BitSet();
  private final List<Mask> masks = new ArrayList<>();
  private final List<WrongShare> wrongShares = new ArrayList<>();
  private final Map<BitSet, long[]> weights = new HashMap<>();
  private int liar = -1;
  private boolean running;
  private volatile boolean ended;

  Recovery(Survivors survivors, SumParameters parameters) {
    this.survivors = survivors;
    this.threshold = parameters.threshold();
    this.postQuantum = parameters.postQuantum();
    this.transcript = survivors.roster.transcript();
    this.keys = new EdgeKeys(transcript);
    this.pending = survivors.sharers.indices();
  }

  /** Roster indices of dealers whose secrets are not found yet, a copy. */
  BitSet pending() {
    return (BitSet) pending.clone();
  }

  /** What remains to be applied to the sum, once nothing is pending. */
  List<Mask> masks() {
    return masks;
  }

  /** Shares that were corrected, by slot. */
  List<WrongShare> wrongShares() {
    return List.copyOf(wrongShares);
  }

  /**
   * Roster index of a lost member that signed mask ciphertexts which are not those of its seed, or
   * -1. Its masks cannot be found, so nothing comes of the round.
   */
  int liar() {
    return liar;
  }

  /** The round is over: clears all keys, at once or when the job that makes them has given up. */
  synchronized void end() {
    ended = true;
    if (!running) {
      wipe();
    }
  }

  /** Whether nothing more will come of this. */
  boolean ended() {
    return ended;
  }

  private synchronized boolean begin() {
    running = !ended;
    return running;
  }

  private synchronized void rest() {
    running = false;
    if (ended) {
      wipe();
    }
  }

  private void wipe() {
    masks.forEach(Mask::wipe);
    keys.wipe();
  }

  /**
   * Finds what these shares allow.
   *
   * @param shares at least t for each dealer
   */
  void run(Map<Integer, List<Answers.Share>> shares) {
    if (begin()) {
      try {
        recover(shares);
      } finally {
        rest();
      }
    }
  }

  private void recover(Map<Integer, List<Answers.Share>> shares) {
    for (int j = pending.nextSetBit(0);
        j >= 0 && liar < 0 && !ended;
        j = pending.nextSetBit(j + 1)) {
      List<Answers.Share> all = new ArrayList<>(shares.getOrDefault(j, List.of()));
      // A holder that was wrong once is asked last, so that it does not cost a decoding each time.
      all.sort(Comparator.comparing(share -> suspects.get(share.holder)));
      if (combines(j, all.subList(0, threshold)) || decodes(j, all)) {
        pending.clear(j);
      }
    }
    if (pending.isEmpty()) {
      keys.wipe();
    }
  }

  private boolean combines(int dealer, List<Answers.Share> some) {
    List<Answers.Share> shares = new ArrayList<>(some);
    shares.sort(Comparator.comparingInt(share -> share.holder));
    BitSet holders = new BitSet();
    shares.forEach(share -> holders.set(share.holder));
    if (weights.size() >= MOST_WEIGHTS) {
      weights.clear(); // on a sparse graph each dealer has other holders
    }
    long[] weight = weights.computeIfAbsent(holders, set -> Shamir.weights(points(shares)));
    return accept(dealer, Shamir.combine(weight, bytes(shares)));
  }

  private boolean decodes(int dealer, List<Answers.Share> shares) {
    if (shares.size() < threshold + 2) {
      return false;
    }
    ShareDecoder.Decoded decoded =
        new ShareDecoder(points(shares), threshold).decode(bytes(shares));
    if (decoded == null || !accept(dealer, decoded.secret())) {
      return false;
    }
    decoded.wrong().stream()
        .map(i -> shares.get(i).holder)
        .forEach(
            holder -> {
              suspects.set(holder);
              wrongShares.add(
                  new WrongShare(survivors.roster.slot(dealer), survivors.roster.slot(holder)));
            });
    return true;
  }

  private static int[] points(List<Answers.Share> shares) {
    return shares.stream().mapToInt(share -> share.holder + 1).toArray();
  }

  private static byte[][] bytes(List<Answers.Share> shares) {
    return shares.stream().map(Answers.Share::bytes).toArray(byte[][]::new);
  }

  /** Whether this is the secret that the dealer advertised; if so, its masks are listed. */
  private boolean accept(int dealer, byte @Nullable [] secret) {
    if (secret == null) {
      return false;
    }
    boolean right =
        survivors.indices().get(dealer)
            ? removeSelfMask(dealer, secret)
            : cancelEdges(dealer, secret);
    Arrays.fill(secret, (byte) 0);
    return right;
  }

  private boolean removeSelfMask(int j, byte[] selfSeed) {
    AdvertiseKeys member = member(j);
    byte[] commitment =
        transcript.selfCommitment(
            member.getIdentityKey().toByteArray(), member.getClientNonce().toByteArray(), selfSeed);
    if (!Arrays.equals(commitment, member.getSelfCommitment().toByteArray())) {
      return false;
    }
    masks.add(new Mask(keys.self(selfSeed, j), false));
    return true;
  }

  /** Neighbour i in U3 has added sgn(i - j) PRG(s_ij); the same is taken away again. */
  private boolean cancelEdges(int j, byte[] maskSeed) {
    byte[] identityKey = member(j).getIdentityKey().toByteArray();
    BitSet alive = survivors.roster.neighbours(j).edges();
    alive.and(survivors.indices());
    byte[] secret = transcript.maskSecret(maskSeed, identityKey);
    EdgeKem kem = postQuantum ? new EdgeKem(transcript, maskSeed, identityKey) : null;
    boolean right = isAdvertised(j, secret, kem);
    if (right && kem != null && !encapsulated(j, alive, kem)) {
      liar = j;
    } else if (right) {
      right = addEdges(j, alive, secret, kem);
    }
    Arrays.fill(secret, (byte) 0);
    if (kem != null) {
      kem.wipe();
    }
    return right;
  }

  private boolean isAdvertised(int j, byte[] secret, @Nullable EdgeKem kem) {
    return Arrays.equals(KeyAgreement.publicKey(secret), member(j).getMaskKey().toByteArray())
        && (kem == null || Arrays.equals(kem.publicKey(), member(j).getMaskKemKey().toByteArray()));
  }

  /**
   * Makes the ML-KEM secrets between a lost member and its neighbours in U3.
   *
   * @return false if a ciphertext that the member signed is not the one of its seed: the survivor
   *     it went to has masked with a secret that nobody can find
   */
  private boolean encapsulated(int j, BitSet alive, EdgeKem kem) {
    for (int i = alive.nextSetBit(0); i >= 0; i = alive.nextSetBit(i + 1)) {
      if (i < j) {
        kem.decapsulate(i, survivors.sharers.maskCiphertext(i, j));
        continue;
      }
      byte[] again = kem.encapsulate(i, member(i).getMaskKemKey().toByteArray());
      if (!Arrays.equals(survivors.sharers.maskCiphertext(j, i), again)) {
        return false;
      }
    }
    return true;
  }

  private boolean addEdges(int j, BitSet alive, byte[] secret, @Nullable EdgeKem kem) {
    byte[][] maskKeys =
        alive.stream().mapToObj(i -> member(i).getMaskKey().toByteArray()).toArray(byte[][]::new);
    byte[][] edges = keys.edges(secret, j, alive, maskKeys, kem);
    if (edges == null) {
      return false;
    }
    int at = 0;
    for (int i = alive.nextSetBit(0); i >= 0; i = alive.nextSetBit(i + 1)) {
      masks.add(new Mask(edges[at++], i < j));
    }
    return true;
  }

  private AdvertiseKeys member(int index) {
    return survivors.roster.keys(index);
  }
}
