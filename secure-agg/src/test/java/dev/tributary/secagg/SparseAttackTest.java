package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Graph;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Neighbour;
import dev.tributary.wire.v1.Roster;
import dev.tributary.wire.v1.Shares;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A coordinator that lies about the ring lattice, to client 4 of twelve. */
class SparseAttackTest {

  private static final int N = 12;
  private static final int VICTIM = 4;
  private static final SumParameters TWELVE =
      InjectedSa1.parameters(Mode.CURIOUS, N, 0.3, 4, 3, 0, 20);

  private final AdvertiseKeys[] keys = new AdvertiseKeys[N];
  private SumWorld world;

  @BeforeEach
  void world() {
    world = new SumWorld(new InjectedSa1(), TWELVE, 5);
  }

  private SumResult.Aborted attacked(KindCase kind, UnaryOperator<Envelope> change) {
    boolean[] input = new boolean[1];
    SumWorld.Network bent = Bend.to(VICTIM, kind, change);
    world.network(
        (from, send) -> {
          if (send.message().hasAdvertiseKeys()) {
            keys[from] = send.message().getAdvertiseKeys();
          }
          input[0] |= from == VICTIM && send.message().hasMaskedInput();
          return bent.carry(from, send);
        });
    world.run();
    assertThat(world.results[VICTIM]).isInstanceOf(SumResult.Aborted.class);
    assertThat(input[0]).as("a masked input has left").isFalse();
    return (SumResult.Aborted) world.results[VICTIM];
  }

  private SumResult.Aborted rosterOf(UnaryOperator<Roster.Builder> change) {
    return attacked(
        KindCase.ROSTER,
        m -> m.toBuilder().setRoster(change.apply(m.getRoster().toBuilder())).build());
  }

  /** The roster over these keys, as a coordinator that follows the protocol would send it. */
  private Roster.Builder roster(AdvertiseKeys[] members, int[] neighbours) {
    Transcript before = Transcript.of(world.sid);
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      leaves.add(before.leaf(i, members[i]));
    }
    Merkle tree = new Merkle(leaves);
    Roster.Builder roster =
        Roster.newBuilder()
            .setRoot(ByteString.copyFrom(tree.root()))
            .setPath(ByteString.copyFrom(tree.path(VICTIM)));
    for (int j : neighbours) {
      roster.addNeighbours(
          Neighbour.newBuilder()
              .setIndex(j)
              .setKeys(members[j])
              .setPath(ByteString.copyFrom(tree.path(j))));
    }
    return roster;
  }

  private int[] lattice(Roster.Builder of) {
    Transcript after = Transcript.of(world.sid).withRoot(of.getRoot().toByteArray());
    return Graph.harary(N, 4, after.graphKey()).of(VICTIM).edges().stream().toArray();
  }

  @Test
  void row24_neighboursOfTheCoordinatorsChoice_areRefused() {
    SumResult.Aborted aborted =
        rosterOf(
            r -> {
              // A permutation of its own: the victim's neighbours would be four others.
              int[] wanted = new int[4];
              List<Integer> right = java.util.Arrays.stream(lattice(r)).boxed().toList();
              for (int j = 0, at = 0; at < 4; j++) {
                if (j != VICTIM && !right.contains(j)) {
                  wanted[at++] = j;
                }
              }
              return roster(keys, wanted);
            });
    assertThat(aborted.code()).isEqualTo("ROSTER_REFUSED");
    assertThat(aborted.reason()).contains("is no neighbour");
  }

  @Test
  void row24_oneStrangerAmongTheNeighbours_isRefused() {
    SumResult.Aborted aborted =
        rosterOf(
            r -> {
              int[] right = lattice(r);
              int stranger = 0;
              while (stranger == VICTIM || java.util.Arrays.binarySearch(right, stranger) >= 0) {
                stranger++;
              }
              right[0] = stranger;
              java.util.Arrays.sort(right);
              return roster(keys, right);
            });
    assertThat(aborted.reason()).contains("is no neighbour");
  }

  /** Row 10: other keys than those under the root, with the path of the right ones or any other. */
  @Test
  void row10_keysOutsideTheRoot_areRefused() {
    List<UnaryOperator<Neighbour.Builder>> changes =
        List.of(
            m -> m.setKeys(m.getKeys().toBuilder().setMaskKey(bytes(32))),
            m -> m.setPath(bytes(m.getPath().size())),
            m -> m.setPath(m.getPath().substring(32)),
            m -> m.setPath(m.getPath().concat(bytes(32))),
            m -> m.clearPath());
    for (UnaryOperator<Neighbour.Builder> change : changes) {
      world();
      SumResult.Aborted aborted =
          rosterOf(r -> r.setNeighbours(1, change.apply(r.getNeighbours(1).toBuilder())));
      assertThat(aborted.code()).isEqualTo("ROSTER_REFUSED");
      assertThat(aborted.reason()).contains("not under the root");
    }
  }

  private static ByteString bytes(int length) {
    return ByteString.copyFrom(new byte[length]);
  }

  /** Row 10: keys that nobody signed, under a root of the coordinator's. */
  @Test
  void row10_invertedKeysUnderARootOfItsOwn_areRefused() {
    SumResult.Aborted aborted =
        rosterOf(
            r -> {
              // Whoever the neighbours turn out to be under the new root, none has signed its keys.
              AdvertiseKeys[] forged = keys.clone();
              for (int j = 0; j < N; j++) {
                if (j != VICTIM) {
                  byte[] other = forged[j].getMaskKey().toByteArray();
                  other[3] ^= 1;
                  forged[j] = forged[j].toBuilder().setMaskKey(ByteString.copyFrom(other)).build();
                }
              }
              return roster(forged, lattice(roster(forged, new int[0])));
            });
    assertThat(aborted.reason()).contains("signature is wrong");
  }

  @Test
  void row11_ownPlaceFalse_isRefused() {
    List<UnaryOperator<Roster.Builder>> changes =
        List.of(
            r -> r.setPath(bytes(r.getPath().size())),
            r -> r.clearPath(),
            r -> r.clearRoot(),
            r -> r.setRoot(bytes(32)));
    for (UnaryOperator<Roster.Builder> change : changes) {
      world();
      assertThat(rosterOf(change).code()).isEqualTo("ROSTER_REFUSED");
    }
  }

  @Test
  void row16_identityTwiceAmongTheNeighbours_isRefused() {
    SumResult.Aborted aborted =
        rosterOf(
            r -> {
              AdvertiseKeys[] sybils = new AdvertiseKeys[N];
              java.util.Arrays.fill(sybils, keys[0]);
              sybils[VICTIM] = keys[VICTIM];
              return roster(sybils, lattice(roster(sybils, new int[0])));
            });
    assertThat(aborted.reason()).contains("twice");
  }

  @Test
  void row24_repeatedOrDisorderedNeighbours_areRefused() {
    assertThat(rosterOf(r -> r.addNeighbours(r.getNeighbours(0))).reason())
        .contains("out of order");
    world();
    assertThat(rosterOf(r -> r.addNeighbours(r.getNeighbours(3))).reason())
        .contains("out of order");
    world();
    assertThat(rosterOf(r -> r.removeNeighbours(0).removeNeighbours(0)).reason())
        .contains("2 neighbours hold shares, must be >= 3");
  }

  /** A neighbour that is kept from the victim, but is in U2, would leave its edge unmasked. */
  @Test
  void row24_hiddenNeighbour_isNoticedInTheSharers() {
    boolean[] input = new boolean[1];
    ByteString all = ByteString.copyFrom(new byte[] {-1, 15});
    world.network(
        (from, send) -> {
          input[0] |= from == VICTIM && send.message().hasMaskedInput();
          Envelope message = send.message();
          if (from < 0 && send.to() == VICTIM) {
            // The coordinator's own end drops the victim, whose shares are too few; a liar would
            // not.
            return message.hasRoster()
                ? List.of(
                    new Effect.Send(
                        VICTIM,
                        message.toBuilder()
                            .setRoster(message.getRoster().toBuilder().removeNeighbours(0))
                            .build()))
                : List.of();
          }
          if (from < 0 && send.to() == 0 && message.hasShares()) {
            Shares shares = Shares.newBuilder().setSharers(all).setCiphertexts(bytes(300)).build();
            return List.of(
                send, new Effect.Send(VICTIM, message.toBuilder().setShares(shares).build()));
          }
          return List.of(send);
        });
    world.run();
    SumResult.Aborted aborted = (SumResult.Aborted) world.results[VICTIM];
    assertThat(aborted.code()).isEqualTo("PROTOCOL_VIOLATION");
    assertThat(aborted.reason()).contains("was not shown");
    assertThat(input[0]).isFalse();
  }

  /** Row 8: k and t of the coordinator's choice. */
  @Test
  void row8_anotherDegreeOrThreshold_isRefused() {
    SumParameters p = SumParameters.derive(Sa1.ID, Mode.CURIOUS, 1000, .05, .05, 2, 0, 20, 40);
    assertThat(p.degree()).isEqualTo(34);
    assertThat(p.threshold()).isEqualTo(18);
    assertThat(p.quorum()).isZero();
    int[][] weaker = {{32, 18}, {0, 18}, {999, 501}, {34, 17}, {34, 19}, {62, 43}};
    for (int[] kt : weaker) {
      SumParameters other =
          new SumParameters(Sa1.ID, Mode.CURIOUS, 1000, .05, .05, kt[0], kt[1], 0, 0, 2, 0, 20, 40);
      assertThat(new Sa1().check(other)).as("k %d, t %d", kt[0], kt[1]).isNotEmpty();
      assertThatThrownBy(other::check).isInstanceOf(SumParametersException.class);
    }
  }
}
