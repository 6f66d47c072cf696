package dev.tributary.secagg.client;

import static dev.tributary.secagg.testing.VectorRound.NOW;
import static dev.tributary.secagg.testing.VectorRound.fromServer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.VectorRound;
import dev.tributary.secagg.testing.Vectors;
import dev.tributary.secagg.testing.Wiped;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Row 22 where ML-KEM joins X25519: how long a client keeps which of its keys. */
class PostQuantumClientTest {

  private static final int OWN = 2;

  private final VectorRound round = new VectorRound(Vectors.of("round_pq_n4_drop1"));
  private final Machine client = round.clients[OWN];

  private List<Effect> give(String key) throws InvalidProtocolBufferException {
    return client.on(NOW, fromServer(Envelope.parseFrom(round.vectors.bytes(key))));
  }

  private Object dealer() throws InvalidProtocolBufferException {
    client.on(NOW, new Event.Start(Seed.of(round.vectors.bytes("start." + OWN))));
    give("roster");
    return Wiped.value(Wiped.value(client, "state"), "dealer");
  }

  private static Object channelKey(Object dealer) {
    return Wiped.value(Wiped.value(Wiped.value(dealer, "channels"), "kem"), "key");
  }

  private static Object maskKey(Object dealer) {
    return Wiped.value(Wiped.value(Wiped.value(dealer, "kem"), "pair"), "key");
  }

  private static Map<?, ?> halves(Object dealer) {
    return (Map<?, ?>) Wiped.value(Wiped.value(dealer, "kem"), "halves");
  }

  @Test
  void row22_channelKey_isGoneOnceTheSharesAreRead_maskKeyOnceTheInputIsMasked() throws Exception {
    Object dealer = dealer();
    assertThat(channelKey(dealer)).isNotNull();
    assertThat(maskKey(dealer)).isNotNull();
    assertThat(halves(dealer)).as("with the neighbour above").hasSize(1);
    give("shares." + OWN);
    assertThat(channelKey(dealer)).isNull();
    assertThat(maskKey(dealer)).isNotNull();
    assertThat(halves(dealer)).as("and with those below").hasSize(3);
    int[] x = round.vectors.ints("input." + OWN);
    client.on(NOW, new Event.Input(RingVector.of(round.vectors.number("ringBits"), x)));
    assertThat(maskKey(dealer)).isNull();
    assertThat(halves(dealer)).isEmpty();
  }

  /** Who has not shared has sent no mask ciphertext either: nobody waits for one of it. */
  @Test
  void memberBelow_thatDoesNotShare_isLeftOut() {
    SumParameters p = SumParameters.derive(Sa1.POST_QUANTUM, Mode.CURIOUS, 4, 0, 0.25, 2, 0, 8, 5);
    SumWorld world = new SumWorld(Sa1.of(Sa1.POST_QUANTUM), p, 3).drop(0, KindCase.SHARE_KEYS);
    SumResult.RingSum sum = (SumResult.RingSum) world.run();
    assertThat(sum.survivors().cardinality()).isEqualTo(3);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }

  @Test
  void row22_stopped_holdsNeither() throws Exception {
    Object dealer = dealer();
    client.on(NOW, new Event.Stop("enough"));
    assertThat(channelKey(dealer)).isNull();
    assertThat(maskKey(dealer)).isNull();
    assertThat(halves(dealer)).isEmpty();
    for (Object one : new Object[] {dealer, Wiped.value(dealer, "channels")}) {
      assertThat(one.toString()).endsWith("[redacted]");
    }
  }
}
