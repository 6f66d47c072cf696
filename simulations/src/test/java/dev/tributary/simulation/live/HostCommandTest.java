package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.EnrolmentAuthority;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class HostCommandTest {
  @TempDir private Path folder;

  @Test
  @Timeout(60)
  void call_nobodyAnswers_endsWithOneLineAfterItsPatience() throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), LiveJobs.digits(20, 20, 6, 40));
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    try (EnrolmentAuthority authority = EnrolmentAuthority.create("default", new SecureRandom())) {
      Path anchors = Files.writeString(folder.resolve("a.pem"), authority.anchors().toPem());
      List<String> arguments =
          List.of(
              "clients",
              "--job",
              job.toString(),
              "--coordinator",
              "https://127.0.0.1:" + port,
              "--pin",
              "sha256:" + "ab".repeat(32),
              "--authority",
              anchors.toString(),
              "--state",
              folder.resolve("clients").toString(),
              "--first",
              "0",
              "--count",
              "5",
              "--patience",
              "1");
      try (ChildProcess host = ChildProcess.start("host", List.of(), arguments, said::add)) {
        String asked = said.poll(40, TimeUnit.SECONDS);
        assertThat(asked).startsWith(PipeEnrolment.ENROL);
        String key = asked.substring(PipeEnrolment.ENROL.length());
        Instant now = Instant.now();
        byte[] certificate =
            authority
                .issue(HexFormat.of().parseHex(key), now.minusSeconds(60), now.plusSeconds(3_600))
                .bytes();
        host.tell(PipeEnrolment.CERTIFICATE + key + " " + HexFormat.of().formatHex(certificate));

        assertThat(host.awaitEnd(Duration.ofSeconds(30))).as(host.lastLines()).isTrue();
        assertThat(host.exitStatus()).isEqualTo(69);
        assertThat(host.lastLines())
            .contains("tributary: Client 0 could not check in at https://127.0.0.1:" + port)
            .contains("nothing listens there")
            .doesNotContain("\tat ");
      }
    }
  }
}
