package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.client.round.ClientRound;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.Identity;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Seed;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Member 0 of a cohort over a real state directory, carried out step by step as the live shell does
 * it. Before the step with a given number it dies: nothing after that happens, and what is left is
 * the folder.
 */
final class MortalClient {
  static final String[] SECRETS = {
    "sa1/channel-secret",
    "sa1/channel-kem-seed",
    "sa1/mask-seed",
    "sa1/self-seed",
    "sa1/coefficients",
    "sa1/choice",
    "sa1/sample"
  };

  /** The process is gone. */
  static final class Death extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** What the client does to the world outside its folder. */
  interface World {
    void send(Effect.Send message);

    void wake(Instant at);

    void job(String name, Object result);
  }

  private final Cohort cohort;
  private final Policy policy;
  private final Path folder;
  private final int diesBefore;
  private int steps;
  private int lives;
  private @Nullable StateDirectory state;
  private @Nullable FileClientJournal journal;
  private @Nullable Identity identity;
  private @Nullable Certificate certificate;
  private @Nullable ClientRound round;
  private @Nullable ClientOutcome outcome;
  final List<byte[]> secrets = new ArrayList<>();
  final List<ByteString> nonces = new ArrayList<>();

  MortalClient(Cohort cohort, Policy policy, Path folder, int diesBefore) {
    this.cohort = cohort;
    this.policy = policy;
    this.folder = folder;
    this.diesBefore = diesBefore;
  }

  int steps() {
    return steps;
  }

  int lives() {
    return lives;
  }

  private void step() throws Death {
    if (++steps == diesBefore) {
      throw new Death();
    }
  }

  /** Starts the process, on the first day or over what an earlier one has left. */
  void start() throws Death {
    lives++;
    step();
    state = StateDirectory.open(folder);
    step();
    identity = state.identity(new SecureRandom());
    step();
    certificate = state.certificate().orElse(null);
    if (certificate == null) {
      certificate = cohort.certificate(identity.publicKey());
      step();
      state.keep(certificate);
    }
    step();
    state.pin(cohort.coordinator.publicKey());
    step();
    journal = state.journal();
    step();
  }

  byte[] key() {
    return identity.publicKey();
  }

  /** What the system does for a process that is gone: its locks are free. */
  void release() {
    round = null;
    if (journal != null) {
      journal.close();
    }
    if (state != null) {
      state.close();
    }
  }

  void offered(Plan plan, Instant now, World world) throws Death {
    outcome = null;
    round =
        new ClientRound(
            new ClientRound.Context(
                identity,
                certificate,
                cohort.trust().verifier(),
                ByteString.copyFrom(cohort.coordinator.publicKey()),
                policy,
                cohort.update(0),
                cohort::bytes,
                NoiseSource.secure(),
                journal,
                Cohort::suite),
            cohort.offer(plan, 0));
    Seed seed = cohort.seed.derive("mortal", plan.round(), lives);
    remember(seed);
    on(now, new Event.Start(seed), world);
  }

  private void remember(Seed seed) {
    Seed sum = seed.derive("client/sum");
    secrets.add(seed.bytes());
    secrets.add(sum.bytes());
    for (String label : SECRETS) {
      secrets.add(sum.derive(label).bytes());
    }
    nonces.add(ByteString.copyFrom(sum.derive("sa1/client-nonce").bytes()));
  }

  void on(Instant now, Event event, World world) throws Death {
    step();
    if (round == null) {
      return;
    }
    for (Effect effect : round.on(now, event)) {
      step();
      if (effect instanceof Effect.Persist persist) {
        journal.persist(persist.entry());
      } else if (effect instanceof Effect.Send send) {
        world.send(send);
      } else if (effect instanceof Effect.Wake wake) {
        world.wake(wake.at());
      } else if (effect instanceof Effect.Run run) {
        try {
          world.job(run.job(), run.work().run());
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      } else if (effect instanceof Effect.Finish finish) {
        outcome = (ClientOutcome) finish.result();
        round = null;
      }
    }
  }

  @Nullable ClientOutcome outcome() {
    return outcome;
  }
}
