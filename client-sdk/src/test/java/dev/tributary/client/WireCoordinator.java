package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Receipt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One round of one plan with the server end of the sum, from bytes to bytes and without a clock.
 */
final class WireCoordinator {
  private final Cohort cohort;
  private final Plan plan;
  private final byte[] model;
  private final List<byte[]> keys = new ArrayList<>();
  private final List<List<Delivery>> boxes = new ArrayList<>();
  private final byte[][] bodies;
  private long sequence;
  private @Nullable Machine server;
  private @Nullable Object result;

  WireCoordinator(Cohort cohort, Plan plan, byte[] model) {
    this.cohort = cohort;
    this.plan = plan;
    this.model = model;
    bodies = new byte[cohort.size][];
  }

  byte[] answer(int member, String what, byte[] request) throws IOException {
    if (what.equals("GET /v1/coordinator")) {
      return reply().toByteArray();
    }
    if (what.equals("POST /v1/check-in")) {
      return checkIn(CheckInRequest.parseFrom(request)).toByteArray();
    }
    if (what.equals("POST /v1/withdraw")) {
      return withdraw(CheckInRequest.parseFrom(request)).toByteArray();
    }
    if (what.equals("POST /v1/exchange")) {
      return exchange(member, ExchangeRequest.parseFrom(request)).toByteArray();
    }
    if (what.equals("GET /v1/models/" + plan.modelDigest())) {
      return model;
    }
    if (what.equals("PUT /v1/inputs/" + HexFormat.of().formatHex(plan.sessionId()))) {
      bodies[member] = request;
      return Integer.toString(request.length).getBytes(StandardCharsets.US_ASCII);
    }
    throw new AssertionError("nobody answers " + what);
  }

  private CheckInReply.Builder wholeReply() {
    return CheckInReply.newBuilder()
        .setCoordinatorKey(ByteString.copyFrom(cohort.coordinator.publicKey()))
        .setTask(plan.task());
  }

  private CheckInReply reply() {
    return wholeReply().build();
  }

  private CheckInReply checkIn(CheckInRequest request) {
    byte[] identity = request.getIdentity().toByteArray();
    require(
        Handshake.verifyCheckIn(
            identity,
            request.getSignature().toByteArray(),
            cohort.coordinator.publicKey(),
            request.getNonce().toByteArray(),
            request.getTimeMillis()),
        "the check-in is signed");
    require(
        cohort
            .trust()
            .verifier()
            .refusal(request.getCertificate().toByteArray(), identity, "test", Cohort.NOW)
            .isEmpty(),
        "the certificate holds");
    keys.add(identity);
    boxes.add(new ArrayList<>());
    if (keys.size() == cohort.size) {
      begin();
    }
    byte[] token = cohort.seed.derive("token", keys.size()).bytes();
    return wholeReply().setToken(ByteString.copyFrom(token)).build();
  }

  private CheckInReply withdraw(CheckInRequest request) {
    require(
        Handshake.verifyWithdrawal(
            request.getIdentity().toByteArray(),
            request.getSignature().toByteArray(),
            cohort.coordinator.publicKey(),
            request.getNonce().toByteArray(),
            request.getTimeMillis()),
        "the withdrawal is signed");
    return reply();
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }

  private void begin() {
    SumSuite suite = Objects.requireNonNull(Cohort.suite(plan.sum().suite()));
    Schedule schedule = Schedule.of(Cohort.NOW, plan.deadline(), suite.steps(plan.sum()));
    server =
        suite.open(
            SumSession.coordinator(
                plan.sum(), plan.sessionId(), keys, cohort.trust().verifier(), schedule));
    for (int slot = 0; slot < cohort.size; slot++) {
      put(
          slot,
          Envelope.newBuilder()
              .setSession(ByteString.copyFrom(plan.sessionId()))
              .setOffer(cohort.offer(plan, slot))
              .build());
    }
    feed(new Event.Start(cohort.seed.derive("server", 0)));
  }

  private void put(int member, Envelope message) {
    boxes
        .get(member)
        .add(Delivery.newBuilder().setSequence(++sequence).setEnvelope(message).build());
  }

  private void feed(Event event) {
    for (Effect effect : Objects.requireNonNull(server).on(Cohort.NOW, event)) {
      if (effect instanceof Effect.Send send) {
        put(send.to(), send.message());
      } else if (effect instanceof Effect.Finish finish) {
        result = finish.result();
      } else if (effect instanceof Effect.Run run) {
        try {
          feed(new Event.Ran(run.job(), run.work().run()));
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  private ExchangeReply exchange(int member, ExchangeRequest request) {
    ExchangeReply.Builder reply = ExchangeReply.newBuilder();
    for (Envelope message : request.getMessagesList()) {
      Body body = message.hasMaskedInput() ? Body.of(bodies[member]) : null;
      feed(new Event.Received(member, message, body));
      reply.addReceipts(Receipt.newBuilder().setAccepted(true));
    }
    for (Delivery delivery : boxes.get(member)) {
      if (delivery.getSequence() > request.getAcknowledged()) {
        reply.addDeliveries(delivery);
      }
    }
    return reply.setFinished(result != null && reply.getDeliveriesCount() == 0).build();
  }

  SumResult.RingSum sum() {
    return (SumResult.RingSum) Objects.requireNonNull(result, "the round has not ended");
  }
}
