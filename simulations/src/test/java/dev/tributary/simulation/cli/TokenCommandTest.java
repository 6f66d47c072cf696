package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.access.TokenSecret;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.simulation.CommandRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tributary token}. */
final class TokenCommandTest {
  @TempDir private Path folder;

  private String store() {
    Store.open(folder, Durability.MEMORY).close();
    return folder.toString();
  }

  private static CommandRun create(String store, String role, String name, String... more) {
    String[] words =
        Stream.concat(
                Stream.of("token", "create", "--store", store, "--role", role, "--name", name),
                Stream.of(more))
            .toArray(String[]::new);
    return CommandRun.of(words);
  }

  @Test
  void create_printsTheSecretOnce_andKeepsItNowhere() throws IOException {
    String store = store();
    CommandRun run = create(store, "operator", "alice").succeeded();
    assertThat(run.out()).containsPattern("token \"alice\", operator, until 20\\d\\d-");
    String secret = run.out().lines().skip(1).findFirst().orElseThrow();
    assertThat(TokenSecret.parse(secret)).isPresent();
    CommandRun list = CommandRun.of("token", "list", "--store", store).succeeded();
    assertThat(list.out())
        .containsPattern("alice +operator +valid +until")
        .doesNotContain(secret, "tributary_");
    CommandRun log = CommandRun.of("audit-log", "show", "--store", store).succeeded();
    assertThat(log.out())
        .containsPattern(" 1 .* local user \\S.* token-created +token alice with role operator");
    String hex = secret.substring("tributary_".length());
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(bytes).as("%s", file).doesNotContain(hex);
      }
    }
  }

  @Test
  void revoke_endsATokenForGood_andItsNameIsNotUsedAgain() {
    String store = store();
    create(store, "viewer", "bob", "--days", "7").succeeded();
    CommandRun.of("token", "revoke", "bob", "--store", store).succeeded();
    CommandRun.of("token", "revoke", "bob", "--store", store).succeeded();
    assertThat(CommandRun.of("token", "list", "--store", store).out())
        .containsPattern("bob +viewer +revoked");
    assertThat(CommandRun.of("audit-log", "verify", "--store", store).succeeded().out())
        .contains("2 entries");
    create(store, "owner", "bob").failedWith(ErrorCode.TOKEN_NAME_TAKEN);
    CommandRun.of("token", "revoke", "eve", "--store", store)
        .failedWith(ErrorCode.TOKEN_NAME_UNKNOWN);
  }

  @Test
  void create_ofWhatCannotBe_isRefused() {
    String store = store();
    create(store, "root", "alice").failedWith(ErrorCode.USAGE);
    create(store, "owner", "Alice Doe").failedWith(ErrorCode.TOKEN_REQUEST_MALFORMED);
    create(store, "owner", "alice", "--days", "0").failedWith(ErrorCode.TOKEN_REQUEST_MALFORMED);
    create(store, "owner", "alice", "--days", "9999").failedWith(ErrorCode.TOKEN_REQUEST_MALFORMED);
    assertThat(CommandRun.of("token", "list", "--store", store).succeeded().out()).isEmpty();
  }
}
