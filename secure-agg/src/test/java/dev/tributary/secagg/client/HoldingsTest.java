package dev.tributary.secagg.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.crypto.ShareBox;
import dev.tributary.secagg.testing.Wiped;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which opened pairs of shares a client takes, and what becomes of them. */
class HoldingsTest {

  private static final int OWN = 0x01020304;

  private static byte[] pair(int x) {
    byte[] pair = new byte[ShareBox.PLAINTEXT];
    for (int b = 0; b < 4; b++) {
      pair[b] = (byte) (x >>> (24 - 8 * b));
    }
    Arrays.fill(pair, 4, 44, (byte) 7);
    Arrays.fill(pair, 44, 84, (byte) 9);
    return pair;
  }

  @Test
  void pair_forThisHolderAlone_isTaken() {
    byte[] ownShare = new byte[40];
    Arrays.fill(ownShare, (byte) 5);
    Holdings holdings = new Holdings(OWN, ownShare);
    assertThat(holdings.add(6, pair(OWN + 1))).isTrue();
    for (int bit = 0; bit < 32; bit++) {
      assertThat(holdings.add(8, pair((OWN + 1) ^ (1 << bit)))).as("bit %d of x", bit).isFalse();
    }
    for (int limb = 0; limb < 10; limb++) {
      byte[] bad = pair(OWN + 1);
      Arrays.fill(bad, 4 + 8 * limb, 12 + 8 * limb, (byte) 0xFF);
      assertThat(holdings.add(8, bad)).as("limb %d is no number below p", limb).isFalse();
    }
    BitSet asked = new BitSet();
    asked.set(6);
    asked.set(8);
    BitSet held = holdings.of(asked);
    assertThat(held.stream()).containsExactly(6);
    assertThat(holdings.maskSeedShares(held).toByteArray()).hasSize(40).containsOnly(7);
    held.set(OWN);
    byte[] selves = holdings.selfMaskShares(held).toByteArray();
    assertThat(Arrays.copyOf(selves, 40)).containsOnly(9);
    assertThat(Arrays.copyOfRange(selves, 40, 80)).containsOnly(5);
  }

  @Test
  void destroy_clearsEveryShare() {
    byte[] ownShare = pair(1);
    Holdings holdings = new Holdings(0, ownShare);
    byte[] given = pair(1);
    holdings.add(3, given);
    byte[] kept = (byte[]) ((Map<?, ?>) Wiped.value(holdings, "pairs")).get(3);
    assertThat(kept).isEqualTo(given).isNotSameAs(given);
    holdings.destroy();
    assertThat(kept).containsOnly(0);
    assertThat(ownShare).containsOnly(0);
    assertThat(holdings).hasToString("Holdings[0 dealers, redacted]");
  }
}
