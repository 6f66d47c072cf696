package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.client.Eavesdropper;
import dev.tributary.secagg.client.SumClient;
import dev.tributary.secagg.client.WeakClient;
import dev.tributary.secagg.client.WeakClient.Weakness;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.TwoSets;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Neighbours;
import dev.tributary.wire.v1.Roster;
import dev.tributary.wire.v1.Shares;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Attacks, each run twice: against the deployed client, of whose vector the coordinator and its
 * colluders find nothing, and against one that leaves out the very check which stands in the way,
 * of which they find every element. Member 4 is attacked.
 */
class WeakenedClientTest {

  private static final int N = 12;
  private static final int VICTIM = 4;
  private static final SumParameters COMPLETE =
      InjectedSa1.parameters(Mode.MALICIOUS, N, 0.3, 0, 9, 8, 20);

  /** With fewer than two thirds of the members for a threshold, which no client agrees to. */
  private static final SumParameters LOWERED =
      InjectedSa1.parameters(Mode.MALICIOUS, N, 0.3, 0, 4, 8, 20);

  private static final SumParameters LATTICE =
      InjectedSa1.parameters(Mode.CURIOUS, N, 0.3, 4, 3, 0, 20);
  private static final SumParameters CHOSEN =
      InjectedSa1.parameters(Mode.MALICIOUS, N, 0.3, 5, 3, 7, 20);
  private static final SumParameters SAMPLED =
      InjectedSa1.parameters(Mode.MALICIOUS, 24, 0.1, 6, 3, 13, 12, 20);

  private SumWorld world;
  private Eavesdropper eavesdropper;

  private static Machine client(SumSession session, boolean all, Weakness... weaknesses) {
    return weaknesses.length > 0 && (all || session.slot() == VICTIM)
        ? new WeakClient(
            session, weaknesses[0], Arrays.copyOfRange(weaknesses, 1, weaknesses.length))
        : new SumClient(session);
  }

  private static SumWorld world(SumParameters parameters, boolean all, Weakness... weaknesses) {
    return new SumWorld(
        new InjectedSa1(session -> client(session, all, weaknesses)), parameters, 5);
  }

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

  private String victimsEnd() {
    return ((SumResult.Aborted) world.results[VICTIM]).code();
  }

  private static IntFunction<BitSet> everybody(int n) {
    BitSet all = new BitSet();
    all.set(0, n);
    return member -> all;
  }

  private TwoSets lying(
      SumWorld.Network before,
      int expected,
      int[] colluders,
      Function<Map<Integer, int[]>, IntFunction<BitSet>> plan) {
    TwoSets lying = new TwoSets(world, before, expected, colluders, plan);
    eavesdropper = new Eavesdropper(world, VICTIM, colluders);
    world.network(eavesdropper.in(lying));
    return lying;
  }

  private int[] swapped(Weakness... weaknesses) {
    world = world(COMPLETE, false, weaknesses);
    int[] others = IntStream.range(0, N).filter(i -> i != VICTIM).toArray();
    SumWorld.Network forging =
        Bend.to(
            VICTIM,
            KindCase.ROSTER,
            m -> {
              Roster.Builder forged = Roster.newBuilder();
              for (int i = 0; i < N; i++) {
                forged.addMembers(i == VICTIM ? eavesdropper.keys(i) : eavesdropper.invented(i));
              }
              Transcript after = Transcript.of(world.sid).withRoster(forged.getMembersList());
              return m.toBuilder()
                  .setRoster(forged.setRoot(ByteString.copyFrom(after.root())))
                  .build();
            });
    lying(
        (from, send) -> {
          if (from == VICTIM && send.message().hasShareKeys()) {
            // Signed under another root than that of the others: it is told that all have shared.
            ByteString all = ByteString.copyFrom(Bitmap.encode(everybody(N).apply(0), N));
            Envelope shares =
                send.message().toBuilder().setShares(Shares.newBuilder().setSharers(all)).build();
            eavesdropper.shown(shares);
            world.post(0, VICTIM, new Event.Received(Machine.COORDINATOR, shares));
            return List.of();
          }
          boolean later = from < 0 && send.to() == VICTIM && !send.message().hasRoster();
          return later ? List.of() : forging.carry(from, send);
        },
        N,
        others,
        draws -> everybody(N));
    world.run();
    return eavesdropper.vector(others);
  }

  /** Row 10: everybody's keys are exchanged for the coordinator's own. */
  @Test
  void row10_swappedKeys() {
    assertThat(swapped()).isNull();
    assertThat(victimsEnd()).isEqualTo("ROSTER_REFUSED");
    assertThat(swapped(Weakness.BELIEVES_ROSTER, Weakness.BELIEVES_SHARERS))
        .isEqualTo(world.inputs[VICTIM]);
  }

  private int[] halves(SumParameters parameters, Weakness... weaknesses) {
    world = world(parameters, true, weaknesses);
    BitSet fewer = (BitSet) everybody(N).apply(0).clone();
    fewer.clear(VICTIM);
    lying(
        (from, send) -> List.of(send),
        N,
        new int[0],
        draws -> member -> member % 2 == 1 ? fewer : everybody(N).apply(member));
    world.run();
    return eavesdropper.vector(new int[0]);
  }

  /** Rows 8 and 12: half of the members are told one set, half another. */
  @Test
  void row8_row12_twoSurvivorSets_underALoweredThreshold() {
    assertThat(halves(LOWERED)).isNull();
    assertThat(victimsEnd()).isEqualTo("PROOF_REFUSED");
    assertThat(halves(COMPLETE, Weakness.ASKS_NO_PROOF)).as("t alone is in the way").isNull();
    assertThat(halves(LOWERED, Weakness.ASKS_NO_PROOF)).isEqualTo(world.inputs[VICTIM]);
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
    lying[0] = lying(roster, N, corrupt, draws -> everybody(N));
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
        draws -> everybody(N));
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
    BitSet fewer = (BitSet) everybody(N).apply(0).clone();
    fewer.clear(VICTIM);
    world = world(CHOSEN, true, weaknesses);
    lying(
        (from, send) -> List.of(send),
        N,
        new int[0],
        draws -> member -> without.get(member) ? fewer : everybody(N).apply(member));
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
    BitSet fewer = (BitSet) everybody(n).apply(0).clone();
    fewer.clear(VICTIM);
    lying(
        (from, send) -> List.of(send),
        n,
        corrupt,
        draws -> {
          BitSet without = divided(draws, chosen);
          return member -> without.get(member) ? fewer : everybody(n).apply(member);
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
