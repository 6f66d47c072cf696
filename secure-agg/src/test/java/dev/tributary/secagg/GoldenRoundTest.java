package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.testing.Vectors;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A whole round of five clients, one lost after sharing, byte for byte as an independent script
 * computed it from the specification: labels, key streams, packing, shares, signatures, wire.
 */
class GoldenRoundTest {

  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

  private final Vectors vectors = Vectors.round();
  private final int n = vectors.number("n");
  private final int lost = vectors.number("lost");
  private final Machine server;
  private final Machine[] clients = new Machine[n];

  GoldenRoundTest() {
    SumParameters parameters =
        SumParameters.derive(
            Sa1.ID,
            Mode.MALICIOUS,
            n,
            0,
            0.2,
            2,
            0,
            vectors.number("ringBits"),
            vectors.number("length"));
    TrustAnchors anchors = TrustAnchors.of(List.of(vectors.bytes("authority")));
    Schedule schedule = Schedule.of(NOW, Duration.ofMinutes(1), new Sa1().steps(parameters));
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Identity identity = Identity.fromSeed(Seed.of(vectors.bytes("identity." + i)));
      keys.add(identity.publicKey());
      clients[i] =
          new Sa1()
              .open(
                  SumSession.client(
                          parameters,
                          vectors.bytes("sid"),
                          i,
                          identity,
                          Certificate.parse(vectors.bytes("certificate." + i)),
                          anchors.verifier(),
                          schedule)
                      .withFloors(Floors.NONE));
    }
    server =
        new Sa1()
            .open(
                SumSession.coordinator(
                    parameters, vectors.bytes("sid"), keys, anchors.verifier(), schedule));
  }

  @Test
  void round_allMessages_equalTheVectors() throws Exception {
    server.on(NOW, new Event.Start(Seed.of(vectors.bytes("serverStart"))));
    List<Effect> down = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Effect.Send advertise = client(i, new Event.Start(Seed.of(vectors.bytes("start." + i))));
      same(advertise, "advertise." + i);
      down = server(i, advertise);
    }
    for (int i = 0; i < n; i++) {
      same(sentTo(down, i), "roster");
    }
    Envelope roster = sentTo(down, 0).message();
    for (int i = 0; i < n; i++) {
      Effect.Send shares = client(i, fromServer(roster));
      same(shares, "shareKeys." + i);
      down = server(i, shares);
    }
    Effect.Send[] shares = new Effect.Send[n];
    for (int i = 0; i < n; i++) {
      shares[i] = sentTo(down, i);
      same(shares[i], "shares." + i);
    }
    for (int i : survivors()) {
      clients[i].on(NOW, new Event.Input(RingVector.of(vectors.number("ringBits"), input(i))));
      Effect.Send input = client(i, fromServer(shares[i].message()));
      same(input, "maskedInput." + i);
      assertThat(hex(input.body())).isEqualTo(vectors.text("packed." + i));
      down = server(i, input);
    }
    down = server.on(NOW.plusSeconds(60), new Event.Woken());
    Envelope survivors = sentTo(down, 0).message();
    for (int i : survivors()) {
      same(sentTo(down, i), "survivors");
    }
    List<Effect> proofs = List.of();
    for (int i : survivors()) {
      Effect.Send signed = client(i, fromServer(survivors));
      same(signed, "signedSurvivors." + i);
      proofs = server(i, signed);
    }
    for (int i : survivors()) {
      Effect.Send proof = sentTo(proofs, i);
      same(proof, "proof");
      Effect.Send unmask = client(i, fromServer(proof.message()));
      same(unmask, "unmask." + i);
      down = server(i, unmask);
    }
    same(sentTo(down, 0), "result");
    SumResult.RingSum sum = (SumResult.RingSum) finish(down);
    int[] values = new int[sum.sum().length()];
    sum.sum().read(0, values, values.length);
    assertThat(values).isEqualTo(vectors.ints("sum"));
  }

  private int[] survivors() {
    return IntStream.range(0, n).filter(i -> i != lost).toArray();
  }

  private int[] input(int i) {
    return vectors.ints("input." + i);
  }

  private static Event fromServer(Envelope message) {
    return new Event.Received(Machine.COORDINATOR, message);
  }

  private Effect.Send client(int i, Event event) {
    return clients[i].on(NOW, event).stream()
        .filter(Effect.Send.class::isInstance)
        .map(Effect.Send.class::cast)
        .findFirst()
        .orElseThrow();
  }

  /** Gives the server a message and runs its jobs until there is none. */
  private List<Effect> server(int from, Effect.Send send) throws Exception {
    List<Effect> effects =
        new ArrayList<>(server.on(NOW, new Event.Received(from, send.message(), send.body())));
    for (int at = 0; at < effects.size(); at++) {
      if (effects.get(at) instanceof Effect.Run run) {
        effects.addAll(server.on(NOW, new Event.Ran(run.job(), run.work().run())));
      }
    }
    return effects;
  }

  private static Effect.Send sentTo(List<Effect> effects, int slot) {
    return effects.stream()
        .filter(effect -> effect instanceof Effect.Send send && send.to() == slot)
        .map(Effect.Send.class::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing sent to " + slot + " in " + effects));
  }

  private static Object finish(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Finish.class::isInstance)
        .map(effect -> ((Effect.Finish) effect).result())
        .findFirst()
        .orElseThrow();
  }

  private void same(Effect.Send sent, String key) {
    assertThat(HexFormat.of().formatHex(sent.message().toByteArray()))
        .as(key)
        .isEqualTo(vectors.text(key));
  }

  private static String hex(Body body) throws Exception {
    try (var in = body.open()) {
      return HexFormat.of().formatHex(in.readAllBytes());
    }
  }
}
