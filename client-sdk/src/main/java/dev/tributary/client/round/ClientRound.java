package dev.tributary.client.round;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientException;
import dev.tributary.client.ClientJournal;
import dev.tributary.client.Participation;
import dev.tributary.client.Policy;
import dev.tributary.client.Refusal;
import dev.tributary.client.SignedSurvivors;
import dev.tributary.client.Trainer;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Offer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One round at one client: check the offer, fetch the model, train, encode, take part in the sum.
 *
 * <p>It holds the client end of a sum machine and passes on what that says, with two differences:
 * what the sum wants recorded becomes an entry of the {@link ClientJournal}, and how the sum ends
 * becomes a {@link ClientOutcome}. Fetching, training and encoding are one job named {@value
 * #TRAIN}, asked for together with the first key message, so that the key rounds run beside it; its
 * result is the sum's input. Whatever else comes ends the round here.
 *
 * <p>A shell carries out {@code Persist} by {@link ClientJournal#persist}, before the effects after
 * it. The seed of {@code Start} decides keys and the order of training; noise comes from {@link
 * Context#noise}.
 */
public final class ClientRound implements Machine {
  /** The name of the job that fetches, trains and encodes. */
  public static final String TRAIN = "train";

  /**
   * What a client brings to its rounds.
   *
   * @param verifier this client's own, kept over its rounds
   * @param coordinatorKey Ed25519, 32 bytes: the only key whose offers count
   * @param noise of the rounding and of this client's noise shares
   * @param suites finds a suite by its id; null for one that this client does not speak
   * @param memory of strategies whose clients remember something
   */
  public record Context(
      Identity identity,
      @Nullable Certificate certificate,
      CertificateVerifier verifier,
      ByteString coordinatorKey,
      Policy policy,
      Trainer trainer,
      ModelSource models,
      NoiseSource noise,
      ClientJournal journal,
      Function<String, @Nullable SumSuite> suites,
      LocalMemory memory) {
    /** A client that remembers nothing from round to round. */
    public Context(
        Identity identity,
        @Nullable Certificate certificate,
        CertificateVerifier verifier,
        ByteString coordinatorKey,
        Policy policy,
        Trainer trainer,
        ModelSource models,
        NoiseSource noise,
        ClientJournal journal,
        Function<String, @Nullable SumSuite> suites) {
      this(
          identity,
          certificate,
          verifier,
          coordinatorKey,
          policy,
          trainer,
          models,
          noise,
          journal,
          suites,
          LocalMemory.inMemory());
    }

    /** Whether members are certified by an authority that this client knows. */
    public boolean certified() {
      return verifier.certified();
    }
  }

  private final Context context;
  private final Offer offer;
  private @Nullable Accepted accepted;
  private boolean finished;

  /** A round that is under way: the offer was accepted. */
  private record Accepted(
      Plan plan, Participation participation, Machine sum, LocalWork work, Instant deadline) {}

  /** A round that has not looked at its offer yet; {@code Start} begins it. */
  public ClientRound(Context context, Offer offer) {
    this.context = context;
    this.offer = offer;
  }

  /**
   * Whether an offer is of this session, which its plan's bytes name, and signed by the coordinator
   * that the client checked in with.
   */
  public static boolean isGenuine(Context context, ByteString session, Offer offer) {
    byte[] named = Plan.sessionId(offer.getPlan().toByteArray());
    return session.equals(ByteString.copyFrom(named)) && new OfferCheck(context, offer).signed();
  }

  /** The plan of an accepted offer. */
  public Optional<Plan> plan() {
    return Optional.ofNullable(accepted).map(Accepted::plan);
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    if (finished) {
      return List.of();
    }
    Accepted round = accepted;
    if (round == null) {
      return event instanceof Event.Start start ? start(now, start.seed()) : refuse(event);
    }
    if (event instanceof Event.Received received && received.message().hasOffer()) {
      return repeated(now, round, received.message().getOffer());
    }
    if (event instanceof Event.Ran ran && ran.job().equals(TRAIN)) {
      return trained(now, round, ran.result());
    }
    if (event instanceof Event.Stop stop) {
      return leave(now, round, "stopped", stop.reason());
    }
    List<Effect> effects = pass(round, round.sum().on(now, event));
    if (!finished && !now.isBefore(round.deadline())) {
      effects.addAll(leave(now, round, "deadline", "The round took longer than its plan allows."));
    }
    return effects;
  }

  private List<Effect> start(Instant now, Seed seed) {
    OfferCheck check = new OfferCheck(context, offer);
    if (!check.signed()) {
      finished = true;
      return List.of(
          new Effect.Finish(
              ClientOutcome.aborted(
                  "",
                  -1,
                  "offer-not-signed",
                  "An offer came that the coordinator did not sign. It was not answered.")));
    }
    Optional<Refusal> refusal = check.refusal();
    Plan plan = check.plan();
    SumSuite suite = check.suite();
    if (refusal.isPresent() || plan == null || suite == null) {
      return decline(plan, refusal.orElse(new Refusal("plan-invalid", "The plan cannot be read.")));
    }
    return accept(now, seed, plan, suite, check.participation(plan));
  }

  private List<Effect> accept(
      Instant now, Seed seed, Plan plan, SumSuite suite, Participation participation) {
    Schedule schedule = Schedule.of(now, plan.deadline(), suite.steps(plan.sum()));
    SumSession session =
        SumSession.client(
                plan.sum(),
                plan.sessionId(),
                offer.getSlot(),
                context.identity(),
                context.certificate(),
                context.verifier(),
                schedule)
            .withFloors(context.policy().floors());
    Seed order = seed.derive("client/train");
    LocalWork work = new LocalWork(context, plan, order.toLong());
    order.destroy();
    Accepted round =
        new Accepted(plan, participation, suite.open(session), work, now.plus(plan.deadline()));
    accepted = round;
    Seed secrets = seed.derive("client/sum");
    List<Effect> effects = pass(round, round.sum().on(now, new Event.Start(secrets)));
    secrets.destroy();
    if (!finished) {
      effects.add(new Effect.Wake(round.deadline()));
      effects.add(new Effect.Run(TRAIN, work));
    }
    return effects;
  }

  private List<Effect> trained(Instant now, Accepted round, Object result) {
    if (result instanceof RingVector vector) {
      return pass(round, round.sum().on(now, new Event.Input(vector)));
    }
    Throwable cause = result instanceof Failed failed ? failed.cause() : null;
    String code = cause instanceof ClientException known ? known.code().text() : "training-failed";
    List<Effect> effects = new ArrayList<>();
    effects.add(send(round.plan(), new Refusal(code, "The client could not prepare its input.")));
    String reason = cause == null ? "No input was made." : String.valueOf(cause.getMessage());
    effects.addAll(leave(now, round, code, reason));
    return effects;
  }

  /**
   * A repeat of the offer changes nothing; another offer in its place is no message of this round.
   */
  private List<Effect> repeated(Instant now, Accepted round, Offer again) {
    return again.equals(offer)
        ? List.of()
        : leave(
            now, round, "protocol-violation", "A second, different offer came for one session.");
  }

  private List<Effect> refuse(Event event) {
    finished = true;
    return List.of(
        new Effect.Finish(
            ClientOutcome.aborted(
                "", -1, "stopped", "The round had not started when " + event + " came.")));
  }

  /** What the sum wants done, in the words of a client's shell. */
  private List<Effect> pass(Accepted round, List<Effect> ofTheSum) {
    List<Effect> effects = new ArrayList<>(ofTheSum.size() + 2);
    for (Effect effect : ofTheSum) {
      if (effect instanceof Effect.Persist persist) {
        effects.add(new Effect.Persist(record(round, persist.entry())));
      } else if (effect instanceof Effect.Finish finish) {
        finished = true;
        round.work().wipe();
        if (finish.result() instanceof SumResult.Contributed) {
          round.work().contributed();
        }
        effects.add(new Effect.Finish(outcome(round.plan(), finish.result())));
      } else {
        effects.add(effect);
      }
    }
    return effects;
  }

  private static Entry record(Accepted round, Entry entry) {
    return switch (entry.kind()) {
      case CONTRIBUTED -> new Entry(entry.kind(), round.participation().toBytes());
      case SURVIVORS_SIGNED ->
          new Entry(
              entry.kind(),
              SignedSurvivors.of(ByteString.copyFrom(round.plan().sessionId()), entry.payload())
                  .toBytes());
      default -> throw new IllegalStateException("no record of a client: " + entry.kind());
    };
  }

  private static ClientOutcome outcome(Plan plan, Object result) {
    if (result instanceof SumResult.Contributed) {
      return ClientOutcome.contributed(plan.task(), plan.round());
    }
    if (result instanceof SumResult.Aborted aborted) {
      String code = aborted.code().toLowerCase(Locale.ROOT).replace('_', '-');
      return ClientOutcome.aborted(plan.task(), plan.round(), code, aborted.reason());
    }
    throw new IllegalStateException("a client's end of a sum ended with " + result);
  }

  private List<Effect> decline(@Nullable Plan plan, Refusal why) {
    finished = true;
    List<Effect> effects = new ArrayList<>();
    if (plan != null) {
      effects.add(send(plan, why));
    }
    String task = plan == null ? "" : plan.task();
    int round = plan == null ? -1 : plan.round();
    effects.add(new Effect.Finish(ClientOutcome.declined(task, round, why)));
    return effects;
  }

  /** Ends the round, and the sum's machine with it, which wipes its keys. */
  private List<Effect> leave(Instant now, Accepted round, String code, String reason) {
    finished = true;
    round.work().wipe();
    List<Effect> effects = new ArrayList<>();
    for (Effect last : round.sum().on(now, new Event.Stop(reason))) {
      if (last instanceof Effect.Send) {
        effects.add(last);
      }
    }
    Plan plan = round.plan();
    effects.add(new Effect.Finish(ClientOutcome.aborted(plan.task(), plan.round(), code, reason)));
    return effects;
  }

  private static Effect send(Plan plan, Refusal why) {
    return new Effect.Send(
        COORDINATOR,
        Envelope.newBuilder()
            .setSession(ByteString.copyFrom(plan.sessionId()))
            .setDecline(Decline.newBuilder().setCode(why.code()).setReason(why.reason()))
            .build());
  }
}
