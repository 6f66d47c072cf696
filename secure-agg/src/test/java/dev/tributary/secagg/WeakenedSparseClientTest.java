package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.client.WeakClient.Weakness;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.TwoSets;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Neighbours;
import dev.tributary.wire.v1.Roster;
import dev.tributary.wire.v1.Shares;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Attacks on weakened clients of the sparse graphs and of a sampled quorum. */
class WeakenedSparseClientTest extends WeakenedClients {

  private static final SumParameters LATTICE =
      InjectedSa1.parameters(Mode.CURIOUS, N, 0.3, 4, 3, 0, 20);
  private static final SumParameters CHOSEN =
      InjectedSa1.parameters(Mode.MALICIOUS, N, 0.3, 5, 3, 7, 20);
  private static final SumParameters SAMPLED =
      InjectedSa1.parameters(Mode.MALICIOUS, 24, 0.1, 6, 3, 13, 12, 20);

  /** Whom the victim chooses in the world of these parameters. */
  private static int[] chosen(SumParameters parameters) {
    int[][] chosen = new int[1][];
    SumWorld honest = world(parameters, false);
    honest.network(
        (from, send) -> {
          if (from == VICTIM && send.message().hasChoice()) {
            ByteString indices = send.message().getChoice().getIndices();
            chosen[0] = Choices.decode(indices, parameters.clients(), VICTIM, parameters.degree());
          }
          return chosen[0] == null ? List.of(send) : List.of();
        });
    honest.run();
    return chosen[0];
  }

  /**
   * Row 24, grinding: the victim's neighbours are those that the coordinator likes, all corrupt.
   */
  private int[] surrounded(SumParameters parameters, int[] corrupt, Weakness... weaknesses) {
    world = world(parameters, false, weaknesses);
    TwoSets[] lying = new TwoSets[1];
    SumWorld.Network roster =
        Bend.to(
            VICTIM,
            parameters == LATTICE ? KindCase.ROSTER : KindCase.NEIGHBOURS,
            m ->
                parameters == LATTICE
                    ? m.toBuilder()
                        .setRoster(
                            Roster.newBuilder()
                                .setRoot(m.getRoster().getRoot())
                                .setPath(m.getRoster().getPath())
                                .addAllNeighbours(lying[0].placed(corrupt)))
                        .build()
                    : m.toBuilder()
                        .setNeighbours(
                            Neighbours.newBuilder().addAllMembers(lying[0].placed(corrupt)))
                        .build());
    lying[0] = lying(roster, N, corrupt, draws -> member -> everybody(N));
    world.run();
    return eavesdropper.vector(corrupt);
  }

  @Test
  void row24_grinding_onTheLattice() {
    int[] corrupt = {0, 1, 2, 3};
    assertThat(surrounded(LATTICE, corrupt)).isNull();
    assertThat(victimsEnd()).isEqualTo("ROSTER_REFUSED");
    assertThat(
            surrounded(LATTICE, corrupt, Weakness.BELIEVES_NEIGHBOURS, Weakness.BELIEVES_SHARERS))
        .isEqualTo(world.inputs[VICTIM]);
  }

  @Test
  void row24_grinding_ofChoices() {
    int[] corrupt = {0, 1, 2, 3, 5};
    assertThat(surrounded(CHOSEN, corrupt)).isNull();
    assertThat(victimsEnd()).isEqualTo("ROSTER_REFUSED");
    assertThat(surrounded(CHOSEN, corrupt, Weakness.BELIEVES_NEIGHBOURS, Weakness.BELIEVES_SHARERS))
        .isEqualTo(world.inputs[VICTIM]);
  }

  /**
   * Rows 12 and 24: the victim hears that of its neighbours two corrupt ones alone have shared, all
   * others that everybody has; they open the victim's self mask, fewer than t of them corrupt.
   */
  private int[] isolated(Weakness... weaknesses) {
    int[] chosen = chosen(CHOSEN);
    int[] corrupt = {chosen[0], chosen[1]};
    world = world(CHOSEN, false, weaknesses);
    BitSet left = new BitSet();
    left.set(VICTIM);
    left.set(corrupt[0]);
    left.set(corrupt[1]);
    List<Integer> dealers = new ArrayList<>();
    SumWorld.Network alone =
        Bend.to(
            VICTIM,
            KindCase.SHARES,
            m -> {
              ByteString of = ByteString.EMPTY;
              for (int at = 0; at < dealers.size(); at++) {
                if (left.get(dealers.get(at))) {
                  of =
                      of.concat(m.getShares().getCiphertexts().substring(100 * at, 100 * at + 100));
                }
              }
              Shares.Builder shares = Shares.newBuilder().setCiphertexts(of);
              shares.setSharers(ByteString.copyFrom(Bitmap.encode(left, N)));
              return m.toBuilder().setShares(shares).build();
            });
    lying(
        (from, send) -> {
          if (from < 0 && send.to() == VICTIM && send.message().hasNeighbours()) {
            send.message().getNeighbours().getMembersList().stream()
                .filter(one -> one.hasChoice())
                .forEach(one -> dealers.add(one.getIndex()));
          }
          return alone.carry(from, send);
        },
        N - 1,
        corrupt,
        draws -> member -> everybody(N));
    world.run();
    return eavesdropper.vector(chosen);
  }

  @Test
  void row12_row24_isolatedVictim() {
    assertThat(isolated()).isNull();
    assertThat(victimsEnd()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(isolated(Weakness.BELIEVES_SHARERS)).isEqualTo(world.inputs[VICTIM]);
  }

  /** Row 12: the victim's holders are told two sets, one with it and one without it. */
  private int[] twoCamps(Weakness... weaknesses) {
    int[] chosen = chosen(CHOSEN);
    BitSet without = new BitSet();
    without.set(chosen[0]);
    without.set(chosen[1]);
    without.set(chosen[2]);
    for (int i = 0; without.cardinality() < N / 2; i++) {
      if (i != VICTIM && Arrays.binarySearch(chosen, i) < 0) {
        without.set(i);
      }
    }
    BitSet fewer = everybodyBut(VICTIM, N);
    world = world(CHOSEN, true, weaknesses);
    lying(
        (from, send) -> List.of(send),
        N,
        new int[0],
        draws -> member -> without.get(member) ? fewer : everybody(N));
    world.run();
    return eavesdropper.vector(chosen);
  }

  @Test
  void row12_twoSurvivorSets() {
    assertThat(twoCamps()).isNull();
    assertThat(victimsEnd()).isEqualTo("PROOF_REFUSED");
    assertThat(world.sent).noneMatch(send -> send.message().hasUnmask());
    assertThat(twoCamps(Weakness.ASKS_NO_PROOF)).isEqualTo(world.inputs[VICTIM]);
  }

  /**
   * Row 12: the same with a sampled quorum, two colluders, and signers divided by what two honest
   * holders of the victim's shares have drawn; by halves where nobody has drawn yet. Each of four
   * honest holders then accepts with probability 3 %, and one in either half must: 0.4 % over all
   * seeds, of which this is one.
   */
  private int[] adaptive(Weakness... weaknesses) {
    int n = SAMPLED.clients();
    int[] chosen = chosen(SAMPLED);
    int[] corrupt = {chosen[0], chosen[1]};
    world = world(SAMPLED, true, weaknesses);
    BitSet fewer = everybodyBut(VICTIM, n);
    lying(
        (from, send) -> List.of(send),
        n,
        corrupt,
        draws -> {
          BitSet without = divided(draws, chosen);
          return member -> without.get(member) ? fewer : everybody(n);
        });
    world.run();
    return eavesdropper.vector(chosen);
  }

  /** Who is told the set without the victim. */
  private static BitSet divided(Map<Integer, int[]> draws, int[] chosen) {
    int n = SAMPLED.clients();
    BitSet halves = new BitSet();
    halves.set(chosen[3]);
    for (int i = 0; halves.cardinality() < n / 2; i++) {
      if (i != VICTIM && i != chosen[2]) {
        halves.set(i);
      }
    }
    for (int with : chosen) {
      for (int without : chosen) {
        boolean honest = with != without && with > chosen[1] && without > chosen[1];
        BitSet camp = honest && !draws.isEmpty() ? camp(draws, chosen, with, without) : null;
        if (camp != null) {
          return camp;
        }
      }
    }
    assertThat(draws).as("two holders whose draws can both be served").isEmpty();
    return halves;
  }

  /** Gives each signer to the draw that needs it; null if there are too few for both. */
  private static BitSet camp(Map<Integer, int[]> draws, int[] chosen, int with, int without) {
    BitSet one = new BitSet();
    BitSet other = new BitSet();
    Arrays.stream(draws.get(with)).forEach(one::set);
    Arrays.stream(draws.get(without)).forEach(other::set);
    BitSet camp = new BitSet();
    camp.set(without);
    int ones = 0;
    int others = 0;
    for (int i = 0; i < SAMPLED.clients(); i++) {
      boolean colluder = i == chosen[0] || i == chosen[1];
      boolean fixed = i == VICTIM || i == with;
      boolean toOther = i == without || !fixed && other.get(i) && (!one.get(i) || others < ones);
      camp.set(i, toOther && !colluder);
      ones += one.get(i) && (colluder || !toOther) ? 1 : 0;
      others += other.get(i) && (colluder || toOther) ? 1 : 0;
    }
    return ones >= SAMPLED.accepted() && others >= SAMPLED.accepted() ? camp : null;
  }

  @Test
  void row12_adaptiveOpener_ofASampledQuorum() {
    assertThat(adaptive()).isNull();
    assertThat(victimsEnd()).isEqualTo("PROOF_REFUSED");
    assertThat(adaptive(Weakness.DRAWS_FIRST)).isEqualTo(world.inputs[VICTIM]);
  }
}
