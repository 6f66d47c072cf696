package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsAuthorityTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path directory;

  private final SecureRandom random = new SecureRandom();

  private TlsAuthority create(String folder) {
    return TlsAuthority.create(
        directory.resolve(folder), "Test", NOW, Duration.ofDays(100), DAY.multipliedBy(9), random);
  }

  private static X509Certificate certificate(Path file) throws Exception {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private static X509CRL list(TlsAuthority authority) throws Exception {
    try (InputStream in = Files.newInputStream(authority.revoked())) {
      X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
      list.verify(certificate(authority.certificate()).getPublicKey());
      return list;
    }
  }

  @Test
  void certificates_areForWhatTheyAreFor_andSignedByTheAuthority() throws Exception {
    TlsAuthority authority = create("ca");
    Path out = directory.resolve("out");
    authority.server(List.of("learn.example.org", "10.0.0.1", "::1"), out, NOW, DAY);
    TlsAuthority.open(directory.resolve("ca"), random).client("alice", out, NOW, DAY);

    X509Certificate ca = certificate(authority.certificate());
    ca.verify(ca.getPublicKey());
    assertThat(ca.getBasicConstraints()).isZero();
    X509Certificate server = certificate(out.resolve("tls-certificate.pem"));
    server.verify(ca.getPublicKey());
    List<Object> names = new ArrayList<>();
    for (List<?> name : server.getSubjectAlternativeNames()) {
      names.add(name.get(1));
    }
    assertThat(names).containsExactly("learn.example.org", "10.0.0.1", "0:0:0:0:0:0:0:1");
    assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(server.getBasicConstraints()).isEqualTo(-1);
    assertThat(server.getNotAfter().toInstant()).isEqualTo(NOW.plus(DAY));
    X509Certificate client = certificate(out.resolve("alice.pem"));
    client.verify(ca.getPublicKey());
    assertThat(client.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(client.getSubjectX500Principal().getName()).isEqualTo("CN=alice");
    assertThat(client.getSerialNumber()).isNotEqualTo(server.getSerialNumber());
    for (Path secret :
        List.of(
            out.resolve("tls-key.pem"),
            out.resolve("alice-key.pem"),
            directory.resolve("ca").resolve("ca-key.pem"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
          .as("%s", secret)
          .isEqualTo("rw-------");
    }
  }

  @Test
  void lists_keepWhatWasTakenBack_andRise() throws Exception {
    TlsAuthority authority = create("ca");
    Path out = directory.resolve("out");
    List<Path> files = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      authority.client(name, out, NOW, DAY);
      files.add(out.resolve(name + ".pem"));
    }
    assertThat(list(authority).getRevokedCertificates()).isNull();
    authority.revoke(files.subList(0, 1), NOW, DAY);
    authority.revoke(List.of(), NOW, DAY);
    TlsAuthority.open(directory.resolve("ca"), random).revoke(files.subList(1, 2), NOW, DAY);

    X509CRL list = list(authority);
    assertThat(list.getNextUpdate().toInstant()).isEqualTo(NOW.plus(DAY));
    assertThat(list.isRevoked(certificate(files.get(0)))).isTrue();
    assertThat(list.isRevoked(certificate(files.get(1)))).isTrue();
    assertThat(list.isRevoked(certificate(files.get(2)))).isFalse();
    assertThat(new BigInteger(1, list.getExtensionValue("2.5.29.20")).intValue() & 0xff)
        .isEqualTo(4);
  }

  @Test
  void whatCannotBe_isRefused() throws Exception {
    TlsAuthority authority = create("ca");
    assertThatThrownBy(() -> create("ca")).isInstanceOf(KeyFileException.class);
    Path out = directory.resolve("out");
    authority.client("alice", out, NOW, DAY);
    byte[] key = Files.readAllBytes(out.resolve("alice-key.pem"));
    assertThatThrownBy(() -> authority.client("alice", out, NOW, DAY))
        .isInstanceOf(KeyFileException.class);
    assertThat(Files.readAllBytes(out.resolve("alice-key.pem"))).isEqualTo(key);
    assertThatThrownBy(() -> authority.client("../alice", out, NOW, DAY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> authority.server(List.of(), out, NOW, DAY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TlsAuthority.open(directory.resolve("none"), random))
        .isInstanceOf(KeyFileException.class);
    TlsAuthority other = create("other");
    assertThatThrownBy(() -> other.revoke(List.of(out.resolve("alice.pem")), NOW, DAY))
        .isInstanceOf(KeyFileException.class)
        .hasMessageContaining("no certificate of this authority");
    assertThatThrownBy(() -> TlsIdentity.of(out.resolve("alice.pem"), out.resolve("alice.pem")))
        .isInstanceOf(KeyFileException.class)
        .hasMessageContaining("must hold one PRIVATE KEY");
  }
}
