package dev.tributary.secagg;

import dev.tributary.wire.Seed;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * Certifies identities for one population. Its key is pinned in clients and is not the
 * coordinator's: who holds both can invent members.
 */
public final class EnrolmentAuthority implements AutoCloseable {

  private static final int SERIAL_LENGTH = 16;

  private final Identity key;
  private final String population;
  private final SecureRandom random;

  private EnrolmentAuthority(Identity key, String population, SecureRandom random) {
    this.key = key;
    this.population = population;
    this.random = random;
  }

  /** A new authority. */
  public static EnrolmentAuthority create(String population, SecureRandom random) {
    return new EnrolmentAuthority(Identity.generate(random), population, random);
  }

  /** The authority of a seed, for simulations. */
  public static EnrolmentAuthority fromSeed(String population, Seed seed, SecureRandom random) {
    return new EnrolmentAuthority(Identity.fromSeed(seed), population, random);
  }

  /** Reads what {@link #save} wrote. */
  public static EnrolmentAuthority load(Path file, String population, SecureRandom random) {
    return new EnrolmentAuthority(Identity.load(file), population, random);
  }

  /**
   * Writes the authority's secret key, readable by the owner alone.
   *
   * @throws KeyFileException if the file is there already
   */
  public void save(Path file) {
    key.saveNew(file);
  }

  /** Certifies an identity key, from an instant until before another, both in whole seconds. */
  public Certificate issue(byte[] identityKey, Instant from, Instant to) {
    if (identityKey.length != 32) {
      throw new CertificateException(
          "an identity key has 32 bytes. Provided: " + identityKey.length);
    }
    if (!from.isBefore(to)) {
      throw new CertificateException("validity must not be empty. Provided: " + from + " to " + to);
    }
    byte[] serial = new byte[SERIAL_LENGTH];
    random.nextBytes(serial);
    return Certificate.issue(key, identityKey, serial, from, to, population);
  }

  /**
   * A list of all serials that do not hold any more.
   *
   * @param number higher than that of every list before
   * @param until when a newer list is needed
   */
  public RevocationList revoke(
      long number, Collection<String> serials, Instant issued, Instant until) {
    return RevocationList.sign(key, number, serials, issued, until);
  }

  /**
   * Puts another authority in this one's place.
   *
   * @param until when this one's certificates end to count
   */
  public Succession succeededBy(EnrolmentAuthority next, Instant issued, Instant until) {
    return Succession.sign(key, next.key, issued, until);
  }

  /** The population that it certifies for. */
  public String population() {
    return population;
  }

  /** The fingerprint of its key. */
  public String fingerprint() {
    return key.fingerprint();
  }

  /** What clients pin. */
  public TrustAnchors anchors() {
    return TrustAnchors.of(List.of(key.publicKey()));
  }

  /** Wipes the key. */
  @Override
  public void close() {
    key.close();
  }

  @Override
  public String toString() {
    return "EnrolmentAuthority[" + population + ", " + key.fingerprint() + "]";
  }
}
