package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.client.Transport;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which survivor sets clients were asked to sign and then to unmask, as it came over the line. */
final class Unmaskings {
  /** By session, by client: the messages, each once. */
  private final Map<ByteString, Map<Integer, Set<ByteString>>> sessions = new ConcurrentHashMap<>();

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
