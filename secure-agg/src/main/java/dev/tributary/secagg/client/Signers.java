package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.Topology;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.QuorumSignature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts the members that have signed the survivor set that this client signed. On a sparse graph
 * most are strangers: each shows its leaf under the root and its certificate, and no identity
 * counts twice.
 */
final class Signers {

  private final SumSession session;
  private final Members members;
  private final byte[] signed;
  private final ByteString ownSignature;
  private final Set<ByteString> identities = new HashSet<>();

  /**
   * The signers.
   *
   * @param signed what this client signed
   * @param ownSignature over it
   */
  Signers(SumSession session, Members members, byte[] signed, ByteString ownSignature) {
    this.session = session;
    this.members = members;
    this.signed = signed;
    this.ownSignature = ownSignature;
    identities.add(ByteString.copyFrom(session.identity().publicKey()));
  }

  /** How many of these signatures, of distinct indices of the roster, count. */
  int valid(List<QuorumSignature> signatures, Instant now) {
    Signatures.Batch batch = new Signatures.Batch();
    List<CertificateVerifier.Claim> claims = new ArrayList<>();
    int own = 0;
    int others = 0;
    for (QuorumSignature signature : signatures) {
      if (signature.getIndex() == members.own()) {
        own += signature.getSignature().equals(ownSignature) ? 1 : 0;
        continue;
      }
      Signatures.PublicKey identity = identity(signature, claims);
      if (identity != null) {
        batch.add(identity, signed, signature.getSignature().toByteArray());
        others++;
      }
    }
    BitSet wrong = batch.wrong();
    session.verifier().refusals(claims, session.population(), now).keySet().forEach(wrong::set);
    return own + others - wrong.cardinality();
  }

  private Signatures.@Nullable PublicKey identity(
      QuorumSignature signature, List<CertificateVerifier.Claim> claims) {
    int index = signature.getIndex();
    if (session.parameters().graph() == Topology.Graph.COMPLETE) {
      return members.identity(index);
    }
    AdvertiseKeys keys = signature.getKeys();
    if (!RosterCheck.isPlaced(
            members.transcript(), index, keys, signature.getPath(), members.size())
        || !identities.add(keys.getIdentityKey())) {
      return null;
    }
    Signatures.PublicKey identity = Signatures.decode(keys.getIdentityKey().toByteArray());
    if (identity != null) {
      claims.add(new CertificateVerifier.Claim(keys.getCertificate(), keys.getIdentityKey()));
    }
    return identity;
  }
}
