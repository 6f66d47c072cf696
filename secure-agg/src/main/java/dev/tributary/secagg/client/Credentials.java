package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.client.Members.Member;
import dev.tributary.secagg.crypto.HybridKeys;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What every member must show, whatever the graph: keys of its own, a certificate, a signature. */
final class Credentials {

  private final SumSession session;
  private final Transcript transcript;
  private final Map<Integer, Member> members = new TreeMap<>();

  Credentials(SumSession session, Transcript beforeRoster) {
    this.session = session;
    this.transcript = beforeRoster;
  }

  /** The members that {@link #refusal} has found nothing against. */
  Map<Integer, Member> members() {
    return Map.copyOf(members);
  }

  /** Lengths and keys, then every certificate, then every signature, each sort together. */
  Optional<String> refusal(SortedMap<Integer, AdvertiseKeys> listed, Instant now) {
    for (Map.Entry<Integer, AdvertiseKeys> one : listed.entrySet()) {
      AdvertiseKeys keys = one.getValue();
      Signatures.PublicKey identity = Signatures.decode(keys.getIdentityKey().toByteArray());
      if (identity == null || !sized(keys)) {
        return Optional.of("member " + one.getKey() + " has no Ed25519 key, or another bad one");
      }
      members.put(one.getKey(), new Member(keys, identity));
    }
    List<Integer> indices = new ArrayList<>(members.keySet());
    List<CertificateVerifier.Claim> claims = new ArrayList<>();
    Signatures.Batch batch = new Signatures.Batch();
    for (Member member : members.values()) {
      AdvertiseKeys keys = member.keys();
      claims.add(new CertificateVerifier.Claim(keys.getCertificate(), keys.getIdentityKey()));
      batch.add(member.identity(), transcript.advertise(keys), keys.getSignature().toByteArray());
    }
    Map<Integer, String> refused = session.verifier().refusals(claims, session.population(), now);
    if (!refused.isEmpty()) {
      Map.Entry<Integer, String> first = refused.entrySet().iterator().next();
      return Optional.of("member " + indices.get(first.getKey()) + ": " + first.getValue());
    }
    BitSet wrong = batch.wrong();
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of("member " + indices.get(wrong.nextSetBit(0)) + ": its signature is wrong");
  }

  /** An identity, or a channel or mask key, that two of these members have. */
  static Optional<String> duplicate(SortedMap<Integer, AdvertiseKeys> listed) {
    Set<ByteString> identities = new HashSet<>();
    Set<ByteString> agreementKeys = new HashSet<>();
    for (AdvertiseKeys member : listed.values()) {
      if (!identities.add(member.getIdentityKey())) {
        return Optional.of("an identity twice");
      }
      for (ByteString key : HybridKeys.all(member)) {
        if (!agreementKeys.add(key)) {
          return Optional.of("a channel or mask key twice");
        }
      }
    }
    return Optional.empty();
  }

  private boolean sized(AdvertiseKeys member) {
    return member.getChannelKey().size() == KeyAgreement.LENGTH
        && member.getMaskKey().size() == KeyAgreement.LENGTH
        && HybridKeys.kemKeysFit(member, session.parameters().postQuantum())
        && member.getSelfCommitment().size() == 32
        && member.getClientNonce().size() == 32;
  }
}
