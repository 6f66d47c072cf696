package dev.tributary.secagg.client;

import static dev.tributary.secagg.testing.VectorRound.NOW;
import static dev.tributary.secagg.testing.VectorRound.finish;
import static dev.tributary.secagg.testing.VectorRound.fromServer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.graph.Graph;
import dev.tributary.secagg.testing.VectorRound;
import dev.tributary.secagg.testing.Vectors;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Choice;
import dev.tributary.wire.v1.Commitment;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Neighbour;
import dev.tributary.wire.v1.Neighbours;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Roster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Sparse graphs and the sampled quorum, seen by one client: the messages of the golden rounds, each
 * wrong in one respect, and the reason of each refusal.
 */
class SparseClientTest {

  private static final int OWN = 3;

  /** Of the lattice and the client-chosen graph. */
  private VectorRound round = new VectorRound(Vectors.of("round_lattice_n11"));

  private static ByteString flip(ByteString bytes) {
    byte[] flipped = bytes.toByteArray();
    flipped[0] ^= 1;
    return ByteString.copyFrom(flipped);
  }

  private Envelope message(String key) {
    try {
      return Envelope.parseFrom(round.vectors.bytes(key));
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** A fresh client of a round, after these messages to it. */
  private void fresh(String vectors, int own, String... before) {
    round = new VectorRound(Vectors.of(vectors));
    round.client(own, new Event.Start(Seed.of(round.vectors.bytes("start." + own))));
    int[] x = round.vectors.ints("input." + own);
    round.clients[own].on(NOW, new Event.Input(RingVector.of(round.vectors.number("ringBits"), x)));
    for (String kind : before) {
      String key = round.vectors.has(kind) ? kind : kind + "." + own;
      assertThat(give(own, message(key))).as(key).noneMatch(Effect.Finish.class::isInstance);
    }
  }

  private List<Effect> give(int own, Envelope message) {
    return round.clients[own].on(NOW, fromServer(message));
  }

  private void refused(int own, Envelope message, String code, String reason) {
    List<Effect> effects = give(own, message);
    assertThat(effects).as(reason).noneMatch(Effect.Send.class::isInstance);
    assertThat(round.clients[own].toString()).isEqualTo("SumClient[DonePhase]");
    assertThat(finish(effects))
        .isInstanceOfSatisfying(
            SumResult.Aborted.class,
            end -> {
              assertThat(end.code()).as(end.reason()).isEqualTo(code);
              assertThat(end.reason()).contains(reason);
            });
  }

  private void accepted(int own, Envelope message) {
    assertThat(give(own, message))
        .anyMatch(Effect.Send.class::isInstance)
        .noneMatch(Effect.Finish.class::isInstance);
  }

  private void lattice(String reason, Consumer<Roster.Builder> change) {
    fresh("round_lattice_n11", OWN);
    Envelope.Builder message = message("roster." + OWN).toBuilder();
    change.accept(message.getRosterBuilder());
    if (reason.isEmpty()) {
      accepted(OWN, message.build());
    } else {
      refused(OWN, message.build(), "ROSTER_REFUSED", reason);
    }
  }

  @Test
  void lattice_rosters() {
    lattice("", r -> {});
    lattice("a root has 32 bytes", r -> r.setRoot(r.getRoot().substring(1)));
    lattice("own entry missing or changed", r -> r.setRoot(flip(r.getRoot())));
    lattice("own entry missing or changed", r -> r.setPath(flip(r.getPath())));
    for (int index : new int[] {-1, OWN, 11, 1 << 20}) {
      lattice("member " + index + " is no neighbour", r -> index(r, 0, index));
    }
    lattice("not under the root", r -> r.setNeighbours(0, changed(r.getNeighbours(0))));
    lattice(
        "not under the root",
        r -> r.setNeighbours(0, r.getNeighbours(0).toBuilder().setPath(ByteString.EMPTY)));
    lattice("out of order", r -> r.addNeighbours(r.getNeighbours(0)));
    lattice("out of order", r -> r.addNeighbours(r.getNeighbours(r.getNeighboursCount() - 1)));
    lattice(
        "out of order",
        r -> {
          List<Neighbour> turned = new ArrayList<>(r.getNeighboursList());
          Collections.reverse(turned);
          r.clearNeighbours().addAllNeighbours(turned);
        });
  }

  private static void index(Roster.Builder roster, int at, int index) {
    roster.setNeighbours(at, roster.getNeighbours(at).toBuilder().setIndex(index));
  }

  private static Neighbour changed(Neighbour neighbour) {
    AdvertiseKeys.Builder keys = neighbour.getKeys().toBuilder();
    return neighbour.toBuilder().setKeys(keys.setMaskKey(flip(keys.getMaskKey()))).build();
  }

  /** t neighbours are enough, one fewer is not. */
  @Test
  void lattice_asManyNeighboursAsTheThreshold() {
    lattice("", r -> keep(r, 3));
    lattice("2 neighbours hold shares, must be >= 3", r -> keep(r, 2));
    lattice("0 neighbours hold shares", r -> keep(r, 0));
  }

  private static void keep(Roster.Builder roster, int count) {
    List<Neighbour> some = new ArrayList<>(roster.getNeighboursList().subList(0, count));
    roster.clearNeighbours().addAllNeighbours(some);
  }

  /** A coordinator builds a tree of its own, in which one neighbour repeats another's keys. */
  @Test
  void lattice_oneKeyTwice() {
    duplicate("an identity twice", (keys, other) -> other);
    duplicate(
        "a channel or mask key twice",
        (keys, other) -> keys.toBuilder().setMaskKey(other.getChannelKey()).build());
  }

  private interface Copying {
    AdvertiseKeys from(AdvertiseKeys keys, AdvertiseKeys other);
  }

  private void duplicate(String reason, Copying copying) {
    fresh("round_lattice_n11", OWN);
    int n = round.n;
    Transcript before = Transcript.of(round.vectors.bytes("sid"));
    for (int one : round.present) {
      for (int two : round.present) {
        AdvertiseKeys[] keys = new AdvertiseKeys[n];
        for (int i : round.present) {
          keys[i] = message("advertise." + i).getAdvertiseKeys();
        }
        keys[two] = copying.from(keys[two], keys[one]);
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < n; i++) {
          leaves.add(keys[i] == null ? before.absentLeaf(i) : before.leaf(i, keys[i]));
        }
        Merkle tree = new Merkle(leaves);
        byte[] key = before.withRoot(tree.root()).graphKey();
        BitSet edges = Graph.harary(n, round.parameters.degree(), key).of(OWN).edges();
        if (one == two || !edges.get(one) || !edges.get(two)) {
          continue;
        }
        Roster.Builder roster =
            Roster.newBuilder()
                .setRoot(ByteString.copyFrom(tree.root()))
                .setPath(ByteString.copyFrom(tree.path(OWN)));
        edges.stream()
            .filter(i -> keys[i] != null)
            .forEach(
                i ->
                    roster.addNeighbours(
                        Neighbour.newBuilder()
                            .setIndex(i)
                            .setKeys(keys[i])
                            .setPath(ByteString.copyFrom(tree.path(i)))));
        Envelope message = message("roster." + OWN).toBuilder().setRoster(roster).build();
        refused(OWN, message, "ROSTER_REFUSED", reason);
        return;
      }
    }
    throw new AssertionError("no two neighbours");
  }

  private void chosen(String reason, Consumer<List<Neighbour>> change) {
    fresh("round_chosen_n12", OWN, "roster");
    Envelope good = message("neighbours." + OWN);
    List<Neighbour> listed = new ArrayList<>(good.getNeighbours().getMembersList());
    change.accept(listed);
    Envelope message =
        good.toBuilder().setNeighbours(Neighbours.newBuilder().addAllMembers(listed)).build();
    if (reason.isEmpty()) {
      accepted(OWN, message);
    } else {
      refused(OWN, message, "ROSTER_REFUSED", reason);
    }
  }

  /** The place of the first neighbour that has chosen this client, or has not. */
  private static int first(List<Neighbour> listed, boolean chooser) {
    for (int i = 0; i < listed.size(); i++) {
      if (listed.get(i).hasChoice() == chooser) {
        return i;
      }
    }
    throw new AssertionError("no such neighbour");
  }

  private static void choice(List<Neighbour> listed, Consumer<Choice.Builder> change) {
    int at = first(listed, true);
    Neighbour.Builder one = listed.get(at).toBuilder();
    change.accept(one.getChoiceBuilder());
    listed.set(at, one.build());
  }

  @Test
  void chosen_neighbours() {
    chosen("", l -> {});
    chosen("12 neighbours of 12 members", l -> pad(l, 12));
    chosen("out of order", l -> pad(l, 11));
    chosen(
        "has not chosen this client",
        l -> choice(l, c -> c.setIndices(c.getIndices().substring(4))));
    chosen(
        "has not signed its choice", l -> choice(l, c -> c.setSignature(flip(c.getSignature()))));
    chosen("has not signed its choice", l -> choice(l, Choice.Builder::clearSignature));
    chosen("is not under the root", l -> l.set(first(l, false), changed(l.get(first(l, false)))));
    chosen("neighbours hold shares", l -> l.removeIf(one -> !one.hasChoice()));
    for (int index : new int[] {-1, OWN, 12}) {
      chosen(
          "member " + index + " is no neighbour",
          l -> l.set(0, l.get(0).toBuilder().clearChoice().setIndex(index).build()));
      chosen(
          "member " + index + (index == OWN ? " has not chosen this" : " is no neighbour"),
          l -> l.set(0, l.get(first(l, true)).toBuilder().setIndex(index).build()));
    }
  }

  private static void pad(List<Neighbour> listed, int size) {
    while (listed.size() < size) {
      listed.add(listed.get(0));
    }
  }

  /** Another's choice under the same root, well signed, but not of this client. */
  @Test
  void chosen_choiceOfOthers_makesNoNeighbour() {
    fresh("round_chosen_n12", OWN, "roster");
    int n = round.n;
    int degree = round.parameters.degree();
    BitSet shown = new BitSet();
    message("neighbours." + OWN)
        .getNeighbours()
        .getMembersList()
        .forEach(one -> shown.set(one.getIndex()));
    for (int other : round.present) {
      for (Neighbour one : message("neighbours." + other).getNeighbours().getMembersList()) {
        if (one.hasChoice() && one.getIndex() != OWN && !shown.get(one.getIndex())) {
          int[] theirs = Choices.decode(one.getChoice().getIndices(), n, one.getIndex(), degree);
          assertThat(theirs).doesNotContain(OWN);
          chosen(
              "member " + one.getIndex() + " has not chosen this client",
              listed -> {
                listed.add(one);
                listed.sort(Comparator.comparingInt(Neighbour::getIndex));
              });
          return;
        }
      }
    }
    throw new AssertionError("every chooser has chosen " + OWN);
  }

  @Test
  void chosen_strangerWithoutAChoice_isNoNeighbour() {
    fresh("round_chosen_n12", OWN, "roster");
    List<Neighbour> good = message("neighbours." + OWN).getNeighbours().getMembersList();
    // Some chooser that this client has not chosen is a stranger without its choice.
    boolean found = false;
    for (int at = 0; at < good.size(); at++) {
      fresh("round_chosen_n12", OWN, "roster");
      if (!good.get(at).hasChoice()) {
        continue;
      }
      List<Neighbour> listed = new ArrayList<>(good);
      listed.set(at, good.get(at).toBuilder().clearChoice().build());
      Envelope message =
          message("neighbours." + OWN).toBuilder()
              .setNeighbours(Neighbours.newBuilder().addAllMembers(listed))
              .build();
      List<Effect> effects = give(OWN, message);
      if (effects.stream().anyMatch(Effect.Finish.class::isInstance)) {
        assertThat(((SumResult.Aborted) finish(effects)).reason()).endsWith("is no neighbour");
        found = true;
      }
    }
    assertThat(found).isTrue();
  }

  private static final String[] UP_TO_SURVIVORS = {"roster", "neighbours", "shares", "survivors"};

  @Test
  void sampled_commitmentOfAnotherLength_isRefused() {
    for (int length : new int[] {0, 31, 33}) {
      fresh("round_sampled_n12", 1, UP_TO_SURVIVORS);
      Envelope bad =
          message("commitment").toBuilder()
              .setCommitment(Commitment.newBuilder().setRoot(ByteString.copyFrom(new byte[length])))
              .build();
      refused(1, bad, "PROOF_REFUSED", "a commitment has 32 bytes");
    }
  }

  private void proof(String reason, Consumer<Proof.Builder> change) {
    fresh("round_sampled_n12", 1, UP_TO_SURVIVORS);
    accepted(1, message("commitment"));
    Envelope.Builder message = message("proof.1").toBuilder();
    change.accept(message.getProofBuilder());
    if (reason.isEmpty()) {
      List<Effect> effects = give(1, message.build());
      assertThat(finish(effects)).isInstanceOf(SumResult.Contributed.class);
    } else {
      refused(1, message.build(), "PROOF_REFUSED", reason);
    }
  }

  @Test
  void sampled_proofs() {
    proof("", p -> {});
    proof("signatures of 12 members", p -> repeat(p, 13));
    proof("a signer twice", p -> repeat(p, 12));
    for (int index : new int[] {-1, 12}) {
      proof("a signer outside the roster", p -> signer(p, s -> s.setIndex(index)));
    }
    proof("not drawn, or not committed", p -> signer(p, s -> s.setSlotPath(flip(s.getSlotPath()))));
    proof(
        "not drawn, or not committed", p -> signer(p, s -> s.setSignature(flip(s.getSignature()))));
    proof("valid signatures over the set signed here", Proof.Builder::clearSignatures);
    proof("valid signatures over the set", p -> each(p, s -> s.setPath(flip(s.getPath()))));
    proof(
        "valid signatures over the set",
        p -> each(p, s -> s.getKeysBuilder().setMaskKey(flip(s.getKeys().getMaskKey()))));
    int accepted = round.parameters.accepted();
    proof("", p -> first(p, accepted));
    proof("valid signatures over the set", p -> first(p, accepted - 1));
  }

  private static void first(Proof.Builder proof, int count) {
    List<QuorumSignature> some = new ArrayList<>(proof.getSignaturesList().subList(0, count));
    proof.clearSignatures().addAllSignatures(some);
  }

  private static void each(Proof.Builder proof, Consumer<QuorumSignature.Builder> change) {
    proof.getSignaturesBuilderList().forEach(change);
  }

  private static void signer(Proof.Builder proof, Consumer<QuorumSignature.Builder> change) {
    change.accept(proof.getSignaturesBuilder(proof.getSignaturesCount() - 1));
  }

  private static void repeat(Proof.Builder proof, int size) {
    while (proof.getSignaturesCount() < size) {
      proof.addSignatures(proof.getSignatures(0));
    }
  }

  @Test
  void sampled_signatureThatWasNotDrawn_isRefused() {
    fresh("round_sampled_n12", 1, UP_TO_SURVIVORS);
    BitSet shown = new BitSet();
    message("proof.1").getProof().getSignaturesList().forEach(s -> shown.set(s.getIndex()));
    for (int other : round.survivors()) {
      for (QuorumSignature signature : message("proof." + other).getProof().getSignaturesList()) {
        if (!shown.get(signature.getIndex()) && signature.getIndex() != 1) {
          proof("not drawn, or not committed", p -> p.addSignatures(signature));
          return;
        }
      }
    }
    assertThat(Arrays.toString(round.survivors())).as("nobody has drawn another").isEmpty();
  }

  /** A neighbour that shared, but was left out of the roster that this client saw. */
  @Test
  void lattice_hiddenNeighbourAmongTheSharers_isNoticed() {
    lattice("", r -> {});
    List<Neighbour> shown = message("roster." + OWN).getRoster().getNeighboursList();
    for (int hidden = 0; hidden < shown.size(); hidden++) {
      int left = hidden;
      lattice("", r -> r.removeNeighbours(left));
      Envelope.Builder shares = message("shares." + OWN).toBuilder();
      ByteString sealed = shares.getShares().getCiphertexts();
      int length = sealed.size() / shown.size();
      shares
          .getSharesBuilder()
          .setCiphertexts(
              sealed.substring(0, length * left).concat(sealed.substring(length * (left + 1))));
      String reason = "neighbour " + shown.get(left).getIndex() + " has shared and was not shown";
      refused(OWN, shares.build(), "PROTOCOL_VIOLATION", reason);
    }
  }
}
