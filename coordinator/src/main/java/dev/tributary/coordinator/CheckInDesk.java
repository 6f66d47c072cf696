package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.store.Nonces;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.Handshake;
import dev.tributary.wire.v1.CheckInRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a check-in comes from the identity that it names: its signature, its time, its
 * nonce, and its certificate where there is an authority. Safe for many threads.
 */
final class CheckInDesk {
  private static final int KEY = 32;
  private static final int NONCE = 32;
  private static final int SIGNATURE = 64;
  private static final int VERSION = 64;

  /** Nonces that are remembered at most: some 50 MB of them. */
  private static final int NONCES = 1 << 18;

  /** How far a client's clock may be off. */
  static final Duration WINDOW = Duration.ofMinutes(15);

  private final byte[] coordinatorKey;
  private final CertificateVerifier verifier;
  private final int room;
  private final Map<ByteString, Instant> nonces = new LinkedHashMap<>();
  private @Nullable Nonces kept;

  CheckInDesk(byte[] coordinatorKey, CertificateVerifier verifier) {
    this(coordinatorKey, verifier, NONCES);
  }

  /** A desk that remembers so many nonces at most. */
  CheckInDesk(byte[] coordinatorKey, CertificateVerifier verifier, int room) {
    this.room = room;
    this.coordinatorKey = coordinatorKey.clone();
    this.verifier = verifier;
  }

  /**
   * Goes on with the nonces of an earlier process, and keeps its own there: a check-in that was
   * seen before a restart is known after it.
   */
  synchronized void keepIn(Nonces store) {
    nonces.putAll(store.all());
    kept = store;
  }

  /**
   * Checks a request, and remembers nothing of it.
   *
   * @param population the population that its certificate must name; null where any will do
   * @throws FrontDoorException if it does not hold
   */
  void check(CheckInRequest request, @Nullable String population, Instant now) {
    requireForm(request, now, "check-in");
    byte[] identity = request.getIdentity().toByteArray();
    requireSigned(
        Handshake.verifyCheckIn(
            identity,
            request.getSignature().toByteArray(),
            coordinatorKey,
            request.getNonce().toByteArray(),
            request.getTimeMillis()),
        "check-in");
    certified(request, population, now);
  }

  /** Checks the certificate alone, of a check-in whose signature was found good. */
  void certified(CheckInRequest request, @Nullable String population, Instant now) {
    Optional<String> refusal =
        verifier.refusal(
            request.getCertificate().toByteArray(),
            request.getIdentity().toByteArray(),
            population,
            now);
    if (refusal.isPresent()) {
      throw new FrontDoorException(
          Kind.FORBIDDEN,
          "check-in-certificate",
          "The certificate does not serve here: " + refusal.get() + ".",
          "Have the client's identity certified by this federation's enrolment authority.");
    }
  }

  /**
   * Checks a withdrawal, which has the form of a check-in. It needs no certificate: one that has
   * lapsed must not keep a client in.
   *
   * @throws FrontDoorException if it does not hold
   */
  void checkWithdrawal(CheckInRequest request, Instant now) {
    requireForm(request, now, "withdrawal");
    requireSigned(
        Handshake.verifyWithdrawal(
            request.getIdentity().toByteArray(),
            request.getSignature().toByteArray(),
            coordinatorKey,
            request.getNonce().toByteArray(),
            request.getTimeMillis()),
        "withdrawal");
  }

  private static void requireForm(CheckInRequest request, Instant now, String what) {
    if (request.getIdentity().size() != KEY
        || request.getNonce().size() != NONCE
        || request.getSignature().size() != SIGNATURE
        || request.getVersion().length() > VERSION) {
      throw new FrontDoorException(
          Kind.MALFORMED,
          what + "-malformed",
          "A " + what + " has an identity key and a nonce of 32 bytes and a signature of 64.",
          "Use a client of a matching version.");
    }
    Duration apart = Duration.between(Instant.ofEpochMilli(request.getTimeMillis()), now).abs();
    if (apart.compareTo(WINDOW) > 0) {
      throw new FrontDoorException(
          Kind.FORBIDDEN,
          what + "-clock",
          "The client's clock is " + apart.toMinutes() + " minutes off.",
          "Set the clock of the client's machine.");
    }
  }

  private static void requireSigned(boolean signed, String what) {
    if (!signed) {
      throw new FrontDoorException(
          Kind.FORBIDDEN,
          what + "-signature",
          "The " + what + "'s signature is not the identity's.",
          "Sign it with the identity key of this client, for this coordinator.");
    }
  }

  /**
   * Remembers the nonce of a checked request that is about to be let in, durably where there is a
   * store. A nonce counts once; one that is older than any acceptable check-in is forgotten.
   *
   * @throws FrontDoorException if it was seen before, or if there is no room to remember it
   */
  synchronized void remember(ByteString nonce, Instant now) {
    Iterator<Instant> oldest = nonces.values().iterator();
    Instant forgetBefore = now.minus(WINDOW.multipliedBy(2));
    while (oldest.hasNext() && oldest.next().isBefore(forgetBefore)) {
      oldest.remove();
    }
    if (nonces.containsKey(nonce)) {
      throw replayed();
    }
    if (nonces.size() >= room) {
      throw new FrontDoorException(
          Kind.BUSY,
          "check-in-busy",
          "There were "
              + room
              + " check-ins within "
              + WINDOW.multipliedBy(2).toMinutes()
              + " min.",
          "Check in again later.");
    }
    if (kept != null && !kept.add(nonce, now, forgetBefore)) {
      throw replayed();
    }
    nonces.put(nonce, now);
  }

  private static FrontDoorException replayed() {
    return new FrontDoorException(
        Kind.FORBIDDEN,
        "check-in-replayed",
        "This check-in or withdrawal was seen before.",
        "Make a fresh one.");
  }
}
