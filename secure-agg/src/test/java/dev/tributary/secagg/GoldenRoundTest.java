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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole rounds, byte for byte as an independent program computed them from the specification:
 * labels, key streams, packing, shares, signatures, wire.
 */
class GoldenRoundTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "round_n3",
        "round_n5_drop1",
        "round_n7_drop3",
        "round_lattice_n11",
        "round_chosen_n12",
        "round_sampled_n12",
        "round_pq_n4_drop1"
      })
  void round_allMessages_equalTheVectors(String name) throws Exception {
    VectorRound round = new VectorRound(Vectors.of(name));
    Vectors vectors = round.vectors;
    assertThat(round.parameters.threshold()).isEqualTo(vectors.number("threshold"));
    assertThat(round.parameters.quorum()).isEqualTo(vectors.number("quorum"));
    round.server.on(NOW, new Event.Start(Seed.of(vectors.bytes("serverStart"))));
    List<Effect> down = new ArrayList<>();
    for (int i : round.present) {
      Seed seed = Seed.of(vectors.bytes("start." + i));
      Effect.Send advertise = round.client(i, new Event.Start(seed));
      same(vectors, advertise, "advertise." + i);
      down = round.server(i, advertise);
    }
    if (round.present.length < round.n) {
      down = round.server.on(NOW.plusSeconds(10), new Event.Woken());
    }
    for (int i : round.present) {
      same(vectors, sentTo(down, i), vectors.has("roster") ? "roster" : "roster." + i);
    }
    if (vectors.has("choice.0")) {
      down = exchange(round, round.present, down, "choice.");
      for (int i : round.present) {
        same(vectors, sentTo(down, i), "neighbours." + i);
      }
    }
    down = exchange(round, round.present, down, "shareKeys.");
    Effect.Send[] shares = new Effect.Send[round.n];
    for (int i : round.present) {
      shares[i] = sentTo(down, i);
      same(vectors, shares[i], "shares." + i);
    }
    for (int i : round.survivors()) {
      RingVector x = RingVector.of(vectors.number("ringBits"), vectors.ints("input." + i));
      round.clients[i].on(NOW, new Event.Input(x));
      Effect.Send input = round.client(i, fromServer(shares[i].message()));
      same(vectors, input, "maskedInput." + i);
      assertThat(hex(input.body())).isEqualTo(vectors.text("packed." + i));
      down = round.server(i, input);
    }
    if (round.lost.length > 0) {
      down = round.server.on(NOW.plusSeconds(60), new Event.Woken());
    }
    unmasking(round, down);
  }

  /** Everybody answers what came down; what comes down then. */
  private static List<Effect> exchange(
      VectorRound round, int[] members, List<Effect> down, String key) throws Exception {
    List<Effect> next = new ArrayList<>();
    for (int i : members) {
      Effect.Send answer = round.client(i, fromServer(sentTo(down, i).message()));
      same(round.vectors, answer, key + i);
      next.addAll(round.server(i, answer));
    }
    return next;
  }

  private static void unmasking(VectorRound round, List<Effect> down) throws Exception {
    Vectors vectors = round.vectors;
    int first = round.survivors()[0];
    for (int i : round.survivors()) {
      same(vectors, sentTo(down, i), "survivors");
    }
    // Without a quorum the proof, which is empty, comes together with the survivors.
    List<Effect> proofs =
        new ArrayList<>(
            down.stream()
                .filter(e -> e instanceof Effect.Send send && send.message().hasProof())
                .toList());
    for (int i : round.survivors()) {
      Effect.Send signed = round.client(i, fromServer(sentTo(down, i).message()));
      same(vectors, signed, "signedSurvivors." + i);
      proofs.addAll(round.server(i, signed));
    }
    if (vectors.has("commitment")) {
      for (int i : round.survivors()) {
        same(vectors, sentTo(proofs, i), "commitment");
      }
      proofs = exchange(round, round.survivors(), proofs, "sample.");
    }
    List<Effect> end = new ArrayList<>();
    for (int i : round.survivors()) {
      Effect.Send proof = sentTo(proofs, i);
      same(vectors, proof, vectors.has("proof") ? "proof" : "proof." + i);
      Effect.Send unmask = round.client(i, fromServer(proof.message()));
      same(vectors, unmask, "unmask." + i);
      end.addAll(round.server(i, unmask));
    }
    same(vectors, sentTo(end, first), "result");
    SumResult.RingSum sum = (SumResult.RingSum) finish(end);
    int[] values = new int[sum.sum().length()];
    sum.sum().read(0, values, values.length);
    assertThat(values).isEqualTo(vectors.ints("sum"));
  }

  private static void same(Vectors vectors, Effect.Send sent, String key) {
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
