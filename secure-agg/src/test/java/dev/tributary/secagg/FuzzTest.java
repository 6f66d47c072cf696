package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.plan.Plan;
import dev.tributary.plan.PlanException;
import dev.tributary.plan.PlanTest;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.v1.Envelope;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mutated bytes into every decoder and both machines: a typed refusal or an exact sum, never else.
 */
class FuzzTest {

  static LongStream seeds() {
    return LongStream.range(0, 60);
  }

  static byte[] mutate(byte[] bytes, Random random) {
    byte[] mutated = bytes.clone();
    switch (random.nextInt(4)) {
      case 0 -> mutated = Arrays.copyOf(mutated, random.nextInt(mutated.length + 1));
      case 1 -> mutated = Arrays.copyOf(mutated, mutated.length + 1 + random.nextInt(40));
      default -> {
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes && mutated.length > 0; i++) {
          mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
        }
      }
    }
    return mutated;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void machines_mutatedMessages_neverAWrongSum(long seed) {
    Random random = new Random(seed);
    SumParameters p = SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 7, 0, 0.28, 2, 0, 11, 20);
    SumWorld world = new SumWorld(new Sa1(), p, seed);
    int victim = random.nextInt(7);
    boolean towards = random.nextBoolean();
    world.network(
        (from, send) -> {
          if ((towards ? send.to() : from) != victim || random.nextInt(3) != 0) {
            return List.of(send);
          }
          try {
            Envelope mutated = Envelope.parseFrom(mutate(send.message().toByteArray(), random));
            return List.of(new Effect.Send(send.to(), mutated, send.body()));
          } catch (InvalidProtocolBufferException e) {
            return List.of();
          }
        });
    SumResult result = world.run();
    if (result instanceof SumResult.RingSum sum) {
      assertThat(SumWorld.values(sum.sum()))
          .as("seed %d", seed)
          .isEqualTo(world.plainSum(sum.survivors()));
    } else {
      assertThat(((SumResult.Aborted) result).code())
          .as("seed %d", seed)
          .isIn("NOT_ENOUGH_CLIENTS", "WRONG_SHARES");
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void decoders_mutatedBytes_refuseByType(long seed) {
    Random random = new Random(seed);
    SumWorld world =
        new SumWorld(
            new Sa1(), SumParameters.derive(Sa1.ID, Mode.CURIOUS, 3, 0, 0, 2, 0, 8, 1), seed);
    byte[] certificate = world.certificates[0].bytes();
    byte[] plan = PlanTest.plan().build().bytes();
    CertificateVerifier verifier = world.authority.anchors().verifier();
    for (int i = 0; i < 300; i++) {
      byte[] mutated = mutate(certificate, random);
      if (!Arrays.equals(mutated, certificate)) {
        assertThat(
                verifier.refusal(
                    mutated, world.identities[0].publicKey(), "people", SumWorld.START))
            .as("seed %d", seed)
            .isPresent();
      }
      try {
        Plan.parse(mutate(plan, random)).check();
      } catch (PlanException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
  }
}
