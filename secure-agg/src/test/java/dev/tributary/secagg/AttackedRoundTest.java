package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Seed;
import java.lang.reflect.Field;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one member, or a failure, can do to the others of its round. */
class AttackedRoundTest {

  private static SumWorld world() {
    SumParameters parameters =
        SumParameters.derive("sa1", Mode.MALICIOUS, 7, 0, 0.28, 2, 0, 32, 100);
    return new SumWorld(new Sa1(), parameters, 5);
  }

  /** Both authorities are trusted at the coordinator; only one is of this population. */
  @Test
  void certificate_ofAnotherPopulation_dropsItsMemberAlone() {
    SumWorld world = world();
    TrustAnchors none = TrustAnchors.trustOnFirstUse();
    Seed key = Seed.of(new byte[32]);
    EnrolmentAuthority foreign =
        EnrolmentAuthority.fromSeed("others", key, new java.security.SecureRandom());
    Certificate other =
        foreign.issue(
            world.identities[3].publicKey(),
            SumWorld.START.minusSeconds(60),
            SumWorld.START.plusSeconds(3600));
    SumSession session =
        SumSession.coordinator(
                world.parameters,
                world.sid,
                java.util.Arrays.stream(world.identities).map(Identity::publicKey).toList(),
                TrustAnchors.of(
                        List.of(
                            world.certificates[0].authorityKey().toByteArray(),
                            other.authorityKey().toByteArray()))
                    .verifier(),
                Schedule.of(SumWorld.START, SumWorld.DEADLINE, new Sa1().steps(world.parameters)))
            .withPopulation("people");
    world.server = new Sa1().open(session);
    world.clients[3] =
        new Sa1()
            .open(
                SumSession.client(
                        world.parameters,
                        world.sid,
                        3,
                        world.identities[3],
                        other,
                        none.verifier(),
                        session.schedule())
                    .withFloors(Floors.NONE));

    SumResult.RingSum sum = (SumResult.RingSum) world.run();

    assertThat(sum.survivors().get(3)).isFalse();
    assertThat(sum.survivors().cardinality()).isEqualTo(6);
    assertThat(sum.dropped()).containsEntry(3, DropReason.INVALID_PUBLIC_KEY);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }

  @Test
  void jobThatFails_keepsItsCauseFromTheClients() {
    SumWorld world = world();
    var honest = world.server;
    world.server =
        (now, event) ->
            honest.on(
                now,
                event instanceof Event.Ran ran && ran.job().equals("recover")
                    ? new Event.Ran(
                        ran.job(), new Failed(new IllegalStateException("/srv/secret/path")))
                    : event);

    SumResult.Aborted aborted = (SumResult.Aborted) world.run();

    assertThat(aborted.reason()).contains("/srv/secret/path");
    assertThat(world.sent)
        .filteredOn(sent -> sent.message().hasAbort())
        .isNotEmpty()
        .allMatch(sent -> sent.message().getAbort().getReason().equals("the coordinator failed"));
  }

  @Test
  void stopBetweenSharesDealtAndShares_wipesTheChannelKeys() throws Exception {
    SumWorld world = world();
    Object[] dealer = new Object[1];
    boolean[] keyed = new boolean[1];
    world.network(
        (from, send) -> {
          if (from == 2 && send.message().hasShareKeys()) {
            dealer[0] = field(field(world.clients[2], "phase"), "dealer");
            keyed[0] = anyBit(dealer[0]);
            world.clients[2].on(SumWorld.START, new Event.Stop("stopped"));
          }
          return List.of(send);
        });
    world.run();
    assertThat(keyed[0]).isTrue();
    assertThat(anyBit(dealer[0])).isFalse();
  }

  private static boolean anyBit(Object dealer) {
    boolean any = false;
    for (byte[] key : agreed(dealer)) {
      any |= !ByteString.copyFrom(key).equals(ByteString.copyFrom(new byte[32]));
    }
    for (byte b : (byte[]) field(dealer, "ownSelfShare")) {
      any |= b != 0;
    }
    return any;
  }

  @SuppressWarnings("unchecked")
  private static Iterable<byte[]> agreed(Object dealer) {
    return ((java.util.Map<Integer, byte[]>) field(field(dealer, "channels"), "agreed")).values();
  }

  private static Object field(Object of, String name) {
    try {
      Field field = of.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(of);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
