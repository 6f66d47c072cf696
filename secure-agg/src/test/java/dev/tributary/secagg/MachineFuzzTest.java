package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole sessions of four in which everything on one member's link, up or down, is bent as the input
 * says: dropped, doubled, changed in any byte, replaced by an earlier message or by an arbitrary
 * one. Whatever it says, the sum is exact over its survivors or the session is given up, no machine
 * throws, and no member says two things of one kind.
 */
@Tag("slow")
class MachineFuzzTest {

  private static final int MEMBER = 1;
  private static final SumParameters FOUR =
      SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 4, 0, 0.25, 2, 0, 8, 5);
  private static final Set<String> CODES = Set.of("NOT_ENOUGH_CLIENTS", "WRONG_SHARES");
  private static final List<KindCase> SAID_ONCE =
      List.of(
          KindCase.ADVERTISE_KEYS,
          KindCase.SHARE_KEYS,
          KindCase.MASKED_INPUT,
          KindCase.SIGNED_SURVIVORS,
          KindCase.UNMASK);

  static Stream<byte[]> scripts() {
    return Stream.of(
        new byte[0],
        new byte[] {0, 1, 1, 1, 1},
        new byte[] {0, 2, 2, 2, 2},
        new byte[] {0, 0, 3, 0, 40, 1, 3, 0, 40, 1},
        new byte[] {0, 0, 0, 4, 0, 0, 4, 0, 0},
        new byte[] {0, 0, 0, 0, 5, 1, 5, 0},
        new byte[] {0, 0, 0, 6, 2, 0x2a, 0, 0, 6, 4, 0x6a, 2, 8, 1});
  }

  @MethodSource("scripts")
  @FuzzTest
  void coordinator(byte[] script) {
    run(script, false);
  }

  @MethodSource("scripts")
  @FuzzTest
  void client(byte[] script) {
    run(script, true);
  }

  private static void run(byte[] script, boolean down) {
    ByteBuffer left = ByteBuffer.wrap(script);
    SumWorld world = new SumWorld(new Sa1(), FOUR, next(left));
    List<Effect.Send> seen = new ArrayList<>();
    world.network(
        (from, send) -> {
          if (down ? from >= 0 || send.to() != MEMBER : from != MEMBER) {
            return List.of(send);
          }
          seen.add(send);
          return bend(send, left, seen, world);
        });
    SumResult result = world.run();
    if (result instanceof SumResult.RingSum sum) {
      assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
      assertThat(sum.survivors().cardinality()).isGreaterThanOrEqualTo(FOUR.floor());
    } else {
      assertThat(((SumResult.Aborted) result).code()).isIn(CODES);
    }
    for (KindCase kind : SAID_ONCE) {
      Set<Envelope> said = new HashSet<>();
      // Clients alone send these kinds, and all that is bent here is what the member's link
      // carries.
      world.sent.stream()
          .map(Effect.Send::message)
          .filter(message -> message.getKindCase() == kind)
          .forEach(said::add);
      assertThat(said).as("%s", kind).hasSizeLessThanOrEqualTo(world.clients.length);
    }
  }

  private static List<Effect.Send> bend(
      Effect.Send send, ByteBuffer left, List<Effect.Send> seen, SumWorld world) {
    switch (next(left) % 8) {
      case 1:
        return List.of();
      case 2:
        return List.of(send, send);
      case 3:
        return changed(send, left);
      case 4:
        return List.of(new Effect.Send(send.to(), send.message(), cut(send.body(), left)));
      case 5:
        Effect.Send earlier = seen.get(next(left) % seen.size());
        return next(left) % 2 == 0 ? List.of(earlier) : List.of(send, earlier);
      case 6:
        return arbitrary(send, left, world);
      default:
        return List.of(send);
    }
  }

  /** One byte of the message is another, or all from there on are gone. */
  private static List<Effect.Send> changed(Effect.Send send, ByteBuffer left) {
    byte[] bytes = send.message().toByteArray();
    int at = (next(left) << 8 | next(left)) % bytes.length;
    int value = next(left);
    if (value == 0) {
      bytes = Arrays.copyOf(bytes, at);
    } else {
      bytes[at] ^= (byte) value;
    }
    try {
      return List.of(new Effect.Send(send.to(), Envelope.parseFrom(bytes), send.body()));
    } catch (InvalidProtocolBufferException e) {
      return List.of();
    }
  }

  private static Body cut(Body body, ByteBuffer left) {
    if (body == null) {
      return Body.of(new byte[next(left)]);
    }
    byte[] bytes = Arrays.copyOf(Bend.bytes(body), (int) body.length() + (byte) next(left) % 4);
    if (bytes.length > 0) {
      bytes[next(left) % bytes.length] ^= (byte) next(left);
    }
    return Body.of(bytes);
  }

  /** A message of this session whose fields are the next bytes of the input. */
  private static List<Effect.Send> arbitrary(Effect.Send send, ByteBuffer left, SumWorld world) {
    byte[] fields = new byte[Math.min(next(left), left.remaining())];
    left.get(fields);
    try {
      Envelope message =
          Envelope.newBuilder()
              .mergeFrom(fields)
              .setSession(ByteString.copyFrom(world.sid))
              .build();
      return List.of(new Effect.Send(send.to(), message, send.body()), send);
    } catch (InvalidProtocolBufferException e) {
      return List.of(send);
    }
  }

  /** The next byte of the input, 0 when it is used up. */
  private static int next(ByteBuffer left) {
    return left.hasRemaining() ? left.get() & 0xFF : 0;
  }
}
