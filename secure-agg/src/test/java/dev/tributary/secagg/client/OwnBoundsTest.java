package dev.tributary.secagg.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Floors;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.Wiped;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.lang.reflect.Field;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What a client on the complete graph holds against its own bounds: members of a roster, sharers,
 * survivors. The plan asks for three of four; {@code Sa1.open} refuses a plan that asks for less
 * than the client does, and the client trusts no set of the coordinator's for that.
 */
class OwnBoundsTest {

  private static final int OWN = 1;
  private static final Instant NOW = SumWorld.START.plusMillis(10);
  private static final SumParameters FOUR =
      SumParameters.derive("sa1", Mode.MALICIOUS, 4, 0, 0.25, 2, 0, 8, 5);
  private static final Floors AT_LEAST_FOUR = new Floors(2, 100, 4);

  private static final Recording RECORDING = new Recording(FOUR, 5);
  private Machine client = RECORDING.world.freshClient(OWN);

  private List<Effect> give(Envelope message) {
    return client.on(NOW, new Event.Received(Machine.COORDINATOR, message));
  }

  private static SumSession session(Floors floors) {
    SumWorld world = RECORDING.world;
    return SumSession.client(
            FOUR,
            world.sid,
            OWN,
            world.identities[OWN],
            world.certificates[OWN],
            world.authority.anchors().verifier(),
            Schedule.of(SumWorld.START, SumWorld.DEADLINE, new Sa1().steps(FOUR)))
        .withFloors(floors);
  }

  private void start(Floors floors) {
    client = new SumClient(session(floors));
    client.on(NOW, RECORDING.world.start(OWN));
  }

  private void refused(List<Effect> effects, String code, String reason) {
    assertThat(effects).hasSize(1);
    SumResult.Aborted end = (SumResult.Aborted) ((Effect.Finish) effects.get(0)).result();
    assertThat(end.reason()).isEqualTo(reason);
    assertThat(end.code()).isEqualTo(code);
    assertThat(client.toString()).isEqualTo("SumClient[DonePhase]");
  }

  /** The roster of these members under its own root, as a coordinator would send it. */
  private Envelope roster(int... members) {
    Envelope.Builder message = RECORDING.down(OWN, KindCase.ROSTER).toBuilder();
    List<AdvertiseKeys> listed = new ArrayList<>();
    for (int member : members) {
      listed.add(message.getRoster().getMembers(member));
    }
    byte[] root = Transcript.of(RECORDING.world.sid).withRoster(listed).root();
    message
        .getRosterBuilder()
        .clearMembers()
        .addAllMembers(listed)
        .setRoot(ByteString.copyFrom(root));
    return message.build();
  }

  @Test
  void roster_membersOfThePlanAndOfTheOwnBounds() {
    start(Floors.NONE);
    assertThat(give(roster(0, 1, 2))).anyMatch(Effect.Send.class::isInstance);
    start(Floors.NONE);
    refused(give(roster(0, 1)), "ROSTER_REFUSED", "2 members, must be 3 to 4");
    start(Floors.NONE);
    refused(give(roster(0, 1, 2, 3, 0)), "ROSTER_REFUSED", "5 members, must be 3 to 4");
    start(AT_LEAST_FOUR);
    refused(give(roster(0, 1, 2)), "ROSTER_REFUSED", "3 members, must be 4 to 4");
    start(AT_LEAST_FOUR);
    assertThat(give(roster(0, 1, 2, 3))).anyMatch(Effect.Send.class::isInstance);
    start(new Floors(2, 3, 2));
    refused(give(roster(0, 1, 2, 3)), "ROSTER_REFUSED", "4 members, must be 3 to 3");
    start(new Floors(2, 3, 2));
    assertThat(give(roster(0, 1, 2))).anyMatch(Effect.Send.class::isInstance);
  }

  private static ByteString bitmap(int... indices) {
    BitSet set = new BitSet();
    for (int index : indices) {
      set.set(index);
    }
    return ByteString.copyFrom(Bitmap.encode(set, 4));
  }

  @Test
  void sharers_fewerThanTheOwnFloor() {
    start(AT_LEAST_FOUR);
    give(RECORDING.down(OWN, KindCase.ROSTER));
    Envelope.Builder shares = RECORDING.down(OWN, KindCase.SHARES).toBuilder();
    int two = shares.getShares().getCiphertexts().size() / 3 * 2;
    shares
        .getSharesBuilder()
        .setSharers(bitmap(0, 1, 2))
        .setCiphertexts(shares.getShares().getCiphertexts().substring(0, two));
    refused(give(shares.build()), "NOT_ENOUGH_CLIENTS", "3 sharers, must be >= 4");
  }

  @Test
  void survivors_fewerThanTheOwnFloor() {
    for (int count = 3; count <= 4; count++) {
      start(AT_LEAST_FOUR);
      client.on(NOW, RECORDING.world.input(OWN));
      give(RECORDING.down(OWN, KindCase.ROSTER));
      give(RECORDING.down(OWN, KindCase.SHARES));
      Envelope.Builder survivors = RECORDING.down(OWN, KindCase.SURVIVORS).toBuilder();
      survivors
          .getSurvivorsBuilder()
          .setSurvivors(count == 3 ? bitmap(0, 1, 2) : bitmap(0, 1, 2, 3));
      List<Effect> effects = give(survivors.build());
      if (count == 3) {
        refused(effects, "SURVIVORS_REFUSED", "3 survivors, must be >= 4");
      } else {
        assertThat(effects).anyMatch(Effect.Send.class::isInstance);
      }
    }
  }

  /** A coordinator checks mask keys too, so that only a lying one brings such a key here. */
  @Test
  void maskKey_ofLowOrder_nothingIsSent() throws Exception {
    start(Floors.NONE);
    give(RECORDING.down(OWN, KindCase.ROSTER));
    give(RECORDING.down(OWN, KindCase.SHARES));
    Object phase = Wiped.value(client, "phase");
    Field field = phase.getClass().getDeclaredField("sharers");
    field.setAccessible(true);
    Sharers right = (Sharers) field.get(phase);
    Members members = right.members;
    Map<Integer, Members.Member> known = new HashMap<>(members.known());
    Members.Member other = members.known().get(3);
    AdvertiseKeys keys =
        other.keys().toBuilder().setMaskKey(ByteString.copyFrom(new byte[32])).build();
    known.put(3, new Members.Member(keys, other.identity()));
    Members changed =
        new Members(members.transcript(), members.size(), OWN, known, members.graph());
    field.set(
        phase,
        new Sharers(
            changed,
            changed.neighbours(),
            right.indices(),
            right.bitmap,
            right.held,
            new BitSet()));
    refused(
        client.on(NOW, RECORDING.world.input(OWN)),
        "PROTOCOL_VIOLATION",
        "a mask key of low order");
  }

  @Test
  void rosterThatWasNotVerified_givesNothing() {
    RosterCheck check =
        new RosterCheck(
            session(Floors.NONE),
            Transcript.of(RECORDING.world.sid),
            AdvertiseKeys.getDefaultInstance());
    assertThatThrownBy(check::after).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(check::members).isInstanceOf(IllegalStateException.class);
  }
}
