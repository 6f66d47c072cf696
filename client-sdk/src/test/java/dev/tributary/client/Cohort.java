package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.ClientRound;
import dev.tributary.client.round.ModelSource;
import dev.tributary.nn.Activation;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.plan.Plan;
import dev.tributary.plan.PlanBuilder;
import dev.tributary.plan.PrivacyTerms;
import dev.tributary.plan.TrainingTask;
import dev.tributary.privacy.Calibrator;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Segment;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Offer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A coordinator's key, an authority, certified members, and plans for them to be offered. */
public final class Cohort {
  public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  public static final Duration DEADLINE = Duration.ofSeconds(60);
  public static final double CLIP = 1.0;
  public static final String TASK = "test-task";

  public final int size;
  public final Seed seed;
  public final Identity coordinator;
  public final EnrolmentAuthority authority;
  public final List<Identity> identities = new ArrayList<>();
  public final List<Certificate> certificates = new ArrayList<>();
  public final List<ClientJournal> journals = new ArrayList<>();
  public final ModelFile model;

  public Cohort(int size, long seed) {
    this.size = size;
    byte[] root = new byte[Seed.LENGTH];
    root[0] = (byte) seed;
    this.seed = Seed.of(root);
    coordinator = Identity.fromSeed(this.seed.derive("coordinator"));
    authority =
        EnrolmentAuthority.fromSeed("test", this.seed.derive("authority"), new SecureRandom());
    for (int i = 0; i < size; i++) {
      identities.add(Identity.fromSeed(this.seed.derive("member", i)));
      certificates.add(certificate(identities.get(i).publicKey()));
      journals.add(ClientJournal.inMemory());
    }
    model = model(4, 3);
  }

  /** One dense layer with softmax. */
  public static ModelFile model(int inputs, int classes) {
    ModelSpec spec =
        ModelSpec.builder(inputs)
            .dense(classes, Activation.SOFTMAX)
            .loss(Loss.SPARSE_CATEGORICAL_CROSSENTROPY)
            .build();
    return ModelFile.of(spec, spec.initialise(1));
  }

  public int d() {
    return model.spec().layout().size();
  }

  public Certificate certificate(byte[] key) {
    return authority.issue(key, NOW.minusSeconds(3600), NOW.plus(Duration.ofDays(36_500)));
  }

  /**
   * Noise made by the clients, sized so that the job of {@code participations} rounds costs
   * epsilon.
   */
  public PlanBuilder plan(String suite, int round, double epsilon, int participations) {
    int honest = size > 9 ? size - 2 : size - 1;
    Calibrator.Plan noise =
        Calibrator.distributedDiscreteGaussian(
            new Calibrator.Request(
                epsilon,
                1e-5,
                participations,
                d(),
                CLIP,
                honest,
                size,
                OptionalInt.empty(),
                Relation.ZERO_OUT));
    PipelineSpec pipeline =
        new PipelineSpec(
            List.of(new Segment("model", d())),
            CLIP,
            noise.gridStep(),
            noise.ringBits(),
            size,
            new Mechanism.DistributedDiscreteGaussian(noise.noiseMultiplier(), honest),
            "ab".repeat(32));
    return plan(suite, round, pipeline, honest)
        .privacy(
            new PrivacyTerms(
                Unit.USER,
                Relation.ZERO_OUT,
                noise.guarantee().epsilon(),
                1e-5,
                participations,
                1));
  }

  /** No noise. */
  public PlanBuilder plainPlan(String suite, int round) {
    Calibrator.Plan grid = Calibrator.withoutNoise(d(), CLIP, size, OptionalInt.empty());
    PipelineSpec pipeline =
        new PipelineSpec(
            List.of(new Segment("model", d())),
            CLIP,
            grid.gridStep(),
            grid.ringBits(),
            size,
            new Mechanism.None(),
            "ab".repeat(32));
    return plan(suite, round, pipeline, 0)
        .privacy(new PrivacyTerms(Unit.USER, Relation.ZERO_OUT, 0, 0, 1, 1));
  }

  private PlanBuilder plan(String suite, int round, PipelineSpec pipeline, int honest) {
    SumParameters sum =
        SumParameters.derive(
            suite,
            Mode.MALICIOUS,
            size,
            honest > 0 ? Math.ceil(1000.0 / size) / 1000 : 0,
            size < 6 ? 0 : 0.1,
            size - 1,
            honest,
            pipeline.ringBits(),
            pipeline.encodedLength());
    return Plan.builder()
        .task(TASK)
        .round(round)
        .model(model.digest(), model.toBytes().length)
        .pipeline(pipeline)
        .sum(sum)
        .training(
            new TrainingTask(
                1, 4, "sgd", new TreeMap<>(), "sgd", new TreeMap<>(Map.of("learningRate", 0.1))))
        .deadline(DEADLINE)
        .nonce(seed.derive("nonce", round).bytes());
  }

  public Offer offer(Plan plan, int slot) {
    return Offer.newBuilder()
        .setPlan(ByteString.copyFrom(plan.bytes()))
        .setCoordinatorKey(ByteString.copyFrom(coordinator.publicKey()))
        .setSignature(ByteString.copyFrom(Handshake.signOffer(coordinator, slot, plan.bytes())))
        .setSlot(slot)
        .build();
  }

  /** A policy that this cohort's plans meet. */
  public Policy policy() {
    return Policy.atLeast().cohort(size).minimumSum(2).maximumEpsilon(8);
  }

  public ClientRound.Context context(int member) {
    return context(member, policy(), update(member), this::bytes);
  }

  public ClientRound.Context context(
      int member, Policy policy, Trainer trainer, ModelSource models) {
    return new ClientRound.Context(
        identities.get(member),
        certificates.get(member),
        authority.anchors().verifier(),
        ByteString.copyFrom(coordinator.publicKey()),
        policy,
        trainer,
        models,
        NoiseSource.secure(),
        journals.get(member),
        Cohort::suite);
  }

  public TrustAnchors trust() {
    return authority.anchors();
  }

  public byte[] bytes(String digest, long length) {
    return model.toBytes();
  }

  /** A trainer whose update is all in one coordinate, another one for each member. */
  public Trainer update(int member) {
    return request -> {
      float[] update = new float[request.length()];
      update[member % update.length] = 0.5f;
      return update;
    };
  }

  public static @Nullable SumSuite suite(String id) {
    if (id.equals(InsecurePlainSum.ID)) {
      return new InsecurePlainSum();
    }
    return Sa1.speaks(id) ? Sa1.of(id) : null;
  }
}
