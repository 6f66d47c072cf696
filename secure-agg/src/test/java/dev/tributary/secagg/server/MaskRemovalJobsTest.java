package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Masks;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the work of taking masks off is cut: every mask once over every element, in few jobs. */
class MaskRemovalJobsTest {

  private static final byte[] SID = new byte[32];

  /** Elements of masks, beyond which the jobs are counted and not run. */
  private static final long MOST_ELEMENTS = 600_000;

  private static SumParameters parameters(int length) {
    return SumParameters.derive(Sa1.ID, Mode.CURIOUS, 3, 0, 0, 2, 0, 32, length);
  }

  private static ServerState state(int length) {
    SumParameters p = parameters(length);
    List<byte[]> keys = List.of(new byte[32], new byte[32], new byte[32]);
    Schedule schedule = Schedule.of(SumWorld.START, SumWorld.DEADLINE, new Sa1().steps(p));
    return new ServerState(
        SumSession.coordinator(p, SID, keys, TrustAnchors.trustOnFirstUse().verifier(), schedule));
  }

  /** Nobody's, but a place for masks. */
  private static Survivors survivors(int length) {
    Identity identity = Identity.fromSeed(Seed.of(new byte[32]));
    AdvertiseKeys keys =
        AdvertiseKeys.newBuilder()
            .setIdentityKey(ByteString.copyFrom(identity.publicKey()))
            .build();
    TreeMap<Integer, Roster.Member> members = new TreeMap<>();
    members.put(0, new Roster.Member(keys, Signatures.decode(identity.publicKey())));
    Roster roster = Roster.complete(Transcript.of(SID), members);
    BitSet one = new BitSet();
    one.set(0);
    Dealt dealt = new Dealt(dev.tributary.wire.Scratch.inMemory(), 1);
    return new Survivors(new Sharers(parameters(length), roster, one, dealt), one);
  }

  /**
   * The table of the cuts: at most sixteen jobs unless the vector alone makes more, ranges of 2^15
   * to 2^18 elements, at least eight masks and 2^16 elements of masks to a job.
   */
  @ParameterizedTest(name = "{0} masks over {1} elements: {2} jobs")
  @CsvSource({
    "0, 40000, 0",
    "1, 1, 1",
    "3, 40000, 2",
    "15, 32768, 1",
    "16, 8191, 1",
    "16, 8192, 2",
    "16, 32768, 2",
    "24, 32768, 3",
    "16, 32769, 4",
    "200, 2000, 6",
    "130, 10000, 15",
    "40, 131072, 16",
    "8, 300000, 10",
    "128, 32768, 16",
    "128, 140000, 16",
    "128, 300000, 16",
  })
  void enter_cutsTheWork_andEveryMaskComesOffOnce(int count, int length, int jobs)
      throws Exception {
    ServerState state = state(length);
    Survivors survivors = survivors(length);
    Recovery recovery = new Recovery(survivors, parameters(length));
    List<Masks.Mask> masks = new ArrayList<>();
    for (int m = 0; m < count; m++) {
      masks.add(new Masks.Mask(Labels.sha256(Labels.u32(m)), m % 3 == 0));
    }
    recovery.masks().addAll(masks);
    state.foldStarted(); // so that the phase does not end
    new MaskRemovalPhase(state, survivors, recovery).enter(SumWorld.START);
    List<Effect> effects = state.takeEffects();
    assertThat(effects).hasSize(jobs).allMatch(Effect.Run.class::isInstance);
    assertThat(effects.stream().map(effect -> ((Effect.Run) effect).job()).distinct())
        .hasSize(jobs);
    if ((long) count * length > MOST_ELEMENTS) {
      return;
    }
    for (Effect effect : effects) {
      ((Effect.Run) effect).work().run();
    }
    int[] expected = new int[length];
    Masks.apply(masks, expected, 0, length);
    assertThat(SumWorld.values(state.sum.result())).isEqualTo(expected);
  }
}
