package dev.tributary.simulation.bench;

import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Signatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The X25519, signature and mask operations of a round and nothing else: each timed alone on one
 * thread, times how often it is needed. Signatures that the protocol checks together are checked
 * together here; masks cost what {@link MaskSpeed#floor()} says.
 *
 * @param clientSeconds of all clients together
 * @param coordinatorSeconds of the coordinator
 */
record OperationFloor(double clientSeconds, double coordinatorSeconds) {
  double seconds() {
    return clientSeconds + coordinatorSeconds;
  }

  /** Measures the operations for a round of this cohort. */
  static OperationFloor measure(BenchCohort cohort, MaskSpeed mask, int turns) {
    return new Operations(cohort.clients(), turns)
        .of(cohort.lost, cohort.parameters.quorum(), mask.floor());
  }

  /** Keys and signatures of n members, to work on. */
  private static final class Operations {
    private static final int BATCH = 20;

    private final int n;
    private final int turns;
    private final Random random = new Random(1);
    private final byte[] secret = bytes();
    private final byte[] message = new byte[200];
    private final List<byte[]> identities = new ArrayList<>();
    private final List<byte[]> signatures = new ArrayList<>();
    private final List<byte[]> certificates = new ArrayList<>();
    private final byte[][] agreementKeys;
    private final byte[] authority;

    Operations(int n, int turns) {
      this.n = n;
      this.turns = turns;
      this.agreementKeys = new byte[n - 1][];
      this.authority = Signatures.publicKey(secret);
      for (int i = 0; i < n; i++) {
        byte[] own = bytes();
        byte[] identity = Signatures.publicKey(own);
        identities.add(identity);
        signatures.add(Signatures.sign(own, identity, message));
        certificates.add(Signatures.sign(secret, authority, identity));
        if (i > 0) {
          agreementKeys[i - 1] = KeyAgreement.publicKey(own);
        }
      }
    }

    private byte[] bytes() {
      byte[] bytes = new byte[KeyAgreement.LENGTH];
      random.nextBytes(bytes);
      return bytes;
    }

    OperationFloor of(int lost, int quorum, double mask) {
      int alive = n - lost;
      double publicKey = one(() -> KeyAgreement.publicKey(secret));
      double sign = one(() -> Signatures.sign(secret, authority, message));
      double first = one(() -> check(decoded(identities.get(0))));
      Signatures.PublicKey known = decoded(identities.get(0));
      double next = one(() -> check(known));
      double agreements = best(() -> agree(agreementKeys));
      double roster = best(this::roster);
      List<Signatures.PublicKey> members = identities.stream().map(this::decoded).toList();
      double proof = best(() -> proof(members, quorum));
      double clients =
          n * (2 * publicKey + agreements + 2 * sign + roster)
              + alive * (agreements + 2 * sign + proof + n * mask);
      double recovered = (double) alive / (n - 1) * agreements;
      double coordinator =
          n * (next + first + next)
              + 2 * alive * next
              + lost * (publicKey + recovered)
              + (alive + (double) alive * lost) * mask;
      return new OperationFloor(clients, coordinator);
    }

    private double one(Runnable operation) {
      return best(
              () -> {
                for (int i = 0; i < BATCH; i++) {
                  operation.run();
                }
              })
          / BATCH;
    }

    private double best(Runnable turn) {
      return CpuTime.fastest(turns, turn);
    }

    private void agree(byte[][] keys) {
      if (KeyAgreement.agree(secret, keys, new byte[keys.length][KeyAgreement.LENGTH]) >= 0) {
        throw new IllegalStateException("a key of low order");
      }
    }

    private void check(Signatures.PublicKey key) {
      if (!key.verify(message, signatures.get(0))) {
        throw new IllegalStateException("a right signature was refused");
      }
    }

    private Signatures.PublicKey decoded(byte[] key) {
      Signatures.PublicKey decoded = Signatures.decode(key);
      if (decoded == null) {
        throw new IllegalStateException("no key");
      }
      return decoded;
    }

    /** A client's check of all certificates and all signatures, under keys not met before. */
    private void roster() {
      Signatures.PublicKey issuer = decoded(authority);
      Signatures.Batch issued = new Signatures.Batch();
      Signatures.Batch advertised = new Signatures.Batch();
      for (int i = 0; i < n; i++) {
        issued.add(issuer, identities.get(i), certificates.get(i));
        advertised.add(decoded(identities.get(i)), message, signatures.get(i));
      }
      good(issued);
      good(advertised);
    }

    private void proof(List<Signatures.PublicKey> members, int quorum) {
      Signatures.Batch batch = new Signatures.Batch();
      for (int i = 0; i < quorum - 1; i++) {
        batch.add(members.get(i), message, signatures.get(i));
      }
      good(batch);
    }

    private static void good(Signatures.Batch batch) {
      if (!batch.wrong().isEmpty()) {
        throw new IllegalStateException("a right signature was refused");
      }
    }
  }
}
