package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionTest {
  private final Connection connection = new Connection(new byte[32], new byte[32]);

  private static ExchangeReply reply(int... sequences) {
    ExchangeReply.Builder reply = ExchangeReply.newBuilder();
    for (int sequence : sequences) {
      Envelope message =
          Envelope.newBuilder().setDecline(Decline.newBuilder().setCode("" + sequence)).build();
      reply.addDeliveries(Delivery.newBuilder().setSequence(sequence).setEnvelope(message));
    }
    return reply.build();
  }

  private List<String> take(int... sequences) {
    return connection.take(reply(sequences)).stream().map(m -> m.getDecline().getCode()).toList();
  }

  @Test
  void delivery_isTakenOnce_whicheverReplyBringsIt() {
    assertThat(take(1, 2)).containsExactly("1", "2");
    assertThat(take(1, 2, 3)).containsExactly("3");
    assertThat(take(2)).isEmpty();
    assertThat(take()).isEmpty();
  }

  @Test
  void request_acknowledgesWhatWasTaken() {
    assertThat(connection.request().getAcknowledged()).isZero();
    take(4, 5);
    assertThat(connection.request().getAcknowledged()).isEqualTo(5);
  }
}
