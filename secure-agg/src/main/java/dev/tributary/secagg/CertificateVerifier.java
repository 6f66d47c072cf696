package dev.tributary.secagg;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Signatures;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks certificates against trust anchors, and remembers which ones it has found good, so that a
 * member met again costs a hash. It remembers only what it checked itself; two clients never share
 * one.
 */
public final class CertificateVerifier {

  /** Certificates remembered; the one unused for longest goes first. */
  static final int REMEMBERED = 4096;

  private record Good(ByteString identityKey, long notBefore, long notAfter, String population) {}

  private final Map<ByteString, Signatures.PublicKey> authorities = new HashMap<>();
  private final Set<String> revoked;
  private final Map<ByteString, Good> good =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteString, Good> eldest) {
          return size() > REMEMBERED;
        }
      };

  CertificateVerifier(Collection<byte[]> authorities, Set<String> revoked) {
    this.revoked = revoked;
    for (byte[] authority : authorities) {
      Signatures.PublicKey key = Signatures.decode(authority);
      if (key == null) {
        throw new IllegalArgumentException("an authority's key is no Ed25519 key");
      }
      this.authorities.put(ByteString.copyFrom(authority), key);
    }
  }

  /** Whether identities must be certified; false on trust on first use. */
  public boolean certified() {
    return !authorities.isEmpty();
  }

  /**
   * Why this identity is not to be believed, or nothing if it is. Without authorities every
   * identity is.
   *
   * @param certificate the exact bytes
   * @param identityKey whom it must certify
   * @param population which population it must name; null for any
   */
  public synchronized Optional<String> refusal(
      byte[] certificate, byte[] identityKey, @Nullable String population, Instant now) {
    if (!certified()) {
      return Optional.empty();
    }
    ByteString digest = ByteString.copyFrom(Labels.sha256(certificate));
    Good known = good.get(digest);
    if (known == null) {
      Certificate parsed;
      try {
        parsed = Certificate.parse(certificate);
      } catch (CertificateException e) {
        return Optional.of("not a certificate: " + e.getMessage());
      }
      Signatures.PublicKey authority = authorities.get(parsed.authorityKey());
      if (authority == null) {
        return Optional.of("the certificate's authority is not trusted");
      }
      if (!authority.verify(parsed.signedMessage(), parsed.signature())) {
        return Optional.of("the certificate's signature is wrong");
      }
      if (revoked.contains(parsed.serial())) {
        return Optional.of("the certificate was revoked");
      }
      known =
          new Good(
              parsed.identity(),
              parsed.notBefore().getEpochSecond(),
              parsed.notAfter().getEpochSecond(),
              parsed.population().intern());
      good.put(digest, known);
    }
    return fits(known, identityKey, population, now);
  }

  private static Optional<String> fits(
      Good known, byte[] identityKey, @Nullable String population, Instant now) {
    if (!known.identityKey().equals(ByteString.copyFrom(identityKey))) {
      return Optional.of("the certificate is of another identity");
    }
    if (population != null && !population.equals(known.population())) {
      return Optional.of("the certificate is of another population");
    }
    if (now.getEpochSecond() < known.notBefore()) {
      return Optional.of("the certificate is not valid yet");
    }
    if (now.getEpochSecond() >= known.notAfter()) {
      return Optional.of("the certificate has expired");
    }
    return Optional.empty();
  }
}
