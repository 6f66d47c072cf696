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

/**
 * Shares of the needed secrets, one secret for each sharer: its self mask or its mask seed, never
 * both. The first t of each are kept.
 */
final class Answers {

  /** The share of one holder. Prints nothing of it. */
  static final class Share {

    final int holder;
    final byte[] bytes;

    Share(int holder, byte[] bytes) {
      this.holder = holder;
      this.bytes = bytes;
    }

    @Override
    public String toString() {
      return "Share[holder=" + holder + ", redacted]";
    }
  }

  private final int threshold;
  private final Map<Integer, List<Share>> byDealer = new HashMap<>();
  private final Set<Integer> holders = new TreeSet<>();
  private int complete;

  /** Answers for the secrets of these dealers. */
  Answers(BitSet dealers, int threshold) {
    this.threshold = threshold;
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      byDealer.put(j, new ArrayList<>(threshold));
    }
  }

  /** Takes in shares of 40 bytes for these dealers, in their order. */
  void add(int holder, BitSet dealers, ByteString shares) {
    holders.add(holder);
    int at = 0;
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      List<Share> held = byDealer.get(j);
      if (held != null && held.size() < threshold) {
        held.add(new Share(holder, shares.substring(at, at + Shamir.SHARE_LENGTH).toByteArray()));
        if (held.size() == threshold) {
          complete++;
        }
      }
      at += Shamir.SHARE_LENGTH;
    }
  }

  Set<Integer> holders() {
    return holders;
  }

  boolean enough() {
    return complete == byDealer.size();
  }

  /** A dealer whose secret stays below t shares even if this many more answer in full, or -1. */
  int hopeless(int more) {
    for (Map.Entry<Integer, List<Share>> entry : byDealer.entrySet()) {
      if (entry.getValue().size() + more < threshold) {
        return entry.getKey();
      }
    }
    return -1;
  }

  /** The t shares of a dealer's secret. */
  List<Share> of(int dealer) {
    return List.copyOf(byDealer.getOrDefault(dealer, List.of()));
  }
}
