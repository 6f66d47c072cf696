package dev.tributary.simulation.chaos;

import com.google.protobuf.ByteString;
import dev.tributary.plan.Plan;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What clients said to their coordinator and were told by it, over all restarts of both. */
final class Witness {
  private final Map<ByteString, Integer> rounds = new ConcurrentHashMap<>();
  private final Map<String, Set<ByteString>> different = new ConcurrentHashMap<>();
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private volatile boolean refusedTwice;

  void said(int client, ExchangeRequest request) {
    for (Envelope message : request.getMessagesList()) {
      if (message.hasMaskedInput() || message.hasUnmask() || message.hasSignedSurvivors()) {
        note(client, message);
      }
    }
  }

  void heard(int client, ExchangeRequest request, ExchangeReply reply) {
    for (Delivery delivery : reply.getDeliveriesList()) {
      Envelope message = delivery.getEnvelope();
      if (message.hasOffer()) {
        Plan plan = Plan.parse(message.getOffer().getPlan().toByteArray());
        rounds.put(message.getSession(), plan.round());
      } else if (message.hasSurvivors()) {
        note(-1, message);
      }
    }
    for (int i = 0; i < reply.getReceiptsCount() && i < request.getMessagesCount(); i++) {
      if (request.getMessages(i).hasMaskedInput()
          && reply.getReceipts(i).getAccepted()
          && reply.getReceipts(i).getCode().isEmpty()) {
        accepted.add(client + " " + rounds.get(request.getMessages(i).getSession()));
      }
    }
  }

  void refusedTwice() {
    refusedTwice = true;
  }

  /** Whether a check-in that came twice was refused the second time. */
  boolean sawRefusal() {
    return refusedTwice;
  }

  private void note(int client, Envelope message) {
    String who = client < 0 ? "the coordinator" : "client " + client;
    different
        .computeIfAbsent(
            who + " " + message.getKindCase() + " round " + rounds.get(message.getSession()),
            any -> ConcurrentHashMap.newKeySet())
        .add(message.toByteString());
  }

  /** Whether this client's input of a round was acknowledged. */
  boolean acknowledged(int client, int round) {
    return accepted.contains(client + " " + round);
  }

  /** Whatever was said in two ways where there is one alone. */
  List<String> contradictions() {
    List<String> found = new ArrayList<>();
    different.forEach(
        (what, messages) -> {
          if (messages.size() > 1) {
            found.add(messages.size() + " different messages: " + what);
          }
        });
    return found;
  }
}
