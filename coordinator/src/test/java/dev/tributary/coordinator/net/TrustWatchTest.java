package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.AuthorityFolder;
import dev.tributary.secagg.OutdatedTrustException;
import dev.tributary.secagg.TrustAnchors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustWatchTest {
  @TempDir private Path directory;

  private final List<TrustAnchors> taken = new ArrayList<>();
  private final List<String> told = new ArrayList<>();

  @Test
  void look_changedFile_isTakenOnce_andABadOneIsTold() throws Exception {
    Instant now = Instant.now();
    Duration year = Duration.ofDays(365);
    try (AuthorityFolder authority =
        AuthorityFolder.create(
            directory.resolve("authority"), "people", now, year, new SecureRandom())) {
      try (TrustWatch watch = TrustWatch.over(authority.trustFile(), taken::add, told::add)) {
        watch.look();
        assertThat(taken).isEmpty();
        authority.revoke(List.of("0f".repeat(16)), now, year);
        watch.look();
        watch.look();
        assertThat(taken).hasSize(1);
        assertThat(taken.get(0).toPem()).isEqualTo(authority.trust().toPem());
        Files.writeString(authority.trustFile(), "nothing");
        watch.look();
        assertThat(taken).hasSize(1);
        assertThat(told).last().asString().contains("not taken");
        Files.delete(authority.trustFile());
        watch.look();
        assertThat(taken).hasSize(1);
      }
    }
  }

  @Test
  void look_fileThatIsRefused_isTold() throws Exception {
    Path file = directory.resolve("authority.pem");
    try (TrustWatch watch =
        TrustWatch.over(
            file,
            anchors -> {
              throw new OutdatedTrustException("older than before");
            },
            told::add)) {
      Files.writeString(
          file,
          dev.tributary.secagg.EnrolmentAuthority.create("people", new SecureRandom())
              .anchors()
              .toPem());
      watch.look();
      assertThat(told).hasSize(1).first().asString().contains("older than before");
    }
  }

  @Test
  void look_withoutAFile_doesNothing() {
    try (TrustWatch watch = TrustWatch.over(null, taken::add, told::add)) {
      watch.start();
      watch.look();
      assertThat(taken).isEmpty();
      assertThat(told).isEmpty();
    }
  }
}
