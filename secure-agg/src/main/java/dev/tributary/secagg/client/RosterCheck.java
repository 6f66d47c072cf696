package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Roster;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Section 2: a client refuses a roster with its own entry missing, duplicated or changed, any
 * duplicate key, a bad signature or certificate, too few or too many members, or another root than
 * its own.
 */
final class RosterCheck {

  private final SumSession session;
  private final Transcript transcript;
  private final AdvertiseKeys own;
  private @Nullable Members members;

  RosterCheck(SumSession session, Transcript transcript, AdvertiseKeys own) {
    this.session = session;
    this.transcript = transcript;
    this.own = own;
  }

  /** The verified roster, once {@link #refusal} has found nothing. */
  Members members() {
    if (members == null) {
      throw new IllegalStateException("the roster was not verified");
    }
    return members;
  }

  /** Why the roster is refused, or nothing if it is good. */
  Optional<String> refusal(Roster roster, Instant now) {
    List<AdvertiseKeys> listed = roster.getMembersList();
    int n = listed.size();
    // The floor on clients was held against the plan; who advertised may be fewer by the dropouts.
    int fewest = Math.max(session.floors().sum(), session.parameters().floor());
    int most = Math.min(session.floors().maximumClients(), session.parameters().clients());
    if (n < fewest || n > most) {
      return Optional.of(n + " members, must be " + fewest + " to " + most);
    }
    int index = listed.indexOf(own);
    if (index < 0) {
      return Optional.of("own entry missing or changed");
    }
    Optional<String> duplicate = duplicate(listed);
    if (duplicate.isPresent()) {
      return duplicate;
    }
    Transcript whole = transcript.withRoster(listed);
    if (!Arrays.equals(whole.root(), roster.getRoot().toByteArray())) {
      return Optional.of("another root than its members give");
    }
    List<Signatures.PublicKey> keys = new ArrayList<>(n);
    for (AdvertiseKeys member : listed) {
      Signatures.PublicKey key = Signatures.decode(member.getIdentityKey().toByteArray());
      if (key == null || !sized(member)) {
        return Optional.of("member " + keys.size() + " has no Ed25519 key, or a bad length");
      }
      keys.add(key);
    }
    Optional<String> fault = fault(listed, keys, now);
    if (fault.isEmpty()) {
      members = new Members(whole, List.copyOf(listed), List.copyOf(keys), index);
    }
    return fault;
  }

  private static Optional<String> duplicate(List<AdvertiseKeys> listed) {
    Set<ByteString> identities = new HashSet<>();
    Set<ByteString> agreementKeys = new HashSet<>();
    for (AdvertiseKeys member : listed) {
      if (!identities.add(member.getIdentityKey())) {
        return Optional.of("an identity twice");
      }
      if (!agreementKeys.add(member.getChannelKey()) || !agreementKeys.add(member.getMaskKey())) {
        return Optional.of("a channel or mask key twice");
      }
    }
    return Optional.empty();
  }

  private static boolean sized(AdvertiseKeys member) {
    return member.getChannelKey().size() == KeyAgreement.LENGTH
        && member.getMaskKey().size() == KeyAgreement.LENGTH
        && member.getSelfCommitment().size() == 32
        && member.getClientNonce().size() == 32;
  }

  /** Every certificate, then every signature, each sort checked together. */
  private Optional<String> fault(
      List<AdvertiseKeys> listed, List<Signatures.PublicKey> keys, Instant now) {
    List<CertificateVerifier.Claim> claims =
        listed.stream()
            .map(m -> new CertificateVerifier.Claim(m.getCertificate(), m.getIdentityKey()))
            .toList();
    Map<Integer, String> refused = session.verifier().refusals(claims, session.population(), now);
    if (!refused.isEmpty()) {
      Map.Entry<Integer, String> first = refused.entrySet().iterator().next();
      return Optional.of("member " + first.getKey() + ": " + first.getValue());
    }
    Signatures.Batch batch = new Signatures.Batch();
    for (int i = 0; i < keys.size(); i++) {
      AdvertiseKeys member = listed.get(i);
      batch.add(keys.get(i), transcript.advertise(member), member.getSignature().toByteArray());
    }
    BitSet wrong = batch.wrong();
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of("member " + wrong.nextSetBit(0) + ": its signature is wrong");
  }
}
