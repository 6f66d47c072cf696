package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.AuthorityFolder;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorityCommandTest {
  @TempDir private Path directory;

  private final Identity member = Identity.generate(new SecureRandom());
  private final String key = HexFormat.of().formatHex(member.publicKey());

  private CommandRun run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of("authority", command));
    all.addAll(List.of("--folder", directory.resolve("authority").toString()));
    all.addAll(List.of(arguments));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private CertificateVerifier verifier() {
    return TrustAnchors.fromPem(directory.resolve("authority").resolve(AuthorityFolder.TRUST_FILE))
        .verifier();
  }

  private String refusal(Certificate certificate) {
    return verifier()
        .refusal(certificate.bytes(), member.publicKey(), "people", Instant.now().plusSeconds(1))
        .orElse("");
  }

  @Test
  void life_ofACertificate() {
    Path file = directory.resolve("member.pem");
    assertThat(run("init", "--population", "people").succeeded().out()).contains("authority.pem");
    run("issue", "--key", key, "--out", file.toString()).succeeded();
    Certificate certificate = Certificate.read(file);
    assertThat(refusal(certificate)).isEmpty();
    run("rotate").succeeded();
    assertThat(refusal(certificate)).isEmpty();
    Path second = directory.resolve("second.pem");
    run("issue", "--key", key, "--out", second.toString(), "--days", "5").succeeded();
    assertThat(refusal(Certificate.read(second))).isEmpty();
    assertThat(run("revoke", file.toString()).succeeded().out())
        .contains("list 3: 1 serials")
        .doesNotContain("not issued here");
    assertThat(refusal(certificate)).contains("revoked");
    assertThat(run("revoke", "--key", key).succeeded().out()).contains("list 4: 2 serials");
    assertThat(refusal(Certificate.read(second))).contains("revoked");
    assertThat(run("revoke").succeeded().out()).contains("list 5: 2 serials");
  }

  /** It may be right, as after a lost register, so it is done; but a slip is not passed over. */
  @Test
  void revoke_ofASerialThatWasNotIssued_isDoneAndSaid() {
    run("init", "--population", "people").succeeded();
    assertThat(run("revoke", "0A".repeat(16)).succeeded().out())
        .contains("list 2: 1 serials", "0A".repeat(16) + " is revoked, but was not issued here");
  }

  @Test
  void rotate_withoutOverlap_isRefusedAsUsage() {
    run("init", "--population", "people").succeeded();
    run("rotate", "--overlap-days", "0").failedWith(ErrorCode.USAGE);
  }

  @Test
  void badInput_isOneClearError_andWritesNothing() throws Exception {
    run("issue", "--key", key, "--out", "x").failedWith(ErrorCode.KEY_FILE_UNUSABLE);
    run("init", "--population", " ").failedWith(ErrorCode.KEY_FILE_UNUSABLE);
    run("init", "--population", "people").succeeded();
    run("init", "--population", "people").failedWith(ErrorCode.KEY_FILE_UNUSABLE);
    Path file = Files.writeString(directory.resolve("taken.pem"), "mine");
    run("issue", "--key", key, "--out", file.toString()).failedWith(ErrorCode.OUTPUT_NOT_WRITABLE);
    assertThat(file).hasContent("mine");
    run("issue", "--key", "12", "--out", "x").failedWith(ErrorCode.USAGE);
    run("issue", "--key", key, "--out", "x", "--days", "0").failedWith(ErrorCode.USAGE);
    run("revoke", file.toString()).failedWith(ErrorCode.KEY_FILE_UNUSABLE);
    run("revoke", "--key", key).failedWith(ErrorCode.USAGE);
    run("revoke", directory.resolve("none").toString()).failedWith(ErrorCode.KEY_FILE_UNUSABLE);
  }

  @Test
  void failure_outdatedTrust_hasItsCode() {
    CommandRun.failing(new dev.tributary.secagg.OutdatedTrustException("older"))
        .failedWith(ErrorCode.TRUST_OUTDATED);
  }
}
