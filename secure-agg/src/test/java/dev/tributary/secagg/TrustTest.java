package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.wire.Seed;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Identities, certificates, trust anchors and the development TLS certificate. */
class TrustTest {

  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  @TempDir Path folder;

  private final Identity device = Identity.fromSeed(Seed.of(new byte[32]));
  private final EnrolmentAuthority authority =
      EnrolmentAuthority.create("people", new SecureRandom());
  private final Certificate certificate =
      authority.issue(device.publicKey(), NOW.minusSeconds(10), NOW.plusSeconds(10));
  private final CertificateVerifier verifier = authority.anchors().verifier();

  private String refusal(byte[] bytes, byte[] key, Instant at) {
    return verifier.refusal(bytes, key, "people", at).orElse("");
  }

  @Test
  void refusal_goodCertificate_isNothingFirstAndAgain() {
    for (int i = 0; i < 3; i++) {
      assertThat(refusal(certificate.bytes(), device.publicKey(), NOW)).isEmpty();
    }
    assertThat(certificate.population()).isEqualTo("people");
    assertThat(certificate.identityKey()).isEqualTo(device.publicKey());
    assertThat(Certificate.parse(certificate.bytes()).serial()).isEqualTo(certificate.serial());
  }

  @Test
  void refusal_everyRule_isNamedAlsoOnceKnown() {
    refusal(certificate.bytes(), device.publicKey(), NOW);
    assertThat(refusal(certificate.bytes(), new byte[32], NOW)).contains("another identity");
    assertThat(refusal(certificate.bytes(), device.publicKey(), NOW.plusSeconds(10)))
        .contains("expired");
    assertThat(refusal(certificate.bytes(), device.publicKey(), NOW.minusSeconds(11)))
        .contains("not valid yet");
    assertThat(verifier.refusal(certificate.bytes(), device.publicKey(), "others", NOW).orElse(""))
        .contains("another population");
    CertificateVerifier others =
        EnrolmentAuthority.create("people", new SecureRandom()).anchors().verifier();
    assertThat(others.refusal(certificate.bytes(), device.publicKey(), null, NOW).orElse(""))
        .contains("not trusted");
    CertificateVerifier revoking =
        authority.anchors().revoking(List.of(certificate.serial())).verifier();
    assertThat(revoking.refusal(certificate.bytes(), device.publicKey(), null, NOW).orElse(""))
        .contains("revoked");
  }

  @Test
  void refusal_anyBitFlipped_isRefused() {
    byte[] bytes = certificate.bytes();
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(refusal(flipped, device.publicKey(), NOW)).as("bit %d", bit).isNotEmpty();
    }
  }

  @Test
  void refusals_mixedBatch_namesEach() {
    byte[] forged = certificate.bytes();
    forged[forged.length - 1] ^= 1;
    com.google.protobuf.ByteString key =
        com.google.protobuf.ByteString.copyFrom(device.publicKey());
    List<CertificateVerifier.Claim> claims =
        List.of(
            new CertificateVerifier.Claim(
                com.google.protobuf.ByteString.copyFrom(certificate.bytes()), key),
            new CertificateVerifier.Claim(com.google.protobuf.ByteString.copyFrom(forged), key),
            new CertificateVerifier.Claim(com.google.protobuf.ByteString.EMPTY, key));
    Map<Integer, String> refusals = verifier.refusals(claims, null, NOW);
    assertThat(refusals).containsOnlyKeys(1, 2);
    assertThat(refusals.get(1)).contains("signature");
    assertThat(refusals.get(2)).contains("not a certificate");
  }

  @Test
  void trustOnFirstUse_believesAll() {
    CertificateVerifier none = TrustAnchors.trustOnFirstUse().verifier();
    assertThat(none.certified()).isFalse();
    assertThat(none.refusal(new byte[0], new byte[32], null, NOW)).isEmpty();
    assertThatThrownBy(() -> TrustAnchors.of(List.of())).hasMessageContaining("trustOnFirstUse");
  }

  @Test
  void anchors_pem_roundTrips() throws Exception {
    TrustAnchors anchors = authority.anchors().revoking(List.of(certificate.serial()));
    Path file = folder.resolve("anchors.pem");
    Files.writeString(file, anchors.toPem());
    TrustAnchors read = TrustAnchors.fromPem(file);
    assertThat(read.toPem()).isEqualTo(anchors.toPem());
    assertThat(read.verifier().refusal(certificate.bytes(), device.publicKey(), null, NOW))
        .isPresent();
    Files.writeString(file, "nothing");
    assertThatThrownBy(() -> TrustAnchors.fromPem(file))
        .isInstanceOf(KeyFileException.class)
        .hasMessageContaining("anchors.pem");
  }

  @Test
  void identity_saveAndLoad_ownerOnlyAndReadableByTheJdk() throws Exception {
    Path file = folder.resolve("deep/identity.pem");
    device.save(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Identity loaded = Identity.load(file);
    assertThat(loaded.publicKey()).isEqualTo(device.publicKey());
    byte[] der = KeyFiles.blocks(Files.readString(file), KeyFiles.PRIVATE).get(0);
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(
        KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der)));
    signer.update(new byte[] {0, 1, 'x', 7});
    assertThat(Identity.verify(device.publicKey(), signer.sign(), "x", new byte[] {7})).isTrue();
  }

  @Test
  void identity_signature_isBoundToItsLabel() {
    byte[] signature = device.sign("a", new byte[] {1}, new byte[] {2});
    assertThat(Identity.verify(device.publicKey(), signature, "a", new byte[] {1, 2})).isTrue();
    assertThat(Identity.verify(device.publicKey(), signature, "b", new byte[] {1, 2})).isFalse();
    assertThat(Identity.verify(new byte[32], signature, "a", new byte[] {1, 2})).isFalse();
    assertThat(Identity.verify(device.publicKey(), new byte[3], "a", new byte[] {1, 2})).isFalse();
  }

  @Test
  void identity_damagedFile_refusedByName() throws Exception {
    Path file = folder.resolve("identity.pem");
    assertThatThrownBy(() -> Identity.load(file))
        .isInstanceOf(KeyFileException.class)
        .hasMessageContaining("identity.pem");
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      device.save(file);
      byte[] bytes = Files.readAllBytes(file);
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(128);
      Files.write(file, bytes);
      try {
        Identity.load(file);
      } catch (KeyFileException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
  }

  @Test
  void identity_closed_signsNothing() {
    Identity identity = Identity.generate(new SecureRandom());
    identity.close();
    assertThatThrownBy(() -> identity.sign("a")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> identity.save(folder.resolve("x")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void authority_saveAndLoad_certifiesTheSame() {
    Path file = folder.resolve("authority.pem");
    authority.save(file);
    EnrolmentAuthority loaded = EnrolmentAuthority.load(file, "people", new SecureRandom());
    assertThat(loaded.anchors().toPem()).isEqualTo(authority.anchors().toPem());
    assertThatThrownBy(() -> loaded.issue(new byte[31], NOW, NOW.plusSeconds(1)))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(() -> loaded.issue(new byte[32], NOW, NOW))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void tls_createThenLoad_isTheSameAndForItsHosts() throws Exception {
    TlsIdentity made = TlsIdentity.createOrLoad(folder, List.of("localhost", "127.0.0.1", "::1"));
    TlsIdentity loaded = TlsIdentity.createOrLoad(folder, List.of("elsewhere"));
    assertThat(loaded.fingerprint()).isEqualTo(made.fingerprint()).matches("sha256:[0-9a-f]{64}");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made.keyPem())))
        .isEqualTo("rw-------");
    byte[] der = KeyFiles.blocks(Files.readString(made.certificatePem()), "CERTIFICATE").get(0);
    X509Certificate parsed =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der));
    parsed.verify(parsed.getPublicKey());
    assertThat(parsed.getSubjectAlternativeNames())
        .extracting(name -> String.valueOf(name.get(1)))
        .contains("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
    Files.delete(made.keyPem());
    assertThatThrownBy(() -> TlsIdentity.createOrLoad(folder, List.of("localhost")))
        .isInstanceOf(KeyFileException.class)
        .hasMessageContaining("tls-key.pem");
  }

  @Test
  void saveNew_byManyAtOnce_isOneKeyOfOneOfThem() throws Exception {
    Path file = folder.resolve("keys/coordinator-key.pem");
    int many = 8;
    CyclicBarrier together = new CyclicBarrier(many);
    ExecutorService threads = Executors.newFixedThreadPool(many);
    List<Callable<Identity>> savings =
        Collections.nCopies(
            many,
            () -> {
              Identity mine = Identity.generate(new SecureRandom());
              together.await();
              mine.saveNew(file);
              return mine;
            });
    List<Identity> saved = new ArrayList<>();
    for (Future<Identity> saving : threads.invokeAll(savings)) {
      try {
        saved.add(saving.get());
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(KeyFileException.class);
      }
    }
    threads.shutdown();
    assertThat(saved).hasSize(1);
    assertThat(Identity.load(file).publicKey()).isEqualTo(saved.get(0).publicKey());
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }
}
