package dev.tributary.coordinator.net;

import com.google.protobuf.ByteString;
import dev.tributary.nn.ModelFile;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** A member that does its part of every round by requests alone, without the SDK. */
final class Member implements Runnable {
  private final Live live;
  private final String token;
  private final InsecurePlainSum suite = new InsecurePlainSum();
  private long acknowledged;
  int rounds;

  /** Sessions whose offer it has answered: a repeat of it changes nothing. */
  final Set<ByteString> answered = new HashSet<>();

  Member(Live live, Identity identity) throws Exception {
    this(live, live.checkIn(identity));
  }

  /** A member by its token. */
  Member(Live live, String token) {
    this.live = live;
    this.token = token;
  }

  @Override
  public void run() {
    try {
      ExchangeReply reply;
      do {
        reply = poll(2000);
        for (Delivery delivery : reply.getDeliveriesList()) {
          Envelope message = delivery.getEnvelope();
          if (message.hasOffer() && !answered.contains(message.getSession())) {
            answer(message);
          }
        }
      } while (!reply.getFinished());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  ExchangeReply poll(int waitMillis) throws Exception {
    ExchangeReply reply =
        live.exchange(
            token,
            ExchangeRequest.newBuilder().setAcknowledged(acknowledged).setWaitMillis(waitMillis));
    for (Delivery delivery : reply.getDeliveriesList()) {
      acknowledged = Math.max(acknowledged, delivery.getSequence());
    }
    return reply;
  }

  /** Waits for an offer. */
  Envelope offer() throws Exception {
    while (true) {
      for (Delivery delivery : poll(2000).getDeliveriesList()) {
        if (delivery.getEnvelope().hasOffer()) {
          return delivery.getEnvelope();
        }
      }
    }
  }

  String token() {
    return token;
  }

  void answer(Envelope offer) throws Exception {
    Plan plan = Plan.parse(offer.getOffer().getPlan().toByteArray());
    byte[] model = live.send(live.with(token, "/v1/models/" + plan.modelDigest()).GET()).body();
    if (!ModelFile.parse(model).digest().equals(plan.modelDigest())) {
      throw new AssertionError("a tampered model");
    }
    Effect.Send input = input(offer, plan);
    byte[] bytes = bytes(input.body());
    ByteString session = offer.getSession();
    int half = bytes.length / 2;
    check(live.put(token, session, 0, Arrays.copyOf(bytes, half)), half);
    check(
        live.put(token, session, half, Arrays.copyOfRange(bytes, half, bytes.length)),
        bytes.length);
    ExchangeReply reply =
        live.exchange(token, ExchangeRequest.newBuilder().addMessages(input.message()));
    if (reply.getReceipts(0).getAccepted()) {
      answered.add(session);
      rounds++;
    }
  }

  /** The message and body of this member's input to a round. */
  Effect.Send input(Envelope offer, Plan plan) {
    UpdatePipeline pipeline = new UpdatePipeline(plan.pipeline());
    float[] update = new float[pipeline.inputLength()];
    Arrays.fill(update, 0.125f);
    int[] ring = pipeline.encode(update, NoiseSource.secure()).ring();
    Machine client =
        suite.open(
            SumSession.client(
                plan.sum(),
                plan.sessionId(),
                offer.getOffer().getSlot(),
                null,
                null,
                null,
                Schedule.of(Instant.now(), plan.deadline(), suite.steps(plan.sum()))));
    client.on(Instant.now(), new Event.Start(Seed.of(new byte[32])));
    return client
        .on(Instant.now(), new Event.Input(RingVector.of(plan.pipeline().ringBits(), ring)))
        .stream()
        .filter(Effect.Send.class::isInstance)
        .map(Effect.Send.class::cast)
        .findFirst()
        .orElseThrow();
  }

  static byte[] bytes(Body body) throws Exception {
    try (var in = body.open()) {
      return in.readAllBytes();
    }
  }

  private static void check(HttpResponse<byte[]> response, long offset) {
    String came = response.headers().firstValue("Upload-Offset").orElse("none");
    if (response.statusCode() != 204 || !came.equals(Long.toString(offset))) {
      throw new AssertionError(response.statusCode() + ", offset " + came);
    }
  }
}
