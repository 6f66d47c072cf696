package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
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
 * Whole sessions, on each graph and in both suites, in which everything on one member's link, up or
 * down, is bent as the input says: dropped, doubled, changed in any byte, replaced by an earlier
 * message or by an arbitrary one. Whatever it says, the sum is exact over its survivors or the
 * session is given up, no machine throws, and no member says two things of one kind. Two kinds of
 * message a coordinator can bend so as to spoil its own sum (THREAT_MODEL.md says how).
 */
@Tag("slow")
class MachineFuzzTest {

  private static final int MEMBER = 1;

  private static final Set<String> CODES =
      Set.of("NOT_ENOUGH_CLIENTS", "WRONG_SHARES", "WRONG_KEM_CIPHERTEXT");

  /**
   * A session.
   *
   * @param spoils the kind that the coordinator bends at the cost of its own sum
   */
  private record Session(SumSuite suite, SumParameters parameters, KindCase spoils) {}

  private static final Session COMPLETE =
      new Session(
          new Sa1(),
          SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 4, 0, 0.25, 2, 0, 8, 5),
          KindCase.KIND_NOT_SET);
  private static final Session LATTICE =
      new Session(
          new InjectedSa1(),
          InjectedSa1.parameters(Mode.CURIOUS, 6, 0.17, 4, 3, 0, 5),
          KindCase.KIND_NOT_SET);
  private static final Session CHOSEN =
      new Session(
          new InjectedSa1(),
          InjectedSa1.parameters(Mode.MALICIOUS, 6, 0.17, 4, 3, 4, 5),
          KindCase.NEIGHBOURS);
  private static final Session SAMPLED =
      new Session(
          new InjectedSa1(),
          InjectedSa1.parameters(Mode.MALICIOUS, 6, 0.17, 4, 3, 4, 3, 5),
          KindCase.NEIGHBOURS);
  private static final Session POST_QUANTUM =
      new Session(
          Sa1.of(Sa1.POST_QUANTUM),
          SumParameters.derive(Sa1.POST_QUANTUM, Mode.MALICIOUS, 4, 0, 0.25, 2, 0, 8, 5),
          KindCase.SHARES);
  private static final List<KindCase> SAID_ONCE =
      List.of(
          KindCase.ADVERTISE_KEYS,
          KindCase.CHOICE,
          KindCase.SHARE_KEYS,
          KindCase.MASKED_INPUT,
          KindCase.SIGNED_SURVIVORS,
          KindCase.SAMPLE,
          KindCase.UNMASK);

  static Stream<byte[]> scripts() {
    return Stream.of(
        new byte[0],
        new byte[] {0, 1, 1, 1, 1},
        new byte[] {0, 2, 2, 2, 2},
        new byte[] {0, 0, 3, 0, 40, 1, 3, 0, 40, 1},
        new byte[] {0, 0, 0, 4, 0, 0, 4, 0, 0},
        new byte[] {0, 0, 0, 0, 5, 1, 5, 0},
        new byte[] {0, 0, 0, 6, 2, 0x2a, 0, 0, 6, 4, 0x6a, 2, 8, 1},
        new byte[] {0, 0, 1, 1, 1},
        new byte[] {0, 0, 0, 0, 0, 1, 1, 1},
        new byte[] {0, 0, 0, 0, 0, 0, 5, 1, 5, 0, 5, 2},
        // a byte of the roster or choice, of the neighbours or shares, of the last messages
        new byte[] {0, 3, 0, 80, 1, 3, 1, 44, 1, 3, 2, 10, 9},
        new byte[] {0, 0, 3, 4, (byte) 210, 1, 0, 0, 3, 0, 50, 0},
        // a commitment, a sample, a choice of nobody
        new byte[] {0, 0, 0, 0, 0, 6, 4, (byte) 0x8a, 1, 1, 0, 6, 4, (byte) 0x92, 1, 1, 0},
        new byte[] {0, 0, 6, 3, 0x7a, 1, 0, 0});
  }

  @MethodSource("scripts")
  @FuzzTest
  void coordinator(byte[] script) {
    run(script, COMPLETE, false);
  }

  @MethodSource("scripts")
  @FuzzTest
  void client(byte[] script) {
    run(script, COMPLETE, true);
  }

  @MethodSource("scripts")
  @FuzzTest
  void latticeCoordinator(byte[] script) {
    run(script, LATTICE, false);
  }

  @MethodSource("scripts")
  @FuzzTest
  void latticeClient(byte[] script) {
    run(script, LATTICE, true);
  }

  @MethodSource("scripts")
  @FuzzTest
  void chosenCoordinator(byte[] script) {
    run(script, CHOSEN, false);
  }

  @MethodSource("scripts")
  @FuzzTest
  void chosenClient(byte[] script) {
    run(script, CHOSEN, true);
  }

  @MethodSource("scripts")
  @FuzzTest
  void sampledCoordinator(byte[] script) {
    run(script, SAMPLED, false);
  }

  @MethodSource("scripts")
  @FuzzTest
  void sampledClient(byte[] script) {
    run(script, SAMPLED, true);
  }

  @MethodSource("scripts")
  @FuzzTest
  void postQuantumCoordinator(byte[] script) {
    run(script, POST_QUANTUM, false);
  }

  @MethodSource("scripts")
  @FuzzTest
  void postQuantumClient(byte[] script) {
    run(script, POST_QUANTUM, true);
  }

  private static void run(byte[] script, Session session, boolean down) {
    ByteBuffer left = ByteBuffer.wrap(script);
    SumWorld world = new SumWorld(session.suite(), session.parameters(), next(left));
    List<Effect.Send> seen = new ArrayList<>();
    boolean[] spoilt = new boolean[1];
    world.network(
        (from, send) -> {
          if (down ? from >= 0 || send.to() != MEMBER : from != MEMBER) {
            return List.of(send);
          }
          seen.add(send);
          List<Effect.Send> bent = bend(send, left, seen, world);
          spoilt[0] |=
              down
                  && bent.stream()
                      .map(Effect.Send::message)
                      .anyMatch(m -> m.getKindCase() == session.spoils() && !said(world, m));
          return bent;
        });
    SumResult result = world.run();
    if (result instanceof SumResult.RingSum sum) {
      if (!spoilt[0]) {
        assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
      }
      assertThat(sum.survivors().cardinality())
          .isGreaterThanOrEqualTo(session.parameters().floor());
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

  private static boolean said(SumWorld world, Envelope message) {
    return world.sent.stream().anyMatch(send -> send.message().equals(message));
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
