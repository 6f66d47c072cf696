package dev.tributary.secagg.testing;

import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.v1.Envelope;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Networks that change one message. */
public final class Bend {

  private Bend() {}

  /** Changes what this member sends of this kind. */
  public static SumWorld.Network from(
      int member, Envelope.KindCase kind, UnaryOperator<Envelope> change) {
    return (from, send) ->
        from == member && send.message().getKindCase() == kind
            ? List.of(new Effect.Send(send.to(), change.apply(send.message()), send.body()))
            : List.of(send);
  }

  /** Changes the body of what this member sends. */
  public static SumWorld.Network body(int member, Function<byte[], byte[]> change) {
    return (from, send) -> {
      if (from != member || send.body() == null) {
        return List.of(send);
      }
      byte[] bytes = bytes(send.body());
      return List.of(new Effect.Send(send.to(), send.message(), Body.of(change.apply(bytes))));
    };
  }

  /** Changes what the coordinator sends of this kind to this member. */
  public static SumWorld.Network to(
      int member, Envelope.KindCase kind, UnaryOperator<Envelope> change) {
    return (from, send) ->
        from < 0 && send.to() == member && send.message().getKindCase() == kind
            ? List.of(new Effect.Send(send.to(), change.apply(send.message()), send.body()))
            : List.of(send);
  }

  /** Adds a message after one of this member's. */
  public static SumWorld.Network after(
      int member, Envelope.KindCase kind, UnaryOperator<Envelope> another) {
    return (from, send) ->
        from == member && send.message().getKindCase() == kind
            ? List.of(send, new Effect.Send(send.to(), another.apply(send.message()), send.body()))
            : List.of(send);
  }

  /** Adds a message after one of the coordinator's to this member. */
  public static SumWorld.Network afterTo(
      int member, Envelope.KindCase kind, UnaryOperator<Envelope> another) {
    return (from, send) ->
        from < 0 && send.to() == member && send.message().getKindCase() == kind
            ? List.of(send, new Effect.Send(send.to(), another.apply(send.message()), send.body()))
            : List.of(send);
  }

  public static byte[] bytes(Body body) {
    try (var in = body.open()) {
      return in.readAllBytes();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
