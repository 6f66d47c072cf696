package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.client.round.ClientRound;
import dev.tributary.privacy.insecure.InsecureSeededNoise;
import dev.tributary.secagg.Certificate;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The SDK's check-in, outbox and round of one member without threads, and with every choice made by
 * the seed: it asks the same of the same replies.
 */
final class WireClient {
  private static final Instant UNTIL = Cohort.NOW.plus(Cohort.DEADLINE);

  private final Cohort cohort;
  private final int member;
  private final Certificate certificate;
  private final Transport transport;
  private final CheckIn checkIn;
  private final Outbox outbox;
  private final ClientJournal journal = ClientJournal.inMemory();
  private final AtomicReference<@Nullable Connection> connection = new AtomicReference<>();
  private final Deque<Envelope> inbox = new ArrayDeque<>();
  private @Nullable ClientRound round;
  private @Nullable ClientOutcome outcome;

  WireClient(
      Cohort cohort, int member, Certificate certificate, StateDirectory state, Transport way) {
    this.cohort = cohort;
    this.member = member;
    this.certificate = certificate;
    transport = way;
    Clock clock = Clock.fixed(Cohort.NOW, ZoneOffset.UTC);
    checkIn = new CheckIn(way, state, cohort.identities.get(member), clock, new Repeatable(member));
    Random jitter = new Random(member);
    outbox = new Outbox(way, connection, this::accept, clock, pause -> {}, jitter);
  }

  /** The same bytes in every run: for nonces alone. */
  private static final class Repeatable extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final Random random;

    Repeatable(long seed) {
      random = new Random(seed);
    }

    @Override
    public void nextBytes(byte[] bytes) {
      random.nextBytes(bytes);
    }
  }

  void checkIn() throws InterruptedException {
    connection.set(checkIn.ask(null, certificate).connection());
  }

  void withdraw() throws InterruptedException {
    checkIn.withdraw();
  }

  /** Polls once and does what follows; false once the job is over. */
  boolean turn() throws Exception {
    Connection open = Objects.requireNonNull(connection.get());
    ExchangeReply reply = transport.exchange(open.token(), open.request().build());
    accept(open, reply);
    while (!inbox.isEmpty()) {
      Envelope message = inbox.remove();
      if (round == null) {
        round = new ClientRound(context(open), message.getOffer());
        carryOut(new Event.Start(cohort.seed.derive("client", 0, member)));
      } else {
        carryOut(new Event.Received(ClientRound.COORDINATOR, message));
      }
    }
    return !reply.getFinished();
  }

  private void accept(Connection open, ExchangeReply reply) {
    inbox.addAll(open.take(reply));
  }

  private ClientRound.Context context(Connection open) {
    return new ClientRound.Context(
        cohort.identities.get(member),
        certificate,
        cohort.trust().verifier(),
        ByteString.copyFrom(open.coordinatorKey()),
        cohort.policy(),
        cohort.update(member),
        (digest, length) -> outbox.fetch(digest, length, UNTIL),
        new InsecureSeededNoise(cohort.seed.derive("noise", member).bytes()),
        journal,
        Cohort::suite);
  }

  private void carryOut(Event event) throws Exception {
    for (Effect effect : Objects.requireNonNull(round).on(Cohort.NOW, event)) {
      if (effect instanceof Effect.Send send) {
        Body body = send.body();
        if (body == null) {
          outbox.send(send.message(), UNTIL);
        } else {
          outbox.send(send.message(), body, UNTIL);
        }
      } else if (effect instanceof Effect.Persist persist) {
        journal.persist(persist.entry());
      } else if (effect instanceof Effect.Run run) {
        carryOut(new Event.Ran(run.job(), run.work().run()));
      } else if (effect instanceof Effect.Finish finish) {
        outcome = (ClientOutcome) finish.result();
      }
    }
  }

  ClientOutcome outcome() {
    return Objects.requireNonNull(outcome);
  }
}
