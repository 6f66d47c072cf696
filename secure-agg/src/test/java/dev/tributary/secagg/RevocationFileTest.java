package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A line that means to revoke revokes, or the file is refused: it is never passed over. */
class RevocationFileTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final SecureRandom random = new SecureRandom();
  private final EnrolmentAuthority authority = EnrolmentAuthority.create("people", random);
  private final Identity member = Identity.generate(random);
  private final Certificate certificate =
      authority.issue(member.publicKey(), NOW.minusSeconds(60), NOW.plusSeconds(60));

  @TempDir Path directory;

  private Path file(String line) throws Exception {
    return Files.writeString(
        directory.resolve("trust.pem"), authority.anchors().toPem() + line + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"revoked: %s", "  revoked:%s", "Revoked: %s  "})
  void fromPem_serialInAnyCase_isRevoked(String line) throws Exception {
    String serial = certificate.serial().toUpperCase(Locale.ROOT);
    TrustAnchors anchors = TrustAnchors.fromPem(file(String.format(line, serial)));
    assertThat(anchors.verifier().refusal(certificate.bytes(), member.publicKey(), null, NOW))
        .hasValueSatisfying(refusal -> assertThat(refusal).contains("revoked"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"revoked: 12", "revoked", "revoked: xyz", "revoked = 00"})
  void fromPem_lineThatIsNoSerial_isRefused(String line) throws Exception {
    Path file = file(line);
    assertThatThrownBy(() -> TrustAnchors.fromPem(file)).isInstanceOf(KeyFileException.class);
  }

  @Test
  void fromPem_withoutRevocations_isBelieved() throws Exception {
    assertThat(
            TrustAnchors.fromPem(file(""))
                .verifier()
                .refusal(certificate.bytes(), member.publicKey(), null, NOW))
        .isEmpty();
  }
}
