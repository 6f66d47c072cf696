package dev.tributary.secagg;

import static dev.tributary.secagg.testing.VectorRound.NOW;
import static dev.tributary.secagg.testing.VectorRound.finish;
import static dev.tributary.secagg.testing.VectorRound.fromServer;
import static dev.tributary.secagg.testing.VectorRound.sentTo;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.testing.VectorRound;
import dev.tributary.secagg.testing.Vectors;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages that an independent program made wrong in one respect each, most of them well signed:
 * every one ends as PROTOCOL.md says. Until then the good messages of the golden round come.
 */
class BadVectorsTest {

  private static final Vectors BAD = Vectors.of("bad_n5");
  private static final List<String> STEPS =
      List.of("advertise", "shareKeys", "maskedInput", "signedSurvivors", "unmask");

  private final VectorRound round = new VectorRound(Vectors.of(BAD.text("round")));
  private final Vectors good = round.vectors;
  private final int own = BAD.number("client");

  static Stream<String> toClient() {
    return BAD.words("toClient").stream();
  }

  static Stream<String> toServer() {
    return BAD.words("toServer").stream();
  }

  private static Envelope message(byte[] bytes) throws Exception {
    return Envelope.parseFrom(bytes);
  }

  private List<Effect> give(Envelope message) {
    return round.clients[own].on(NOW, fromServer(message));
  }

  /** The client as it stands before it hears what it awaits under this name. */
  private void clientBefore(String awaited) throws Exception {
    round.client(own, new Event.Start(Seed.of(good.bytes("start." + own))));
    int[] x = good.ints("input." + own);
    round.clients[own].on(NOW, new Event.Input(RingVector.of(good.number("ringBits"), x)));
    for (String kind : List.of("roster", "shares", "survivors", "proof")) {
      if (kind.equals(awaited)) {
        return;
      }
      give(message(good.bytes(kind.equals("shares") ? "shares." + own : kind)));
    }
    throw new IllegalArgumentException(awaited);
  }

  @ParameterizedTest
  @MethodSource("toClient")
  void client_badMessage_endsAsItMust(String name) throws Exception {
    clientBefore(BAD.text(name + ".insteadOf"));
    List<Effect> effects = give(message(BAD.bytes(name + ".message")));
    assertThat(effects).noneMatch(Effect.Send.class::isInstance);
    assertThat(finish(effects))
        .isInstanceOfSatisfying(
            SumResult.Aborted.class,
            end -> assertThat(end.code()).as(end.reason()).isEqualTo(BAD.text(name + ".end")));
  }

  @ParameterizedTest
  @MethodSource("toServer")
  void server_badMessage_dropsItsSender(String name) throws Exception {
    String insteadOf = BAD.text(name + ".insteadOf");
    int sender = STEPS.indexOf(insteadOf) < 3 ? 3 : 0;
    serverBefore(insteadOf, sender);
    Body body = BAD.has(name + ".body") ? Body.of(BAD.bytes(name + ".body")) : null;
    List<Effect> effects =
        VectorRound.drain(
            round.server,
            new Event.Received(sender, message(BAD.bytes(name + ".message")), body),
            NOW);
    Envelope told = sentTo(effects, sender).message();
    assertThat(told.getAbort().getCode()).isEqualTo(BAD.text(name + ".end"));
  }

  /** The server after all messages of the steps before, and of the senders before in this step. */
  private void serverBefore(String awaited, int sender) throws Exception {
    round.server.on(NOW, new Event.Start(Seed.of(good.bytes("serverStart"))));
    for (String step : STEPS) {
      for (int i = 0; i < (step.equals(awaited) ? sender : round.n); i++) {
        if (good.has(step + "." + i)) {
          Body body = step.equals("maskedInput") ? Body.of(good.bytes("packed." + i)) : null;
          Envelope message = message(good.bytes(step + "." + i));
          VectorRound.drain(round.server, new Event.Received(i, message, body), NOW);
        }
      }
      if (step.equals(awaited)) {
        return;
      }
      if (step.equals("maskedInput")) {
        Instant late = NOW.plusSeconds(60);
        VectorRound.drain(round.server, new Event.Woken(), late);
      }
    }
  }

  @Test
  void client_oneShareThatDoesNotOpen_masksWithItsDealerAllTheSame() throws Exception {
    clientBefore("shares");
    List<Effect> sent = new ArrayList<>(give(message(BAD.bytes("damagedShare.message"))));
    sent.removeIf(effect -> !(effect instanceof Effect.Send));
    assertThat(sent).hasSize(1);
    assertThat(HexFormat.of().formatHex(((Effect.Send) sent.get(0)).message().toByteArray()))
        .isEqualTo(BAD.text("damagedShare.maskedInput"));
  }
}
