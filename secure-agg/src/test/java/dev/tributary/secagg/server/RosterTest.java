package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Graph;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Slots and roster indices: on the complete graph places among U1, on a sparse one the slots. */
class RosterTest {

  private static final Transcript SESSION = Transcript.of(new byte[32]);

  private static SortedMap<Integer, Roster.Member> members(int... slots) {
    TreeMap<Integer, Roster.Member> members = new TreeMap<>();
    for (int slot : slots) {
      byte[] key = Identity.fromSeed(Seed.of(Labels.sha256(Labels.u32(slot)))).publicKey();
      AdvertiseKeys keys =
          AdvertiseKeys.newBuilder().setIdentityKey(ByteString.copyFrom(key)).build();
      members.put(slot, new Roster.Member(keys, Signatures.decode(key)));
    }
    return members;
  }

  private static BitSet set(int... indices) {
    BitSet set = new BitSet();
    for (int index : indices) {
      set.set(index);
    }
    return set;
  }

  @Test
  void complete_indicesArePlaces() {
    Roster roster = Roster.complete(SESSION, members(1, 4, 6));
    assertThat(roster.size()).isEqualTo(3);
    assertThat(roster.index(4)).isEqualTo(1);
    assertThat(roster.slot(2)).isEqualTo(6);
    assertThat(roster.indices(set(0, 1, 6))).isEqualTo(set(0, 2));
    assertThat(roster.neighbours(1).edges()).isEqualTo(set(0, 2));
    for (int stranger : new int[] {0, 5, 7}) {
      assertThatThrownBy(() -> roster.index(stranger))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("slot " + stranger + " is not in the roster");
    }
  }

  @Test
  void sparse_indicesAreSlots_andWhoIsAbsentIsNobodysNeighbour() {
    Roster roster =
        Roster.sparse(SESSION, members(0, 1, 3), 4, after -> Graph.harary(4, 2, after.graphKey()));
    assertThat(roster.size()).isEqualTo(4);
    assertThat(roster.index(3)).isEqualTo(3);
    assertThat(roster.indices(set(1, 3))).isEqualTo(set(1, 3));
    for (int index : new int[] {0, 1, 3}) {
      assertThat(roster.neighbours(index).edges().get(2)).isFalse();
    }
    assertThatThrownBy(() -> roster.keys(2)).isInstanceOf(NullPointerException.class);
  }
}
