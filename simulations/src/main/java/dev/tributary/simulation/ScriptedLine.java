package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.Transport;
import dev.tributary.plan.Plan;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Receipt;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The line of one live client, on which it leaves where the {@link FaultPlan} says so: in place of
 * the first message that it keeps to itself the coordinator hears a decline, so that nobody waits
 * for it, and the client hears that the round does not take it. What is in the sum is what it would
 * be if the client had fallen silent.
 */
final class ScriptedLine implements Transport {
  private final Transport way;
  private final int client;
  private final FaultPlan faults;
  private final FaultLog log;

  /** What a client does in a session that it was offered. */
  private record Part(int round, DropPhase drop) {}

  private final Map<ByteString, Part> parts = new ConcurrentHashMap<>();

  ScriptedLine(Transport way, int client, FaultPlan faults, FaultLog log) {
    this.way = way;
    this.client = client;
    this.faults = faults;
    this.log = log;
  }

  @Override
  public ExchangeReply exchange(byte[] token, ExchangeRequest request) throws InterruptedException {
    boolean leaves = request.getMessagesList().stream().anyMatch(this::silences);
    ExchangeReply reply = way.exchange(token, leaves ? declining(request) : request);
    for (Delivery each : reply.getDeliveriesList()) {
      if (each.getEnvelope().hasOffer()) {
        note(each.getEnvelope());
      }
    }
    return leaves ? refusing(request, reply) : reply;
  }

  private void note(Envelope offer) {
    int round = Plan.parse(offer.getOffer().getPlan().toByteArray()).round();
    faults
        .drop(round, client)
        .ifPresent(phase -> parts.putIfAbsent(offer.getSession(), new Part(round, phase)));
  }

  private boolean silences(Envelope message) {
    Part part = parts.get(message.getSession());
    return part != null && part.drop().silences(message);
  }

  private ExchangeRequest declining(ExchangeRequest request) {
    ExchangeRequest.Builder said = request.toBuilder().clearMessages();
    for (Envelope message : request.getMessagesList()) {
      if (silences(message)) {
        said.addMessages(
            Envelope.newBuilder()
                .setSession(message.getSession())
                .setDecline(Decline.newBuilder().setCode("dropped-out")));
      } else {
        said.addMessages(message);
      }
    }
    return said.build();
  }

  private ExchangeReply refusing(ExchangeRequest request, ExchangeReply reply) {
    ExchangeReply.Builder heard = reply.toBuilder().clearReceipts();
    for (Envelope message : request.getMessagesList()) {
      Part part = parts.get(message.getSession());
      if (part != null && silences(message)) {
        // Real time is none of the simulation's.
        log.dropped(part.round(), client, part.drop(), VirtualShell.START);
      }
      heard.addReceipts(
          Receipt.newBuilder().setCode("dropped-out").setReason("the script lets it leave here"));
    }
    return heard.build();
  }

  @Override
  public CheckInReply coordinator() throws InterruptedException {
    return way.coordinator();
  }

  @Override
  public CheckInReply checkIn(CheckInRequest request) throws InterruptedException {
    return way.checkIn(request);
  }

  @Override
  public CheckInReply withdraw(CheckInRequest request) throws InterruptedException {
    return way.withdraw(request);
  }

  @Override
  public void get(byte[] token, String digest, long length, ByteArrayOutputStream into)
      throws InterruptedException {
    way.get(token, digest, length, into);
  }

  @Override
  public long uploaded(byte[] token, byte[] session) throws InterruptedException {
    return way.uploaded(token, session);
  }

  @Override
  public long put(byte[] token, byte[] session, Body body, long offset)
      throws InterruptedException {
    return way.put(token, session, body, offset);
  }

  @Override
  public void close() {
    // Its owner closes what is behind it.
  }
}
