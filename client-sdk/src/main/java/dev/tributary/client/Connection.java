package dev.tributary.client;

import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * What one check-in gave: a token, and the deliveries taken in under it. The long poll and the
 * requests that send share it; each reply may repeat what another has brought, and every delivery
 * is taken once, in order.
 */
final class Connection {
  private final byte[] token;
  private final byte[] coordinatorKey;
  private long taken;

  Connection(byte[] token, byte[] coordinatorKey) {
    this.token = token.clone();
    this.coordinatorKey = coordinatorKey.clone();
  }

  byte[] token() {
    return token.clone();
  }

  byte[] coordinatorKey() {
    return coordinatorKey.clone();
  }

  synchronized ExchangeRequest.Builder request() {
    return ExchangeRequest.newBuilder().setAcknowledged(taken);
  }

  /** The messages of a reply that were not taken before, in order. */
  synchronized List<Envelope> take(ExchangeReply reply) {
    List<Envelope> fresh = new ArrayList<>();
    for (Delivery delivery : reply.getDeliveriesList()) {
      if (delivery.getSequence() > taken) {
        taken = delivery.getSequence();
        fresh.add(delivery.getEnvelope());
      }
    }
    return fresh;
  }
}
