package dev.tributary.secagg.testing;

import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.Floors;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The machines of one round with the keys, seeds and certificates of its vectors. */
public final class VectorRound {

  public static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

  public final Vectors vectors;
  public final int n;
  public final int[] lost;
  public final int[] present;
  public final SumParameters parameters;
  public final Machine server;
  private final SumSuite suite;
  public final Machine[] clients;

  public VectorRound(Vectors vectors) {
    this.vectors = vectors;
    n = vectors.number("n");
    lost = vectors.ints("lost");
    clients = new Machine[n];
    present = vectors.has("present") ? vectors.ints("present") : IntStream.range(0, n).toArray();
    Mode mode = Mode.valueOf(vectors.text("mode"));
    // floor(n times this) is how many are lost
    double dropout = (n - present.length + lost.length + 0.01) / n;
    int bits = vectors.number("ringBits");
    int length = vectors.number("length");
    String name = vectors.has("suite") ? vectors.text("suite") : Sa1.ID;
    boolean sparse = vectors.has("degree");
    suite = sparse ? new InjectedSa1() : Sa1.of(name);
    parameters =
        sparse
            ? new SumParameters(
                Sa1.ID,
                mode,
                n,
                0,
                dropout,
                vectors.number("degree"),
                vectors.number("threshold"),
                vectors.number("quorum"),
                vectors.has("sample") ? vectors.number("sample") : 0,
                2,
                0,
                bits,
                length)
            : SumParameters.derive(name, mode, n, 0, dropout, 2, 0, bits, length);
    TrustAnchors anchors = TrustAnchors.of(List.of(vectors.bytes("authority")));
    Schedule schedule = Schedule.of(NOW, Duration.ofMinutes(1), suite.steps(parameters));
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Identity identity = Identity.fromSeed(Seed.of(vectors.bytes("identity." + i)));
      keys.add(identity.publicKey());
      clients[i] =
          suite.open(
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
        suite.open(
            SumSession.coordinator(
                parameters, vectors.bytes("sid"), keys, anchors.verifier(), schedule));
  }

  /** Who stays to the end. */
  public int[] survivors() {
    return IntStream.of(present).filter(i -> Arrays.binarySearch(lost, i) < 0).toArray();
  }

  /** What a client sends upon an event, first. */
  public Effect.Send client(int i, Event event) {
    return clients[i].on(NOW, event).stream()
        .filter(Effect.Send.class::isInstance)
        .map(Effect.Send.class::cast)
        .findFirst()
        .orElseThrow();
  }

  /** Gives the server a message and runs its jobs until there is none. */
  public List<Effect> server(int from, Effect.Send send) throws Exception {
    return drain(server, new Event.Received(from, send.message(), send.body()), NOW);
  }

  /** Gives a server an event and runs its jobs until there is none. */
  public static List<Effect> drain(Machine server, Event event, Instant now) throws Exception {
    List<Effect> effects = new ArrayList<>(server.on(now, event));
    for (int at = 0; at < effects.size(); at++) {
      if (effects.get(at) instanceof Effect.Run run) {
        effects.addAll(server.on(now, new Event.Ran(run.job(), run.work().run())));
      }
    }
    return effects;
  }

  public static Event fromServer(Envelope message) {
    return new Event.Received(Machine.COORDINATOR, message);
  }

  /** The first message among effects to a slot. */
  public static Effect.Send sentTo(List<Effect> effects, int slot) {
    return effects.stream()
        .filter(effect -> effect instanceof Effect.Send send && send.to() == slot)
        .map(Effect.Send.class::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing sent to " + slot + " in " + effects));
  }

  /** How a machine ended. */
  public static Object finish(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Finish.class::isInstance)
        .map(effect -> ((Effect.Finish) effect).result())
        .findFirst()
        .orElseThrow(() -> new AssertionError("no end in " + effects));
  }
}
