package dev.tributary.client.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in PEM files, as key stores in memory. */
public final class PemFiles {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");
  private static final List<String> KINDS = List.of("EC", "RSA", "Ed25519");
  private static final int LONGEST = 1 << 20;

  private PemFiles() {}

  /** Authorities to trust; at least one. */
  public static KeyStore trustStore(Path file) throws IOException, GeneralSecurityException {
    KeyStore known = empty();
    int count = 0;
    for (Certificate each : certificates(file)) {
      known.setCertificateEntry("ca-" + count++, each);
    }
    return known;
  }

  /** A certificate with its key, which has the empty password. */
  public static KeyStore keyStore(Path certificate, Path key)
      throws IOException, GeneralSecurityException {
    KeyStore known = empty();
    Certificate[] chain = certificates(certificate).toArray(Certificate[]::new);
    known.setKeyEntry("client", key(key), new char[0], chain);
    return known;
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static List<Certificate> certificates(Path file)
      throws IOException, CertificateException {
    List<Certificate> found =
        new ArrayList<>(
            CertificateFactory.getInstance("X.509")
                .generateCertificates(
                    new ByteArrayInputStream(text(file).getBytes(StandardCharsets.UTF_8))));
    if (found.isEmpty()) {
      throw new CertificateException(file + " holds no certificate");
    }
    return found;
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    Matcher block = KEY.matcher(text(file));
    if (!block.find()) {
      throw new KeyStoreException(file + " holds no PRIVATE KEY (PKCS #8, not encrypted)");
    }
    byte[] der = Base64.getMimeDecoder().decode(block.group(1));
    try {
      for (String kind : KINDS) {
        try {
          return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (InvalidKeySpecException e) {
          // Of another kind.
        }
      }
    } finally {
      Arrays.fill(der, (byte) 0);
    }
    throw new InvalidKeySpecException(file + " holds a key that is none of " + KINDS);
  }

  private static String text(Path file) throws IOException {
    if (Files.size(file) > LONGEST) {
      throw new IOException(file + " is larger than such a file can be");
    }
    return Files.readString(file);
  }
}
