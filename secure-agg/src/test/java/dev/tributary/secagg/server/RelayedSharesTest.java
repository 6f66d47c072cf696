package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.client.SumClient;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.VectorRound;
import dev.tributary.wire.Bulk;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Scratch;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shares that stand beside their message: the same bytes, and as many as they say. */
class RelayedSharesTest {

  @TempDir private Path folder;

  private static List<Effect.Send> shares(Recording recording, Machine server) {
    List<Effect> effects =
        new ArrayList<>(server.on(SumWorld.START, recording.world.start(Machine.COORDINATOR)));
    for (int slot = 0; slot < 4; slot++) {
      effects.addAll(server.on(SumWorld.START, recording.toServer(slot, KindCase.ADVERTISE_KEYS)));
    }
    for (int slot : new int[] {0, 1, 3}) {
      effects.addAll(server.on(SumWorld.START, recording.toServer(slot, KindCase.SHARE_KEYS)));
    }
    Envelope decline =
        recording.up(2, KindCase.SHARE_KEYS).toBuilder()
            .setDecline(Decline.newBuilder().setCode("NO"))
            .build();
    effects.addAll(server.on(SumWorld.START, new Event.Received(2, decline)));
    return effects.stream()
        .filter(effect -> effect instanceof Effect.Send send && send.message().hasShares())
        .map(Effect.Send.class::cast)
        .toList();
  }

  /** Bytes that went down in the step in which the shares did; ends the session. */
  private static long inputStepDown(Machine server) {
    SumResult.Aborted end =
        (SumResult.Aborted)
            VectorRound.finish(server.on(SumWorld.START, new Event.Stop("looked at")));
    return end.steps().get(2).bytesDown();
  }

  @ParameterizedTest
  @ValueSource(strings = {Sa1.ID, Sa1.POST_QUANTUM})
  void rest_isWhatWasDealtToTheMember(String suite) throws IOException {
    SumParameters p = SumParameters.derive(suite, Mode.CURIOUS, 4, 0, 0.25, 2, 0, 8, 5);
    Recording recording = new Recording(Sa1.of(suite), p, 4);
    SumWorld relayed =
        new SumWorld(
            new InjectedSa1(SumClient::new, session -> session.relayingFrom(Scratch.inMemory())),
            p,
            4);
    Machine plain = recording.world.freshServer();
    Machine relaying = relayed.freshServer();
    List<Effect.Send> whole = shares(recording, plain);
    List<Effect.Send> parted = shares(recording, relaying);
    long down = inputStepDown(plain);
    assertThat(inputStepDown(relaying))
        .as("a few bytes for the second part of a message")
        .isBetween(down, down + 3 * 2 * 8L);
    assertThat(whole).hasSize(3);
    assertThat(parted).hasSize(3);
    assertThat(whole)
        .as("one from each below that has shared")
        .extracting(one -> one.message().getShares().getMaskCiphertexts().size())
        .containsExactly(0, p.postQuantum() ? 1088 : 0, p.postQuantum() ? 2 * 1088 : 0);
    for (int k = 0; k < 3; k++) {
      Effect.Send one = parted.get(k);
      assertThat(one.to()).isEqualTo(whole.get(k).to());
      assertThat(Bulk.whole(one.message(), one.body())).isEqualTo(whole.get(k).message());
      long length = Bend.bytes(one.body()).length;
      assertThat(one.body().length()).isEqualTo(length);
      assertThat(one.body()).hasToString("Body[shares for " + one.to() + ", " + length + " bytes]");
    }
  }

  /** What cannot be kept ends the round, and the reason stays with the coordinator. */
  @Test
  void placeThatIsFull_endsTheRound() throws IOException {
    SumParameters p = SumParameters.derive(Sa1.ID, Mode.CURIOUS, 4, 0, 0.25, 2, 0, 8, 5);
    Recording recording = new Recording(p, 4);
    try (Scratch full = Scratch.in(folder.resolve("full"), 100)) {
      SumWorld world =
          new SumWorld(
              new InjectedSa1(SumClient::new, session -> session.relayingFrom(full)), p, 4);
      Machine server = world.freshServer();
      server.on(SumWorld.START, recording.world.start(Machine.COORDINATOR));
      for (int slot = 0; slot < 4; slot++) {
        server.on(SumWorld.START, recording.toServer(slot, KindCase.ADVERTISE_KEYS));
      }
      List<Effect> effects = server.on(SumWorld.START, recording.toServer(0, KindCase.SHARE_KEYS));
      assertThat(server).hasToString("SumServer[EndedPhase]");
      assertThat(VectorRound.finish(effects))
          .isInstanceOfSatisfying(
              SumResult.Aborted.class,
              end -> assertThat(end.reason()).startsWith("job share failed: "));
    }
  }
}
