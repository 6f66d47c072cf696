package dev.tributary.secagg.testing;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Commitment;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Neighbour;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Survivors;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A coordinator of a sparse graph that follows the protocol up to the survivors, but for a network
 * given to it, and then tells each member the set that it likes. Who was told one set gets the
 * proof of it that the signatures of all those, and of the colluders, give.
 */
public final class TwoSets implements SumWorld.Network {

  private final SumWorld world;
  private final SumWorld.Network before;
  private final int expected;
  private final BitSet colluders = new BitSet();
  private final Function<Map<Integer, int[]>, IntFunction<BitSet>> plan;
  private final AdvertiseKeys[] keys;
  private final Map<Integer, ByteString> signatures = new TreeMap<>();
  private final Map<Integer, int[]> draws = new TreeMap<>();
  private final Map<BitSet, Merkle> slots = new HashMap<>();
  private byte[] root = new byte[0];
  private byte[] sharers = new byte[0];
  private IntFunction<BitSet> sets;

  /**
   * The coordinator.
   *
   * @param before up to the survivors
   * @param expected signatures that it waits for
   * @param plan the set for each member, once inputs are in; knows draws that were made by then
   */
  public TwoSets(
      SumWorld world,
      SumWorld.Network before,
      int expected,
      int[] colluders,
      Function<Map<Integer, int[]>, IntFunction<BitSet>> plan) {
    this.world = world;
    this.before = before;
    this.expected = expected;
    this.plan = plan;
    this.keys = new AdvertiseKeys[world.parameters.clients()];
    for (int colluder : colluders) {
      this.colluders.set(colluder);
    }
  }

  @Override
  public List<Effect.Send> carry(int from, Effect.Send send) {
    Envelope message = send.message();
    if (from < 0) {
      return fromCoordinator(send);
    }
    if (message.hasAdvertiseKeys()) {
      keys[from] = message.getAdvertiseKeys();
    } else if (message.hasSample()) {
      draws.put(
          from,
          Choices.decode(
              message.getSample().getIndices(), keys.length, from, world.parameters.sample()));
      if (signatures.size() == expected) {
        post(from, proof(from));
      }
      return List.of();
    } else if (message.hasSignedSurvivors()) {
      signatures.put(from, message.getSignedSurvivors().getSignature());
      if (signatures.size() == expected) {
        signatures.keySet().forEach(this::answer);
      }
      return List.of();
    } else if (message.hasUnmask()) {
      return List.of();
    }
    return before.carry(from, send);
  }

  private List<Effect.Send> fromCoordinator(Effect.Send send) {
    Envelope message = send.message();
    if (message.hasSurvivors()) {
      if (sets == null) {
        sets = plan.apply(draws);
      }
      ByteString told =
          ByteString.copyFrom(Bitmap.encode(sets.apply(send.to()), world.parameters.clients()));
      return List.of(
          new Effect.Send(
              send.to(),
              message.toBuilder().setSurvivors(Survivors.newBuilder().setSurvivors(told)).build()));
    }
    if (sets != null) {
      return List.of();
    }
    if (message.hasRoster()) {
      root = message.getRoster().getRoot().toByteArray();
    } else if (message.hasShares()) {
      sharers = message.getShares().getSharers().toByteArray();
    }
    return before.carry(Machine.COORDINATOR, send);
  }

  private Transcript after() {
    return Transcript.of(world.sid).withRoot(root);
  }

  private Merkle tree() {
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      leaves.add(Transcript.of(world.sid).leaf(i, keys[i]));
    }
    return new Merkle(leaves);
  }

  /** Members with their places under the true root. */
  public List<Neighbour> placed(int... members) {
    Merkle tree = tree();
    List<Neighbour> placed = new ArrayList<>();
    for (int i : members) {
      placed.add(
          Neighbour.newBuilder()
              .setIndex(i)
              .setKeys(keys[i])
              .setPath(ByteString.copyFrom(tree.path(i)))
              .build());
    }
    return placed;
  }

  private void answer(int member) {
    if (world.parameters.sample() == 0) {
      post(member, proof(member));
      return;
    }
    ByteString committed = ByteString.copyFrom(slots(sets.apply(member)).root());
    post(member, envelope().setCommitment(Commitment.newBuilder().setRoot(committed)).build());
    if (draws.containsKey(member)) {
      post(member, proof(member));
    }
  }

  private Envelope.Builder envelope() {
    return Envelope.newBuilder().setSession(ByteString.copyFrom(world.sid));
  }

  private void post(int member, Envelope message) {
    world.post(0, member, new Event.Received(Machine.COORDINATOR, message));
  }

  /** What member j has signed, or signs for a friend, of a set; empty if nothing. */
  private ByteString signature(int j, BitSet set) {
    if (colluders.get(j)) {
      byte[] told = Bitmap.encode(set, keys.length);
      return ByteString.copyFrom(
          world.identities[j].signLabelled(after().survivors(sharers, told)));
    }
    boolean its = signatures.containsKey(j) && sets.apply(j).equals(set);
    return its ? signatures.get(j) : ByteString.EMPTY;
  }

  private Merkle slots(BitSet set) {
    return slots.computeIfAbsent(
        set,
        s -> {
          List<byte[]> leaves = new ArrayList<>();
          for (int j = 0; j < keys.length; j++) {
            leaves.add(after().slotLeaf(j, signature(j, s).toByteArray()));
          }
          return new Merkle(leaves);
        });
  }

  private Envelope proof(int member) {
    BitSet set = sets.apply(member);
    Merkle tree = tree();
    boolean sampled = world.parameters.sample() > 0;
    int[] shown =
        sampled ? draws.get(member) : java.util.stream.IntStream.range(0, keys.length).toArray();
    Proof.Builder proof = Proof.newBuilder();
    for (int j : shown) {
      ByteString signature = signature(j, set);
      if (!signature.isEmpty()) {
        QuorumSignature.Builder one =
            QuorumSignature.newBuilder()
                .setIndex(j)
                .setSignature(signature)
                .setKeys(keys[j].toBuilder().clearSignature())
                .setPath(ByteString.copyFrom(tree.path(j)));
        if (sampled) {
          one.setSlotPath(ByteString.copyFrom(slots(set).path(j)));
        }
        proof.addSignatures(one);
      }
    }
    return envelope().setProof(proof).build();
  }
}
