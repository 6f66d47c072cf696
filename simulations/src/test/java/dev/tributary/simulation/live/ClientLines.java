package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.client.Transport;
import dev.tributary.plan.Plan;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Receipt;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What went over the lines of clients: which survivor sets they were asked to sign and then to
 * unmask, and which of their inputs were acknowledged.
 */
final class ClientLines {
  /** By session, by client: the messages, each once. */
  private final Map<ByteString, Map<Integer, Set<ByteString>>> sessions = new ConcurrentHashMap<>();

  private final Map<ByteString, Integer> rounds = new ConcurrentHashMap<>();

  /** By session: the clients that were told that their input is there, and in time. */
  private final Map<ByteString, Set<Integer>> acknowledged = new ConcurrentHashMap<>();

  /** Hears of each message as its sender is told that it was taken, and in time. */
  private final Consumer<Envelope> taken;

  ClientLines(Consumer<Envelope> taken) {
    this.taken = taken;
  }

  /** A client's line, listened to. */
  Transport by(int client, Transport line) {
    return (Transport)
        Proxy.newProxyInstance(
            Transport.class.getClassLoader(),
            new Class<?>[] {Transport.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(line, arguments);
                if (answer instanceof ExchangeReply reply) {
                  receipts(client, (ExchangeRequest) arguments[1], reply);
                  reply.getDeliveriesList().stream()
                      .map(Delivery::getEnvelope)
                      .filter(Envelope::hasOffer)
                      .forEach(this::offered);
                  reply.getDeliveriesList().stream()
                      .map(Delivery::getEnvelope)
                      .filter(Envelope::hasSurvivors)
                      .forEach(envelope -> asked(client, envelope));
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void offered(Envelope envelope) {
    Plan plan = Plan.parse(envelope.getOffer().getPlan().toByteArray());
    rounds.put(envelope.getSession(), plan.round());
  }

  private void receipts(int client, ExchangeRequest request, ExchangeReply reply) {
    for (int i = 0; i < Math.min(request.getMessagesCount(), reply.getReceiptsCount()); i++) {
      Receipt receipt = reply.getReceipts(i);
      if (!receipt.getAccepted() || !receipt.getCode().isEmpty()) {
        continue;
      }
      taken.accept(request.getMessages(i));
      if (request.getMessages(i).hasMaskedInput()) {
        acknowledged
            .computeIfAbsent(
                request.getMessages(i).getSession(), session -> ConcurrentHashMap.newKeySet())
            .add(client);
      }
    }
  }

  /** The round of a session that was offered. */
  int round(ByteString session) {
    return rounds.get(session);
  }

  /** The clients whose input of a round was acknowledged to them. */
  Set<Integer> acknowledged(int round) {
    Set<Integer> all = new HashSet<>();
    acknowledged.forEach(
        (session, clients) -> {
          if (Objects.equals(rounds.get(session), round)) {
            all.addAll(clients);
          }
        });
    return all;
  }

  private void asked(int client, Envelope envelope) {
    sessions
        .computeIfAbsent(envelope.getSession(), session -> new ConcurrentHashMap<>())
        .computeIfAbsent(client, first -> ConcurrentHashMap.newKeySet())
        .add(envelope.getSurvivors().getSurvivors());
  }

  /** Of each session all were asked for the same one. */
  void check(String as, long committed) {
    assertThat((long) sessions.size()).as(as).isGreaterThanOrEqualTo(committed);
    sessions.forEach(
        (session, byClient) -> {
          Set<ByteString> all = new HashSet<>();
          byClient.values().forEach(all::addAll);
          assertThat(List.copyOf(all))
              .as("%s: survivor sets of a session, %s", as, byClient)
              .hasSize(1);
        });
  }
}
