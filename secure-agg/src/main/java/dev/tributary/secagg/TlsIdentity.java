package dev.tributary.secagg;

import dev.tributary.secagg.crypto.Labels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate for a server's TLS and its key, in two PEM files: one that is made where none is,
 * self-signed (ECDSA P-256), which clients trust by its fingerprint, or one that was given.
 */
public final class TlsIdentity {

  private static final Duration VALIDITY = Duration.ofDays(397);

  private final Path certificatePem;
  private final Path keyPem;
  private final String fingerprint;

  private TlsIdentity(Path certificatePem, Path keyPem, String fingerprint) {
    this.certificatePem = certificatePem;
    this.keyPem = keyPem;
    this.fingerprint = fingerprint;
  }

  /**
   * The certificate in this directory; made if there is none.
   *
   * @param hosts DNS names and IP addresses that it is for, at least one
   * @throws KeyFileException if what is there cannot be used, or nothing can be made
   */
  public static TlsIdentity createOrLoad(Path directory, List<String> hosts) {
    Path certificate = directory.resolve("tls-certificate.pem");
    Path key = directory.resolve("tls-key.pem");
    if (Files.exists(certificate) != Files.exists(key)) {
      throw new KeyFileException(
          directory
              + " holds only one of tls-certificate.pem and tls-key.pem. Restore the other, or remove"
              + " both to have new ones made.");
    }
    if (!Files.exists(certificate)) {
      create(certificate, key, hosts);
    }
    return new TlsIdentity(certificate, key, fingerprintOf(certificate));
  }

  /**
   * A certificate that somebody else has made, with its key.
   *
   * @param certificate PEM, one certificate
   * @param key PEM, PKCS #8
   * @throws KeyFileException if they cannot be used
   */
  public static TlsIdentity of(Path certificate, Path key) {
    if (KeyFiles.blocks(KeyFiles.read(key), KeyFiles.PRIVATE).size() != 1) {
      throw new KeyFileException(key + " must hold one PRIVATE KEY (PKCS #8, not encrypted).");
    }
    return new TlsIdentity(certificate, key, fingerprintOf(certificate));
  }

  private static void create(Path certificateFile, Path keyFile, List<String> hosts) {
    if (hosts.isEmpty()) {
      throw new IllegalArgumentException("a TLS certificate needs a host");
    }
    SecureRandom random = new SecureRandom();
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair keys = generator.generateKeyPair();
      Instant now = Instant.now();
      X500Name name = new X500Name("CN=Tributary development");
      GeneralName[] names =
          hosts.stream()
              .map(
                  host ->
                      new GeneralName(
                          isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host))
              .toArray(GeneralName[]::new);
      X509CertificateHolder holder =
          new JcaX509v3CertificateBuilder(
                  name,
                  new BigInteger(127, random).setBit(126),
                  Date.from(now.minus(Duration.ofHours(1))),
                  Date.from(now.plus(VALIDITY)),
                  name,
                  keys.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
              .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
      KeyFiles.writeOwnerOnly(
          keyFile, KeyFiles.pem(KeyFiles.PRIVATE, keys.getPrivate().getEncoded()));
      KeyFiles.writeOwnerOnly(certificateFile, KeyFiles.pem("CERTIFICATE", holder.getEncoded()));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new KeyFileException("cannot make a TLS certificate: " + e, e);
    }
  }

  static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  }

  private static String fingerprintOf(Path file) {
    List<byte[]> blocks = KeyFiles.blocks(KeyFiles.read(file), "CERTIFICATE");
    if (blocks.size() != 1) {
      throw new KeyFileException(
          file
              + " must hold one CERTIFICATE. Found: "
              + blocks.size()
              + ". Remove it and its key.");
    }
    byte[] der = blocks.get(0);
    try {
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der));
      certificate.checkValidity();
    } catch (GeneralSecurityException e) {
      throw new KeyFileException(
          file + " cannot be used (" + e.getMessage() + "). Remove it and its key for new ones.",
          e);
    }
    return "sha256:" + HexFormat.of().formatHex(Labels.sha256(der));
  }

  /** The certificate. */
  public Path certificatePem() {
    return certificatePem;
  }

  /** The private key (PKCS #8). */
  public Path keyPem() {
    return keyPem;
  }

  /** "sha256:" and the hex digits of SHA-256 over the certificate's DER. */
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public String toString() {
    return "TlsIdentity[" + certificatePem + ", " + fingerprint + "]";
  }
}
