package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.graph.Graph;
import dev.tributary.secagg.graph.Neighbours;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Choice;
import dev.tributary.wire.v1.Neighbour;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * U1 and what follows from it. On the complete graph the roster index of a member is its place
 * among the slots of U1. On a sparse graph it is the slot: the graph, whose degree counts with
 * dropouts, is one of all clients that were asked, and a slot that has not advertised is a lost
 * neighbour.
 */
final class Roster {

  /** A member that advertised. */
  record Member(AdvertiseKeys keys, Signatures.PublicKey identity) {}

  private final Transcript transcript;
  private final List<Integer> slots;
  private final Map<Integer, Member> members;
  private final Merkle tree;
  private final Graph graph;
  private final Map<Integer, Choice> choices;
  private final @Nullable Neighbours[] neighbours;
  private final Map<Integer, Neighbour> placed = new HashMap<>();

  private Roster(
      Transcript transcript,
      List<Integer> slots,
      Map<Integer, Member> members,
      Merkle tree,
      Graph graph,
      Map<Integer, Choice> choices) {
    this.transcript = transcript;
    this.slots = slots;
    this.members = members;
    this.tree = tree;
    this.graph = graph;
    this.choices = choices;
    this.neighbours = new Neighbours[slots.size()];
  }

  /** Everybody of U1 with everybody. */
  static Roster complete(Transcript before, SortedMap<Integer, Member> bySlot) {
    Map<Integer, Member> members = new TreeMap<>();
    bySlot.values().forEach(member -> members.put(members.size(), member));
    int n = members.size();
    Merkle tree = tree(before, n, members);
    return new Roster(
        before.withRoot(tree.root()),
        List.copyOf(bySlot.keySet()),
        members,
        tree,
        Graph.complete(n),
        Map.of());
  }

  /**
   * The sparse graph over n slots.
   *
   * @param graph of the transcript that holds the root
   */
  static Roster sparse(
      Transcript before,
      SortedMap<Integer, Member> bySlot,
      int n,
      Function<Transcript, Graph> graph) {
    Merkle tree = tree(before, n, bySlot);
    Transcript after = before.withRoot(tree.root());
    List<Integer> slots = IntStream.range(0, n).boxed().toList();
    return new Roster(after, slots, new TreeMap<>(bySlot), tree, graph.apply(after), Map.of());
  }

  /** The same roster under the graph of these choices; who has made none is no member any more. */
  Roster chosen(Map<Integer, Choice> made) {
    Map<Integer, Member> left = new TreeMap<>(members);
    left.keySet().retainAll(made.keySet());
    Map<Integer, int[]> indices = new TreeMap<>();
    made.forEach(
        (index, choice) -> {
          int degree = choice.getIndices().size() / Integer.BYTES;
          int[] chosen = Choices.decode(choice.getIndices(), size(), index, degree);
          indices.put(index, Objects.requireNonNull(chosen, "a choice that was not checked"));
        });
    return new Roster(transcript, slots, left, tree, Graph.chosen(indices), Map.copyOf(made));
  }

  private static Merkle tree(Transcript before, int n, Map<Integer, Member> members) {
    List<byte[]> leaves = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      Member member = members.get(i);
      leaves.add(member == null ? before.absentLeaf(i) : before.leaf(i, member.keys()));
    }
    return new Merkle(leaves);
  }

  Transcript transcript() {
    return transcript;
  }

  /** Indices, of which a sparse graph has some that nobody holds. */
  int size() {
    return slots.size();
  }

  /** What this member advertised. */
  AdvertiseKeys keys(int index) {
    return member(index).keys();
  }

  /** This member's decoded identity key. */
  Signatures.PublicKey identity(int index) {
    return member(index).identity();
  }

  private Member member(int index) {
    return Objects.requireNonNull(members.get(index), "nobody of this index has advertised");
  }

  /** All that advertised, in the order of the roster. */
  List<AdvertiseKeys> advertised() {
    return members.values().stream().map(Member::keys).toList();
  }

  /** The neighbours of a member among those that advertised. */
  Neighbours neighbours(int index) {
    Neighbours known = neighbours[index];
    if (known == null) {
      known = graph.of(index);
      if (members.size() < size()) {
        known = known.within(present());
      }
      neighbours[index] = known;
    }
    return known;
  }

  private BitSet present() {
    BitSet present = new BitSet();
    members.keySet().forEach(present::set);
    return present;
  }

  /** A roster message with the root alone. */
  dev.tributary.wire.v1.Roster.Builder rooted() {
    return dev.tributary.wire.v1.Roster.newBuilder()
        .setRoot(ByteString.copyFrom(transcript.root()));
  }

  /** The neighbours of a member that have advertised, each with its place under the root. */
  List<Neighbour> shownTo(int index) {
    Neighbours around = neighbours(index);
    BitSet dealers = around.dealers();
    return around.edges().stream()
        .mapToObj(j -> placed(j, choices.containsKey(j) && dealers.get(j)))
        .toList();
  }

  /** A member with its place under the root; one object, to however many it goes. */
  private Neighbour placed(int index, boolean withChoice) {
    return placed.computeIfAbsent(
        withChoice ? index : -1 - index,
        key -> {
          Neighbour.Builder one =
              Neighbour.newBuilder().setIndex(index).setKeys(keys(index)).setPath(path(index));
          Choice choice = choices.get(index);
          return withChoice && choice != null ? one.setChoice(choice).build() : one.build();
        });
  }

  /** The Merkle path of a leaf. */
  ByteString path(int index) {
    return ByteString.copyFrom(tree.path(index));
  }

  /** The slot of a roster index. */
  int slot(int index) {
    return slots.get(index);
  }

  /** The roster index of a slot of U1. */
  int index(int slot) {
    int index = Collections.binarySearch(slots, slot);
    if (index < 0) {
      throw new IllegalArgumentException("slot " + slot + " is not in the roster");
    }
    return index;
  }

  /** Roster indices of slots of U1. */
  BitSet indices(BitSet ofSlots) {
    BitSet indices = new BitSet();
    for (int i = 0; i < slots.size(); i++) {
      indices.set(i, ofSlots.get(slots.get(i)));
    }
    return indices;
  }

  byte[] bitmap(BitSet indices) {
    return Bitmap.encode(indices, size());
  }
}
