package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.client.SumClient;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Scratch;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Key material that a coordinator relays from a file: the same round, byte for byte. */
class RelayedKeysTest {

  @TempDir private Path folder;

  private static SumParameters parameters(String graph) {
    return switch (graph) {
      case "complete" -> SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 8, 0, 0.25, 2, 0, 16, 20);
      case "post-quantum" ->
          SumParameters.derive(Sa1.POST_QUANTUM, Mode.MALICIOUS, 8, 0, 0.25, 2, 0, 16, 20);
      case "lattice" -> InjectedSa1.parameters(Mode.CURIOUS, 12, 0.3, 6, 3, 0, 20);
      default -> InjectedSa1.parameters(Mode.MALICIOUS, 12, 0.3, 6, 3, 7, 20);
    };
  }

  private static SumWorld world(String graph, Scratch scratch) {
    SumWorld world =
        new SumWorld(
            new InjectedSa1(
                SumClient::new,
                session -> scratch == null ? session : session.relayingFrom(scratch)),
            parameters(graph),
            3);
    return world
        .network((from, send) -> List.of(send, send))
        .drop(1, KindCase.MASKED_INPUT)
        .drop(6, KindCase.SHARE_KEYS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"complete", "post-quantum", "lattice", "chosen"})
  void fromAFile_theRoundIsTheSame(String graph) throws IOException {
    SumWorld heap = world(graph, null);
    SumResult.RingSum expected = (SumResult.RingSum) heap.run();
    try (Scratch scratch = Scratch.in(folder.resolve("relayed"), 1 << 20)) {
      SumWorld world = world(graph, scratch);
      Machine server = world.server;
      world.server =
          (now, event) -> {
            List<Effect> effects = server.on(now, event);
            effects.forEach(RelayedKeysTest::saysItsLength);
            return effects;
          };
      SumResult.RingSum sum = (SumResult.RingSum) world.run();
      assertThat(SumWorld.values(sum.sum()))
          .isEqualTo(SumWorld.values(expected.sum()))
          .isEqualTo(world.plainSum(sum.survivors()));
      assertThat(relayed(world)).isNotEmpty().isEqualTo(relayed(heap));
      long dealt =
          heap.sent.stream()
              .map(Effect.Send::message)
              .filter(message -> message.hasShareKeys())
              .map(message -> message.getShareKeys())
              .distinct()
              .mapToLong(
                  keys -> keys.getCiphertexts().size() + (long) keys.getMaskCiphertexts().size())
              .sum();
      assertThat(scratch.size()).as("each message once, repeats too").isEqualTo(dealt);
      for (int step = 0; step < sum.steps().size(); step++) {
        assertThat(sum.steps().get(step).bytesDown())
            .as("%s: a few bytes for the second part of a message", sum.steps().get(step).name())
            .isBetween(
                expected.steps().get(step).bytesDown(),
                expected.steps().get(step).bytesDown() + 2 * 8L * world.clients.length);
      }
    }
  }

  private static void saysItsLength(Effect effect) {
    if (effect instanceof Effect.Send send && send.body() != null) {
      int length = Bend.bytes(send.body()).length;
      assertThat(send.body().length()).as("%s", send.body()).isEqualTo(length);
      assertThat(send.body().toString()).matches("Body\\[shares for \\d+, " + length + " bytes]");
    }
  }

  private static List<Effect.Send> relayed(SumWorld world) {
    return world.sent.stream().filter(send -> send.message().hasShares()).toList();
  }

  /** A full disk ends the round, and what it says stays with the coordinator. */
  @Test
  void placeThatFails_endsTheRound() {
    Scratch full =
        new Scratch() {
          @Override
          public long append(ByteString bytes) {
            throw new UncheckedIOException(new IOException("/srv/secret: no space left"));
          }

          @Override
          public void read(long position, byte[] into, int at, int length) {
            throw new AssertionError("nothing was kept");
          }

          @Override
          public long size() {
            return 0;
          }

          @Override
          public void close() {}
        };
    SumWorld world = world("complete", full);
    SumResult.Aborted aborted = (SumResult.Aborted) world.run();
    assertThat(aborted.code()).isEqualTo("INTERNAL");
    assertThat(aborted.reason()).contains("no space left");
    assertThat(world.sent)
        .filteredOn(send -> send.message().hasAbort())
        .isNotEmpty()
        .noneMatch(send -> send.message().getAbort().getReason().contains("secret"));
  }
}
