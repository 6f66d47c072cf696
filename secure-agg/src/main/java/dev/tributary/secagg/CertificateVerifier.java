package dev.tributary.secagg;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Signatures;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks certificates against trust anchors, and remembers which ones it has found good, so that a
 * member met again costs a hash. It remembers only what it checked itself; two clients never share
 * one.
 */
public final class CertificateVerifier {

  /** Certificates remembered; the one unused for longest goes first. */
  static final int REMEMBERED = 4096;

  private record Good(
      ByteString authorityKey,
      ByteString identityKey,
      String serial,
      long notBefore,
      long notAfter,
      String population) {
    static Good of(Certificate parsed) {
      return new Good(
          parsed.authorityKey(),
          parsed.identity(),
          parsed.serial(),
          parsed.notBefore().getEpochSecond(),
          parsed.notAfter().getEpochSecond(),
          parsed.population().intern());
    }
  }

  private volatile TrustAnchors trust;
  private final Map<ByteString, Good> good =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteString, Good> eldest) {
          return size() > REMEMBERED;
        }
      };

  CertificateVerifier(TrustAnchors trust) {
    this.trust = trust;
  }

  /** Whether identities must be certified; false on trust on first use. */
  public boolean certified() {
    return trust.certified();
  }

  /**
   * From now on these anchors count.
   *
   * @throws IllegalArgumentException if certified identities would become uncertified, or the other
   *     way round
   */
  public synchronized void trust(TrustAnchors newer) {
    if (newer.certified() != trust.certified()) {
      throw new IllegalArgumentException("certification cannot be switched while sessions run");
    }
    trust = newer;
  }

  /** A certificate and whom it must certify. */
  public record Claim(ByteString certificate, ByteString identityKey) {}

  /**
   * Why this identity is not to be believed, or nothing if it is. Without authorities every
   * identity is.
   *
   * @param certificate the exact bytes
   * @param identityKey whom it must certify
   * @param population which population it must name; null for any
   */
  public Optional<String> refusal(
      byte[] certificate, byte[] identityKey, @Nullable String population, Instant now) {
    Claim claim = new Claim(ByteString.copyFrom(certificate), ByteString.copyFrom(identityKey));
    return Optional.ofNullable(refusals(List.of(claim), population, now).get(0));
  }

  /**
   * Why some of these identities are not to be believed, by their place in the list. Signatures not
   * met before are checked together.
   *
   * @param population which population they must name; null for any
   */
  public synchronized Map<Integer, String> refusals(
      List<Claim> claims, @Nullable String population, Instant now) {
    Map<Integer, String> refusals = new TreeMap<>();
    if (!certified()) {
      return refusals;
    }
    Map<ByteString, TrustAnchors.Authority> authorities = trust.authorities();
    ByteString[] digests = new ByteString[claims.size()];
    @Nullable Good[] known = new Good[claims.size()];
    Certificate[] unknown = new Certificate[claims.size()];
    List<Integer> batched = new ArrayList<>();
    Signatures.Batch batch = new Signatures.Batch();
    for (int i = 0; i < digests.length; i++) {
      byte[] bytes = claims.get(i).certificate().toByteArray();
      digests[i] = ByteString.copyFrom(Labels.sha256(bytes));
      known[i] = good.get(digests[i]);
      if (known[i] == null) {
        try {
          unknown[i] = Certificate.parse(bytes);
        } catch (CertificateException e) {
          refusals.put(i, "not a certificate: " + e.getMessage());
          continue;
        }
        TrustAnchors.Authority authority = authorities.get(unknown[i].authorityKey());
        if (authority == null) {
          refusals.put(i, "the certificate's authority is not trusted");
        } else {
          batch.add(authority.key(), unknown[i].signedMessage(), unknown[i].signature());
          batched.add(i);
        }
      }
    }
    batch.wrong().stream()
        .forEach(place -> refusals.put(batched.get(place), "the certificate's signature is wrong"));
    for (int i = 0; i < digests.length; i++) {
      if (refusals.containsKey(i)) {
        continue;
      }
      Good one = known[i];
      if (one == null) {
        one = Good.of(unknown[i]);
        good.put(digests[i], one);
      }
      int place = i;
      fits(one, claims.get(i).identityKey(), population, now)
          .ifPresent(reason -> refusals.put(place, reason));
    }
    return refusals;
  }

  private Optional<String> fits(
      Good known, ByteString identityKey, @Nullable String population, Instant now) {
    TrustAnchors.Authority authority = trust.authorities().get(known.authorityKey());
    if (authority == null) {
      return Optional.of("the certificate's authority is not trusted");
    }
    if (now.getEpochSecond() >= authority.until()) {
      return Optional.of("the certificate's authority key was replaced, and its time is over");
    }
    RevocationList list = authority.list();
    if (list != null && !now.isBefore(list.until())) {
      return Optional.of("the authority's revocation list ran out at " + list.until());
    }
    if (trust.refused().contains(known.serial())
        || (list != null && list.serials().contains(known.serial()))) {
      return Optional.of("the certificate was revoked");
    }
    if (!known.identityKey().equals(identityKey)) {
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
