package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.crypto.HybridKeys;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Graph;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** R0 at the coordinator: signed keys come in; U1 becomes the roster. */
final class AdvertisePhase extends ServerPhase {

  private final Transcript transcript;
  private final Map<Integer, Roster.Member> advertised = new TreeMap<>();
  private final Set<ByteString> agreementKeys = new HashSet<>();

  AdvertisePhase(ServerState state) {
    super(state);
    this.transcript = Transcript.of(state.session.sid());
  }

  @Override
  String step() {
    return SumSteps.ADVERTISE;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.ADVERTISE_KEYS;
  }

  @Override
  ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    AdvertiseKeys keys = message.getAdvertiseKeys();
    Signatures.PublicKey identity = verified(now, slot, keys);
    if (identity == null) {
      return dropAndAdvance(now, slot, DropReason.INVALID_PUBLIC_KEY);
    }
    advertised.put(slot, new Roster.Member(keys, identity));
    return advance(now);
  }

  /** The identity key if everything about these keys is right, else null. */
  private Signatures.@Nullable PublicKey verified(Instant now, int slot, AdvertiseKeys keys) {
    byte[] identityKey = keys.getIdentityKey().toByteArray();
    if (!Arrays.equals(identityKey, state.session.identityKeys().get(slot))
        || !usable(keys.getChannelKey())
        || !usable(keys.getMaskKey())
        || !HybridKeys.kemKeysFit(keys, state.parameters.postQuantum())
        || keys.getSelfCommitment().size() != 32
        || keys.getClientNonce().size() != 32
        || state
            .session
            .verifier()
            .refusal(
                keys.getCertificate().toByteArray(), identityKey, state.session.population(), now)
            .isPresent()) {
      return null;
    }
    Signatures.PublicKey identity = Signatures.decode(identityKey);
    if (identity == null
        || !identity.verify(transcript.advertise(keys), keys.getSignature().toByteArray())) {
      return null;
    }
    boolean fresh = true;
    for (ByteString key : HybridKeys.all(keys)) {
      fresh &= agreementKeys.add(key);
    }
    return fresh ? identity : null;
  }

  private static boolean usable(ByteString key) {
    return key.size() == KeyAgreement.LENGTH && !KeyAgreement.isLowOrder(key.toByteArray());
  }

  @Override
  ServerPhase advance(Instant now) {
    ServerPhase aborted = abortBelowFloor(now);
    if (aborted != null) {
      return aborted;
    }
    return state.cohort.alive().cardinality() == living() ? next() : this;
  }

  private int living() {
    int count = 0;
    for (int slot : advertised.keySet()) {
      count += state.cohort.isAlive(slot) ? 1 : 0;
    }
    return count;
  }

  @Override
  ServerPhase expire(Instant now) {
    for (int slot = 0; slot < state.parameters.clients(); slot++) {
      if (!advertised.containsKey(slot)) {
        state.drop(slot, DropReason.NO_KEYS);
      }
    }
    return advance(now);
  }

  private ServerPhase next() {
    SortedMap<Integer, Roster.Member> alive = new TreeMap<>(advertised);
    alive.keySet().removeIf(slot -> !state.cohort.isAlive(slot));
    int n = state.parameters.clients();
    int degree = state.parameters.degree();
    return switch (state.parameters.graph()) {
      case COMPLETE -> new SharePhase(state, Roster.complete(transcript, alive));
      case HARARY ->
          new SharePhase(
              state,
              Roster.sparse(
                  transcript, alive, n, after -> Graph.harary(n, degree, after.graphKey())));
      case OUT_NEIGHBOURS ->
          new ChoicePhase(
              state, Roster.sparse(transcript, alive, n, after -> Graph.chosen(Map.of())));
    };
  }
}
