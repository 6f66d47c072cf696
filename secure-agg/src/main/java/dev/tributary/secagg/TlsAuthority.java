package dev.tributary.secagg;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Who may speak TLS to a coordinator, and as which host: a folder with the key of an authority,
 * from which it makes certificates of servers and of clients (ECDSA P-256) and a list of those
 * taken back. {@code ca.pem} and {@code crl.pem} are for everybody, {@code ca-key.pem} for nobody
 * else.
 *
 * <p>It says nothing of who is a member of a population: that is {@link EnrolmentAuthority}'s.
 */
public final class TlsAuthority {
  private static final String CERTIFICATE = "ca.pem";
  private static final String REVOKED = "crl.pem";
  private static final String KEY = "ca-key.pem";
  private static final String TYPE = "CERTIFICATE";
  private static final String LIST = "X509 CRL";
  private static final String SIGNATURE = "SHA256withECDSA";

  /** A clock that is a little behind takes a fresh certificate too. */
  private static final Duration EARLIER = Duration.ofHours(1);

  private final Path folder;
  private final PrivateKey key;
  private final X509Certificate certificate;
  private final SecureRandom random;

  private TlsAuthority(
      Path folder, PrivateKey key, X509Certificate certificate, SecureRandom random) {
    this.folder = folder;
    this.key = key;
    this.certificate = certificate;
    this.random = random;
  }

  /**
   * Makes an authority with an empty list.
   *
   * @param folder where none is
   * @param name that certificates show as their issuer, 1 to 64 characters
   * @param listValidity until a newer list is needed
   * @throws KeyFileException if one is there
   */
  public static TlsAuthority create(
      Path folder,
      String name,
      Instant now,
      Duration validity,
      Duration listValidity,
      SecureRandom random) {
    try {
      KeyPair keys = keys(random);
      X500Name subject = named(name);
      X509Certificate certificate =
          certificate(
              new JcaX509v3CertificateBuilder(
                      subject,
                      serial(random),
                      Date.from(now.minus(EARLIER)),
                      Date.from(now.plus(validity)),
                      subject,
                      keys.getPublic())
                  .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                  .addExtension(
                      Extension.keyUsage,
                      true,
                      new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)),
              keys.getPrivate());
      KeyFiles.writeNewOwnerOnly(
          folder.resolve(KEY), KeyFiles.pem(KeyFiles.PRIVATE, keys.getPrivate().getEncoded()));
      KeyFiles.writePublic(
          folder.resolve(CERTIFICATE), KeyFiles.pem(TYPE, certificate.getEncoded()));
      TlsAuthority made = new TlsAuthority(folder, keys.getPrivate(), certificate, random);
      made.write(made.list(now, listValidity));
      return made;
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new KeyFileException("cannot make an authority in " + folder + ": " + e, e);
    }
  }

  /**
   * The authority of a folder.
   *
   * @throws KeyFileException if there is none, or it cannot be used
   */
  public static TlsAuthority open(Path folder, SecureRandom random) {
    try {
      X509Certificate certificate = certificate(folder.resolve(CERTIFICATE));
      PrivateKey key =
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(one(folder.resolve(KEY), KeyFiles.PRIVATE)));
      return new TlsAuthority(folder, key, certificate, random);
    } catch (GeneralSecurityException e) {
      throw new KeyFileException(folder + " holds no authority that can be used: " + e, e);
    }
  }

  /** The authority's certificate, for whoever trusts it. */
  public Path certificate() {
    return folder.resolve(CERTIFICATE);
  }

  /** What it has taken back. */
  public Path revoked() {
    return folder.resolve(REVOKED);
  }

  /**
   * Makes {@code tls-certificate.pem} and {@code tls-key.pem} of a server, as a coordinator's store
   * holds them.
   *
   * @param hosts DNS names and IP addresses that it is for, at least one
   * @param out the folder; no key in it is overwritten
   */
  public void server(List<String> hosts, Path out, Instant now, Duration validity) {
    if (hosts.isEmpty()) {
      throw new IllegalArgumentException("a server's certificate needs a host");
    }
    GeneralName[] names =
        hosts.stream()
            .map(
                host ->
                    new GeneralName(
                        TlsIdentity.isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName,
                        host))
            .toArray(GeneralName[]::new);
    issue(
        hosts.get(0),
        KeyPurposeId.id_kp_serverAuth,
        new GeneralNames(names),
        out.resolve("tls-certificate.pem"),
        out.resolve("tls-key.pem"),
        now,
        validity);
  }

  /**
   * Makes {@code NAME.pem} and {@code NAME-key.pem} of a client or of somebody who administers.
   *
   * @param name 1 to 64 letters, digits, dots, hyphens and underscores
   * @param out the folder; no key in it is overwritten
   */
  public void client(String name, Path out, Instant now, Duration validity) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw new IllegalArgumentException(
          "a client's name has 1 to 64 letters, digits, dots, hyphens and underscores. Provided: "
              + name);
    }
    issue(
        name,
        KeyPurposeId.id_kp_clientAuth,
        null,
        out.resolve(name + ".pem"),
        out.resolve(name + "-key.pem"),
        now,
        validity);
  }

  /**
   * Takes certificates back, beside those that were; without any, only renews the list.
   *
   * @param certificates files of this authority's
   * @param listValidity until a newer list is needed
   */
  public void revoke(List<Path> certificates, Instant now, Duration listValidity) {
    try {
      X509v2CRLBuilder list = list(now, listValidity);
      for (Path file : certificates) {
        X509Certificate each = certificate(file);
        each.verify(certificate.getPublicKey());
        list.addCRLEntry(each.getSerialNumber(), Date.from(now), CRLReason.unspecified);
      }
      write(list);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new KeyFileException(
          "one of "
              + certificates
              + " is no certificate of this authority, or the list cannot be"
              + " written: "
              + e,
          e);
    }
  }

  /** A list with what the one in the folder has, and the next number. */
  private X509v2CRLBuilder list(Instant now, Duration validity) throws IOException {
    X500Name issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    X509v2CRLBuilder list = new X509v2CRLBuilder(issuer, Date.from(now.minus(EARLIER)));
    list.setNextUpdate(Date.from(now.plus(validity)));
    BigInteger number = BigInteger.ONE;
    Path file = folder.resolve(REVOKED);
    if (Files.exists(file)) {
      X509CRLHolder before = new X509CRLHolder(one(file, LIST));
      list.addCRL(before);
      ASN1Encodable known = before.getExtension(Extension.cRLNumber).getParsedValue();
      number = CRLNumber.getInstance(known).getCRLNumber().add(BigInteger.ONE);
    }
    list.addExtension(Extension.cRLNumber, false, new CRLNumber(number));
    return list;
  }

  private void write(X509v2CRLBuilder list) throws IOException, OperatorCreationException {
    byte[] signed = list.build(signer(key)).getEncoded();
    KeyFiles.writePublic(folder.resolve(REVOKED), KeyFiles.pem(LIST, signed));
  }

  private void issue(
      String name,
      KeyPurposeId purpose,
      @Nullable GeneralNames hosts,
      Path certificateFile,
      Path keyFile,
      Instant now,
      Duration validity) {
    try {
      KeyPair keys = keys(random);
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              certificate,
              serial(random),
              Date.from(now.minus(EARLIER)),
              Date.from(now.plus(validity)),
              new X500Principal(named(name).getEncoded()),
              keys.getPublic());
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      if (hosts != null) {
        builder.addExtension(Extension.subjectAlternativeName, false, hosts);
      }
      X509Certificate made = certificate(builder, key);
      KeyFiles.writeNewOwnerOnly(
          keyFile, KeyFiles.pem(KeyFiles.PRIVATE, keys.getPrivate().getEncoded()));
      KeyFiles.writePublic(certificateFile, KeyFiles.pem(TYPE, made.getEncoded()));
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new KeyFileException("cannot make a certificate for " + name + ": " + e, e);
    }
  }

  private static KeyPair keys(SecureRandom random) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  private static BigInteger serial(SecureRandom random) {
    return new BigInteger(127, random).setBit(126);
  }

  private static X500Name named(String name) {
    if (name.isBlank() || name.length() > 64) {
      throw new IllegalArgumentException("a name has 1 to 64 characters. Provided: " + name);
    }
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
  }

  private static ContentSigner signer(PrivateKey key) throws OperatorCreationException {
    return new JcaContentSignerBuilder(SIGNATURE).build(key);
  }

  private static X509Certificate certificate(X509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return parsed(builder.build(signer(key)).getEncoded());
  }

  private static X509Certificate certificate(Path file) throws GeneralSecurityException {
    return parsed(one(file, TYPE));
  }

  private static X509Certificate parsed(byte[] der) throws GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  private static byte[] one(Path file, String type) {
    List<byte[]> blocks = KeyFiles.blocks(KeyFiles.read(file), type);
    if (blocks.size() != 1) {
      throw new KeyFileException(
          file + " must hold one " + type + ". Found: " + blocks.size() + ". Restore the file.");
    }
    return blocks.get(0);
  }
}
