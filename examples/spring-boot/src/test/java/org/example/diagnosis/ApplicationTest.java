package org.example.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.client.FederatedClient;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.TrustAnchors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The context starts a client, and takes it along when it closes. */
class ApplicationTest {
  @TempDir Path directory;

  @Test
  void context_opensAndClosesTheClient() throws Exception {
    Path rows = Files.writeString(directory.resolve("rows.csv"), "a,b,diagnosis\n1,2,0\n2,1,1\n");
    Path state = directory.resolve("state");
    EnrolmentAuthority known = EnrolmentAuthority.create("clinics", new SecureRandom());
    Path authority =
        Files.writeString(directory.resolve("authority.pem"), known.anchors().toPem());
    SpringApplication application = new SpringApplication(Application.class);
    try (ConfigurableApplicationContext context =
        application.run(
            "--tributary.coordinator=https://localhost:1",
            "--tributary.authority=" + authority,
            "--tributary.certificate=" + directory.resolve("client.certificate"),
            "--tributary.state=" + state,
            "--tributary.rows=" + rows)) {
      FederatedClient client = context.getBean(FederatedClient.class);
      assertThat(client.identityKey()).hasSize(32);
      assertThat(client.preview()).isPresent();
      assertThat(context.getBean(TrustAnchors.class).certified()).isTrue();
      assertThat(state.resolve("identity.pem")).exists();
      assertThat(threads()).isPositive();
    }
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> threads() == 0);
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("tributary"))
        .count();
  }
}
