package dev.tributary.secagg.graph;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What one member sees of its graph: the holders of its shares, the dealers whose shares it holds,
 * and those with whom it masks, who are both together. Roster indices, itself never among them.
 */
public final class Neighbours {

  private final int own;
  private final int[] holders;
  private final int[] dealers;
  private final int[] edges;
  private final boolean complete;

  private Neighbours(int own, int[] holders, int[] dealers, int[] edges, boolean complete) {
    this.own = own;
    this.holders = holders;
    this.dealers = dealers;
    this.edges = edges;
    this.complete = complete;
  }

  /** All others of n. */
  public static Neighbours complete(int n, int own) {
    int[] others = IntStream.range(0, n).filter(j -> j != own).toArray();
    return new Neighbours(own, others, others, others, true);
  }

  /** Neighbours that deal to each other. */
  public static Neighbours symmetric(int own, int[] neighbours) {
    int[] ascending = ascending(own, neighbours);
    return new Neighbours(own, ascending, ascending, ascending, false);
  }

  /** Holders that this member has chosen, and members that have chosen it and deal to it. */
  public static Neighbours directed(int own, int[] chosen, int[] choosers) {
    int[] holders = ascending(own, chosen);
    int[] dealers = ascending(own, choosers);
    int[] edges =
        IntStream.concat(IntStream.of(holders), IntStream.of(dealers))
            .sorted()
            .distinct()
            .toArray();
    return new Neighbours(own, holders, dealers, edges, false);
  }

  private static int[] ascending(int own, int[] indices) {
    int[] sorted = IntStream.of(indices).sorted().distinct().toArray();
    if (sorted.length != indices.length || Arrays.binarySearch(sorted, own) >= 0) {
      throw new IllegalArgumentException("a neighbour twice, or member " + own + " its own");
    }
    return sorted;
  }

  /** The same without those that are not in this set. */
  public Neighbours within(BitSet present) {
    if (complete) {
      throw new IllegalStateException("the complete graph is that of its members");
    }
    return new Neighbours(
        own,
        keep(holders, present::get),
        keep(dealers, present::get),
        keep(edges, present::get),
        false);
  }

  private static int[] keep(int[] indices, IntPredicate wanted) {
    return IntStream.of(indices).filter(wanted).toArray();
  }

  /** To whom this member deals, a copy. */
  public BitSet holders() {
    return set(holders);
  }

  /** Who deals to this member, a copy. */
  public BitSet dealers() {
    return set(dealers);
  }

  /** With whom this member masks, a copy. */
  public BitSet edges() {
    return set(edges);
  }

  private static BitSet set(int[] indices) {
    BitSet set = new BitSet();
    for (int index : indices) {
      set.set(index);
    }
    return set;
  }

  /** How many hold this member's shares. */
  public int holderCount() {
    return holders.length;
  }

  /** The place of a holder among all of them, in ascending order. */
  public int place(int holder) {
    int place = Arrays.binarySearch(holders, holder);
    if (place < 0) {
      throw new IllegalArgumentException(holder + " holds no shares of " + own);
    }
    return place;
  }

  /**
   * Those of a set whose shares count against the threshold: holders, and on the complete graph,
   * whose threshold counts members, this member itself. On a sparse graph the threshold is above
   * the corrupt among the neighbours, so one honest holder at least is among the live only if the
   * member itself is not counted.
   */
  public int live(BitSet set) {
    return complete ? set.cardinality() : sharesIn(set) - (set.get(own) ? 1 : 0);
  }

  /** Shares of this member's own secret among the members of a set: it keeps one itself. */
  public int sharesIn(BitSet set) {
    if (complete) {
      return set.cardinality();
    }
    int shares = set.get(own) ? 1 : 0;
    for (int holder : holders) {
      shares += set.get(holder) ? 1 : 0;
    }
    return shares;
  }
}
