package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Revocation, its age, and the change of an authority's key. */
class AuthorityTest {

  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final Duration YEAR = Duration.ofDays(365);
  private static final Instant LATER = NOW.plus(YEAR);
  private static final Duration QUARTER = Duration.ofDays(90);

  @TempDir Path directory;

  private final SecureRandom random = new SecureRandom();
  private final Identity member = Identity.generate(random);

  private AuthorityFolder create() {
    return AuthorityFolder.create(directory.resolve("authority"), "people", NOW, QUARTER, random);
  }

  private String refusal(TrustAnchors anchors, Certificate certificate, Instant at) {
    return refusal(anchors.verifier(), certificate, at);
  }

  private String refusal(CertificateVerifier verifier, Certificate certificate, Instant at) {
    return verifier.refusal(certificate.bytes(), member.publicKey(), "people", at).orElse("");
  }

  @Test
  void revoke_certificate_isRefusedAlsoByAVerifierThatHadFoundItGood() {
    try (AuthorityFolder authority = create()) {
      Certificate certificate = authority.issue(member.publicKey(), NOW, YEAR);
      CertificateVerifier verifier = authority.trust().verifier();
      assertThat(refusal(verifier, certificate, NOW)).isEmpty();
      authority.revoke(List.of(certificate.serial()), NOW, QUARTER);
      assertThat(refusal(verifier, certificate, NOW)).isEmpty();
      verifier.trust(authority.trust());
      assertThat(refusal(verifier, certificate, NOW)).contains("revoked");
      assertThat(authority.serialsOf(member.publicKey())).containsExactly(certificate.serial());
    }
  }

  @Test
  void list_thatRanOut_letsNobodyIn() {
    try (AuthorityFolder authority = create()) {
      Certificate certificate = authority.issue(member.publicKey(), NOW, YEAR);
      Instant end = NOW.plus(QUARTER);
      assertThat(refusal(authority.trust(), certificate, end.minusSeconds(1))).isEmpty();
      assertThat(refusal(authority.trust(), certificate, end)).contains("ran out");
      authority.revoke(List.of(), end, QUARTER);
      assertThat(refusal(authority.trust(), certificate, end)).isEmpty();
    }
  }

  @Test
  void update_olderList_isRefused_andARestartDoesNotForget() {
    Path memory = directory.resolve("revocations");
    try (AuthorityFolder authority = create()) {
      TrustAnchors first = authority.trust();
      authority.revoke(List.of("00".repeat(16)), NOW, QUARTER);
      TrustAnchors second = authority.trust();
      assertThatThrownBy(() -> second.update(first.toPem()))
          .isInstanceOf(OutdatedTrustException.class);
      assertThat(first.update(second.toPem()).listNumbers()).containsValue(2L);
      RevocationMemory.hold(memory, first);
      RevocationMemory.hold(memory, second);
      assertThatThrownBy(() -> RevocationMemory.hold(memory, first))
          .isInstanceOf(OutdatedTrustException.class)
          .hasMessageContaining("number 1")
          .hasMessageContaining("number 2");
      TrustAnchors none = TrustAnchors.of(first.pinned());
      assertThatThrownBy(() -> RevocationMemory.hold(memory, none))
          .as("a list that was taken away")
          .isInstanceOf(OutdatedTrustException.class);
      RevocationMemory.hold(memory, second);
    }
  }

  @Test
  void memory_damaged_isRefused() throws Exception {
    Path memory = Files.writeString(directory.resolve("revocations"), "x 1\n");
    TrustAnchors none = TrustAnchors.trustOnFirstUse();
    assertThatThrownBy(() -> RevocationMemory.hold(memory, none))
        .isInstanceOf(KeyFileException.class);
    Files.writeString(memory, "ab".repeat(32) + " 9999999999999999999\n");
    assertThatThrownBy(() -> RevocationMemory.hold(memory, none))
        .isInstanceOf(KeyFileException.class);
  }

  @Test
  void rotate_bothKeysCountForTheOverlap_andNobodyEnrolsAnew() {
    try (AuthorityFolder authority = create()) {
      TrustAnchors inTheApp = TrustAnchors.of(authority.trust().pinned());
      Certificate old = authority.issue(member.publicKey(), NOW, YEAR);
      Succession succession = authority.rotate(null, NOW, YEAR.multipliedBy(3));
      Certificate fresh = authority.issue(member.publicKey(), NOW, YEAR.multipliedBy(2));
      assertThat(succession.until()).as("the last old certificate").isEqualTo(old.notAfter());
      assertThat(refusal(inTheApp, fresh, NOW)).contains("not trusted");
      for (TrustAnchors anchors :
          List.of(inTheApp.update(authority.trust().toPem()), authority.trust())) {
        assertThat(refusal(anchors, old, NOW)).isEmpty();
        assertThat(refusal(anchors, fresh, NOW)).isEmpty();
        assertThat(refusal(anchors, fresh, succession.until())).isEmpty();
        assertThat(refusal(anchors, old, succession.until())).contains("replaced");
      }
    }
  }

  @Test
  void rotate_revocationsOfTheOldKey_stillHold() {
    try (AuthorityFolder authority = create()) {
      TrustAnchors inTheApp = authority.trust();
      Certificate old = authority.issue(member.publicKey(), NOW, YEAR);
      authority.revoke(List.of(old.serial()), NOW, QUARTER);
      TrustAnchors before = authority.trust();
      authority.rotate(LATER, NOW, QUARTER);
      assertThat(refusal(inTheApp.update(authority.trust().toPem()), old, NOW)).contains("revoked");
      Path memory = directory.resolve("revocations");
      RevocationMemory.hold(memory, authority.trust());
      assertThatThrownBy(() -> RevocationMemory.hold(memory, before))
          .as("the file of before the rotation")
          .isInstanceOf(OutdatedTrustException.class);
      authority.revoke(List.of(), NOW, QUARTER);
      assertThat(authority.revocations().number()).isEqualTo(4);
      assertThat(authority.revocations().serials()).isEqualTo(Set.of(old.serial()));
    }
  }

  @Test
  void rotate_again_leadsFromTheFirstKeyToTheThird() {
    try (AuthorityFolder authority = create()) {
      TrustAnchors inTheApp = TrustAnchors.of(authority.trust().pinned());
      authority.rotate(NOW.plusSeconds(10), NOW, QUARTER);
      authority.rotate(LATER, NOW.plusSeconds(20), QUARTER);
      Certificate fresh = authority.issue(member.publicKey(), NOW, YEAR);
      assertThat(refusal(inTheApp.update(authority.trust().toPem()), fresh, NOW)).isEmpty();
      assertThat(authority.trust().pinned()).as("who is new pins no key that is over").hasSize(2);
    }
    try (AuthorityFolder opened = AuthorityFolder.open(directory.resolve("authority"), random)) {
      assertThat(refusal(opened.trust(), opened.issue(member.publicKey(), NOW, YEAR), NOW))
          .isEmpty();
    }
  }

  /** A key that was replaced can neither name another heir nor bring in a stranger's key. */
  @Test
  void update_stolenOldKey_bringsNothingIn() {
    EnrolmentAuthority old = EnrolmentAuthority.create("people", random);
    EnrolmentAuthority next = EnrolmentAuthority.create("people", random);
    EnrolmentAuthority thief = EnrolmentAuthority.create("people", random);
    TrustAnchors anchors =
        old.anchors().update(old.succeededBy(next, NOW, NOW.plusSeconds(10)).toPem());
    String second = old.succeededBy(thief, NOW, NOW.plusSeconds(10)).toPem();
    assertThatThrownBy(() -> anchors.update(second))
        .isInstanceOf(KeyFileException.class)
        .hasMessageContaining("Two keys claim");
    TrustAnchors backwards = next.anchors().update(thief.succeededBy(next, NOW, LATER).toPem());
    assertThat(refusal(backwards, thief.issue(member.publicKey(), NOW, NOW.plusSeconds(9)), NOW))
        .contains("not trusted");
    String circle = next.succeededBy(old, NOW, LATER).toPem();
    Certificate late = old.issue(member.publicKey(), NOW, LATER);
    assertThat(refusal(anchors.update(circle), late, NOW.plusSeconds(10))).contains("replaced");
  }

  @Test
  void update_statementsOfStrangersOrDamaged_areRefused() {
    EnrolmentAuthority authority = EnrolmentAuthority.create("people", random);
    EnrolmentAuthority stranger = EnrolmentAuthority.create("people", random);
    TrustAnchors anchors = authority.anchors();
    List<String> wrong = new ArrayList<>();
    wrong.add(stranger.revoke(1, List.of(), NOW, LATER).toPem());
    RevocationList list = authority.revoke(1, List.of("ab".repeat(16)), NOW, LATER);
    wrong.add(list.toPem() + authority.revoke(1, List.of(), NOW, LATER).toPem());
    wrong.add(list.toPem().replace("-----END", "---- END"));
    for (int bit = 0; bit < 8 * list.bytes().length; bit++) {
      byte[] flipped = list.bytes();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      wrong.add(KeyFiles.pem(RevocationList.PEM, flipped));
    }
    Succession succession = authority.succeededBy(stranger, NOW, LATER);
    for (int at = 33; at < succession.bytes().length; at += 5) {
      byte[] flipped = succession.bytes();
      flipped[at] ^= 1;
      wrong.add(KeyFiles.pem(Succession.PEM, flipped));
    }
    wrong.add(KeyFiles.pem(Succession.PEM, new byte[5]));
    for (String each : wrong) {
      assertThatThrownBy(() -> anchors.update(each)).as(each).isInstanceOf(KeyFileException.class);
    }
    assertThat(anchors.update(list.toPem()).toPem()).contains(list.toPem());
  }

  @Test
  void update_publicKeysInIt_areNotPinned() {
    EnrolmentAuthority stranger = EnrolmentAuthority.create("people", random);
    TrustAnchors anchors = EnrolmentAuthority.create("people", random).anchors();
    TrustAnchors updated = anchors.update(stranger.anchors().toPem());
    assertThat(refusal(updated, stranger.issue(member.publicKey(), NOW, LATER), NOW))
        .contains("not trusted");
  }

  @Test
  void folder_secretsAreTheOwners_andNothingIsOverwritten() throws Exception {
    Path folder = directory.resolve("authority");
    create().close();
    List<Path> keys;
    try (var files = Files.list(folder)) {
      keys = files.filter(f -> f.getFileName().toString().startsWith("key-")).toList();
    }
    assertThat(keys).hasSize(1);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.get(0))))
        .isEqualTo("rw-------");
    assertThat(Files.readString(folder.resolve(AuthorityFolder.TRUST_FILE)))
        .doesNotContain("PRIVATE");
    byte[] key = Files.readAllBytes(keys.get(0));
    assertThatThrownBy(this::create)
        .isInstanceOf(KeyFileException.class)
        .hasMessageContaining("never overwritten");
    assertThatThrownBy(() -> EnrolmentAuthority.create("people", random).save(keys.get(0)))
        .isInstanceOf(KeyFileException.class);
    assertThat(Files.readAllBytes(keys.get(0))).isEqualTo(key);
    try (AuthorityFolder held = AuthorityFolder.open(folder, random)) {
      assertThat(held.toString()).doesNotContain("PRIVATE");
      assertThatThrownBy(() -> AuthorityFolder.open(folder, random))
          .isInstanceOf(KeyFileException.class)
          .hasMessageContaining("another process");
    }
    assertThatThrownBy(() -> AuthorityFolder.open(directory.resolve("none"), random))
        .isInstanceOf(KeyFileException.class)
        .hasMessageContaining("authority init");
    Files.delete(keys.get(0));
    assertThatThrownBy(() -> AuthorityFolder.open(folder, random))
        .isInstanceOf(KeyFileException.class);
  }

  @Test
  void certificate_pem_roundTrips() throws Exception {
    try (AuthorityFolder authority = create()) {
      Certificate certificate = authority.issue(member.publicKey(), NOW, YEAR);
      Path file = Files.writeString(directory.resolve("c.pem"), certificate.toPem());
      assertThat(Certificate.read(file).bytes()).isEqualTo(certificate.bytes());
      Files.writeString(file, certificate.toPem() + certificate.toPem());
      assertThatThrownBy(() -> Certificate.read(file)).isInstanceOf(KeyFileException.class);
      Files.writeString(file, KeyFiles.pem(Certificate.PEM, new byte[9]));
      assertThatThrownBy(() -> Certificate.read(file)).isInstanceOf(KeyFileException.class);
    }
  }
}
