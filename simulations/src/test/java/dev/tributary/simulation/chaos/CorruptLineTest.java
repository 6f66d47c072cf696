package dev.tributary.simulation.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.client.ClientException;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.net.HttpServer;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One bit that changes on the line ends its connection: TLS hands out nothing of it. */
@Timeout(60)
class CorruptLineTest {
  @TempDir private Path folder;

  @Test
  void bitsChangedOnTheLine_areRefused_andTheNextConnectionServes() throws Exception {
    CoordinatorMetrics metrics = new CoordinatorMetrics();
    TlsIdentity tls = TlsIdentity.createOrLoad(folder, List.of("127.0.0.1"));
    try (Store store = Store.open(folder, Durability.MEMORY);
        Coordinator coordinator =
            Coordinator.open(
                store,
                new Coordinator.Settings(
                    ChaosJob.parsed(ChaosJob.file(1, false, 10)),
                    ChaosJob.CLIENTS,
                    TrustAnchors.trustOnFirstUse(),
                    Sa1.of("sa1"),
                    null,
                    metrics.of(ChaosJob.NAME),
                    Clock.systemUTC(),
                    1));
        HttpServer server = HttpServer.start(coordinator, metrics, tls, "127.0.0.1", 0);
        ChaosProxy proxy = new ChaosProxy(1);
        Transport line =
            HttpTransport.pinned(
                URI.create("https://127.0.0.1:" + proxy.port()), tls.fingerprint())) {
      proxy.leadTo(server.port());
      for (int connection = 0; connection < 5; connection++) {
        assertThat(line.coordinator().getTask()).isEqualTo(ChaosJob.NAME);
        proxy.corrupt = true;
        assertThatThrownBy(line::coordinator).isInstanceOf(ClientException.class);
        proxy.corrupt = false;
        proxy.cut(1, 0);
      }
      assertThat(line.coordinator().getTask()).isEqualTo(ChaosJob.NAME);
    }
  }
}
