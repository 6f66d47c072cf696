package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientJournal;
import dev.tributary.client.Policy;
import dev.tributary.client.Trainer;
import dev.tributary.client.round.ClientRound;
import dev.tributary.client.round.ModelSource;
import dev.tributary.privacy.insecure.InsecureSeededNoise;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Seed;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one simulated client alone: its key, its certificate, its memory of the
 * certificates that it checked itself, its journal, its policy, its trainer over its own rows, its
 * randomness. Nothing secret and nothing verified is shared between two of them.
 */
final class ClientKit {
  private final Seed seed;
  private final Identity identity;
  private final @Nullable Certificate certificate;
  private final CertificateVerifier verifier;
  private final Trainer trainer;
  private final Kept kept;
  private final Common common;

  /** What all clients of a job know: public facts and programs. */
  record Common(
      ByteString coordinatorKey,
      Policy policy,
      ModelSource models,
      Function<String, @Nullable SumSuite> suites) {}

  /** What a client has on its disk. */
  record Kept(ClientJournal journal, SimulatedMemory memory) {
    /** Nothing yet, of a client that is told which rounds came to no sum. */
    Kept(IntPredicate lost) {
      this(ClientJournal.inMemory(), new SimulatedMemory(lost));
    }
  }

  ClientKit(
      Seed seed,
      Identity identity,
      @Nullable Certificate certificate,
      CertificateVerifier verifier,
      Trainer trainer,
      Kept kept,
      Common common) {
    this.seed = seed;
    this.identity = identity;
    this.certificate = certificate;
    this.verifier = verifier;
    this.trainer = trainer;
    this.kept = kept;
    this.common = common;
  }

  ClientJournal journal() {
    return kept.journal();
  }

  SimulatedMemory memory() {
    return kept.memory();
  }

  /** The seed of this client's part in a round. */
  Seed seed(int round) {
    return seed.derive("round", round);
  }

  /** What this client brings to a round; its noise is drawn afresh for each. */
  ClientRound.Context context(int round) {
    return context(round, kept);
  }

  /** The same under the same key with a disk of its own: a second life, as a liar has it. */
  ClientRound.Context twin(int round) {
    return context(round, new Kept(any -> false));
  }

  private ClientRound.Context context(int round, Kept disk) {
    return new ClientRound.Context(
        identity,
        certificate,
        verifier,
        common.coordinatorKey(),
        common.policy(),
        trainer,
        common.models(),
        new InsecureSeededNoise(seed.derive("noise", round).bytes()),
        disk.journal(),
        common.suites(),
        disk.memory());
  }
}
