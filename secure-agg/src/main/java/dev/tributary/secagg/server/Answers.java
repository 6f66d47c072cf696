package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Shamir;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;

/**
 * Shares of the needed secrets, one secret for each sharer: its self mask or its mask seed, never
 * both. All are kept, as views of the messages that brought them: beyond t they correct wrong ones.
 */
final class Answers {

  /** The share of one holder. Prints nothing of it. */
  static final class Share {

    final int holder;
    private final ByteString bytes;

    Share(int holder, ByteString bytes) {
      this.holder = holder;
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }

    @Override
    public String toString() {
      return "Share[holder=" + holder + ", redacted]";
    }
  }

  private final Map<Integer, List<Share>> byDealer = new HashMap<>();
  private final Set<Integer> holders = new TreeSet<>();

  /** Answers for the secrets of these dealers. */
  Answers(BitSet dealers) {
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      byDealer.put(j, new ArrayList<>());
    }
  }

  /** Takes in shares of 40 bytes for these dealers, in their order. */
  void add(int holder, BitSet dealers, ByteString shares) {
    holders.add(holder);
    int at = 0;
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      List<Share> held = byDealer.get(j);
      if (held != null) {
        held.add(new Share(holder, shares.substring(at, at + Shamir.SHARE_LENGTH)));
      }
      at += Shamir.SHARE_LENGTH;
    }
  }

  Set<Integer> holders() {
    return holders;
  }

  /**
   * The first of these dealers whose secret has fewer than this many shares, or -1.
   *
   * @param more shares of a dealer that are counted as if they had come
   */
  int below(int wanted, BitSet dealers, IntUnaryOperator more) {
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      List<Share> held = byDealer.get(j);
      int count = held == null ? 0 : held.size();
      if (count < wanted && count + more.applyAsInt(j) < wanted) {
        return j;
      }
    }
    return -1;
  }

  /** The shares of each dealer's secret so far, in the order of arrival; a copy. */
  Map<Integer, List<Share>> copy() {
    Map<Integer, List<Share>> copy = new HashMap<>();
    byDealer.forEach((dealer, shares) -> copy.put(dealer, List.copyOf(shares)));
    return copy;
  }
}
