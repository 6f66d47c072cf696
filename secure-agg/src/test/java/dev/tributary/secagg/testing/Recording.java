package dev.tributary.secagg.testing;

import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An honest session, message by message, for tests that hold one end alone: a fresh machine of the
 * same start takes the recorded messages of the others for its own session's.
 */
public final class Recording {

  private record Key(int client, KindCase kind) {}

  public final SumWorld world;
  private final Map<Key, Effect.Send> up = new HashMap<>();
  private final Map<Key, Effect.Send> down = new HashMap<>();

  public Recording(SumParameters parameters, long seed) {
    this(new dev.tributary.secagg.Sa1(), parameters, seed);
  }

  public Recording(SumSuite suite, SumParameters parameters, long seed) {
    world = new SumWorld(suite, parameters, seed);
    world.network(
        (from, send) -> {
          if (from < 0) {
            down.putIfAbsent(new Key(send.to(), send.message().getKindCase()), send);
          } else {
            up.putIfAbsent(new Key(from, send.message().getKindCase()), send);
          }
          return List.of(send);
        });
    world.run();
  }

  /** What the coordinator sent a client. */
  public Envelope down(int client, KindCase kind) {
    return down.get(new Key(client, kind)).message();
  }

  public Event toClient(int client, KindCase kind) {
    return new Event.Received(Machine.COORDINATOR, down(client, kind));
  }

  /** What a client sent. */
  public Envelope up(int client, KindCase kind) {
    return up.get(new Key(client, kind)).message();
  }

  public Event toServer(int client, KindCase kind) {
    Effect.Send send = up.get(new Key(client, kind));
    return new Event.Received(client, send.message(), send.body());
  }
}
