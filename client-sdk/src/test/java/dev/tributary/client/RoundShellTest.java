package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientException.Code;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.client.round.ClientOutcome.Kind;
import dev.tributary.client.round.ClientRound;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Receipt;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RoundShellTest implements RoundShell.Surroundings {
  private final Cohort cohort = new Cohort(3, 2);
  private final FakeTransport transport = new FakeTransport();
  private final ClientThreads threads = new ClientThreads("shell-test", () -> {});
  private final List<ClientOutcome> outcomes = new CopyOnWriteArrayList<>();
  private final List<Throwable> broken = new CopyOnWriteArrayList<>();
  private final List<ClientRound> offered = new CopyOnWriteArrayList<>();
  private ClientJournal journal = ClientJournal.inMemory();
  private Trainer trainer = cohort.update(0);
  private volatile boolean eligible = true;
  private volatile boolean eligibilityFails;

  private RoundShell shell() {
    AtomicReference<@Nullable Connection> connection =
        new AtomicReference<>(new Connection(new byte[32], new byte[32]));
    Clock clock = Clock.systemUTC();
    Outbox outbox =
        new Outbox(
            transport,
            connection,
            (under, reply) -> {},
            clock,
            pause -> Thread.sleep(1),
            new SplittableRandom(1));
    return new RoundShell(
        threads, this, outbox, journal, clock, RoundDraws.secure(new SecureRandom()));
  }

  @AfterEach
  void stop() {
    threads.stop();
  }

  @Override
  public ClientRound.Context context() {
    ClientRound.Context usual =
        cohort.context(0, cohort.policy().cohort(3), trainer, cohort::bytes);
    return new ClientRound.Context(
        usual.identity(),
        usual.certificate(),
        usual.verifier(),
        usual.coordinatorKey(),
        usual.policy(),
        usual.trainer(),
        usual.models(),
        usual.noise(),
        journal,
        usual.suites());
  }

  @Override
  public boolean eligible() {
    if (eligibilityFails) {
      throw new NoClassDefFoundError("com/example/Battery");
    }
    return eligible;
  }

  @Override
  public void offered(ClientRound round) {
    offered.add(round);
  }

  @Override
  public void ended(ClientOutcome outcome) {
    outcomes.add(outcome);
  }

  @Override
  public void broken(Throwable failure) {
    broken.add(failure);
  }

  private Envelope offer(int round) {
    Plan plan = cohort.plan(InsecurePlainSum.ID, round, 4, 3).build();
    return Envelope.newBuilder()
        .setSession(ByteString.copyFrom(plan.sessionId()))
        .setOffer(cohort.offer(plan, 0))
        .build();
  }

  private ClientOutcome awaitOutcome(int number) {
    await().until(() -> outcomes.size() > number);
    return outcomes.get(number);
  }

  @Test
  void round_recordsThenUploadsThenSends() {
    RoundShell shell = shell();
    shell.deliver(offer(0));
    assertThat(awaitOutcome(0).kind()).isEqualTo(Kind.CONTRIBUTED);
    assertThat(transport.calls).containsExactly("put 0", "exchange");
    assertThat(transport.messages.get(0).hasMaskedInput()).isTrue();
    await().until(shell::idle);
  }

  @Test
  void journal_thatCannotWrite_letsNothingLeave_andStopsTheClient() {
    ClientJournal real = journal;
    journal =
        new ClientJournal() {
          @Override
          public java.util.List<dev.tributary.privacy.Charge> exampleCharges(String coordinator) {
            return real.exampleCharges(coordinator);
          }

          @Override
          public List<Participation> participations(String coordinator) {
            return real.participations(coordinator);
          }

          @Override
          public void contributed(Participation participation) {
            throw new ClientException(Code.STATE_UNUSABLE, "the disk is full");
          }

          @Override
          public void signedSurvivors(String session, String digest) {}
        };
    shell().deliver(offer(0));
    assertThat(awaitOutcome(0).code()).isEqualTo("state-unusable");
    await().until(() -> broken.size() == 1);
    assertThat(transport.calls).isEmpty();
  }

  @Test
  void offer_ofARoundThatHasEnded_isDropped() throws Exception {
    RoundShell shell = shell();
    shell.deliver(offer(0));
    awaitOutcome(0);
    shell.deliver(offer(0));
    shell.finish("test");
    assertThat(outcomes).hasSize(1);
    assertThat(offered).hasSize(1);
  }

  @Test
  void offer_ofAnotherRound_endsTheOneUnderWay_andItsTraining() throws Exception {
    CountDownLatch training = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    trainer =
        request -> {
          if (request.round() == 0) {
            training.countDown();
            try {
              Thread.sleep(60_000);
            } catch (InterruptedException e) {
              interrupted.countDown();
              throw e;
            }
          }
          return cohort.update(0).train(request);
        };
    RoundShell shell = shell();
    shell.deliver(offer(0));
    training.await();
    shell.deliver(offer(1));

    assertThat(awaitOutcome(0).kind()).isEqualTo(Kind.ABORTED);
    assertThat(outcomes.get(0).reason()).contains("another round was offered");
    interrupted.await();
    assertThat(awaitOutcome(1))
        .isEqualTo(new ClientOutcome(Kind.CONTRIBUTED, Cohort.TASK, 1, "", ""));
  }

  @Test
  void offer_unsignedOrOfAnotherSession_leavesTheRoundUnderWayAlone() throws Exception {
    CountDownLatch training = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    trainer =
        request -> {
          training.countDown();
          goOn.await();
          return cohort.update(0).train(request);
        };
    RoundShell shell = shell();
    shell.deliver(offer(0));
    training.await();
    Envelope next = offer(1);
    shell.deliver(
        next.toBuilder()
            .setOffer(next.getOffer().toBuilder().setSignature(ByteString.copyFrom(new byte[64])))
            .build());
    shell.deliver(next.toBuilder().setSession(ByteString.copyFrom(new byte[32])).build());
    shell.deliver(next.toBuilder().setSession(offer(0).getSession()).build());
    goOn.countDown();

    assertThat(awaitOutcome(0))
        .isEqualTo(new ClientOutcome(Kind.CONTRIBUTED, Cohort.TASK, 0, "", ""));
    assertThat(offered).hasSize(1);
  }

  @Test
  void notEligible_declinesWithoutLookingAtThePlan() throws Exception {
    eligible = false;
    RoundShell shell = shell();
    shell.deliver(offer(0));
    shell.finish("test");
    assertThat(transport.messages).hasSize(1);
    assertThat(transport.messages.get(0).getDecline().getCode()).isEqualTo("not-eligible");
    assertThat(offered).isEmpty();
  }

  @Test
  void message_thatTheCoordinatorRefuses_endsTheRound() {
    transport.receipt = Receipt.newBuilder().setCode("late").setReason("Too late.").build();
    shell().deliver(offer(0));
    assertThat(awaitOutcome(0))
        .extracting(ClientOutcome::kind, ClientOutcome::code, ClientOutcome::round)
        .containsExactly(Kind.ABORTED, "round-over", 0);
    assertThat(broken).isEmpty();
  }

  @Test
  void trainer_thatThrowsAnError_endsItsRoundAlone() {
    trainer =
        request -> {
          if (request.round() == 0) {
            throw new StackOverflowError();
          }
          return cohort.update(0).train(request);
        };
    RoundShell shell = shell();
    shell.deliver(offer(0));
    assertThat(awaitOutcome(0).code()).isEqualTo("training-failed");
    shell.deliver(offer(1));
    assertThat(awaitOutcome(1).kind()).isEqualTo(Kind.CONTRIBUTED);
    assertThat(broken).isEmpty();
  }

  /** An executor would keep an error to itself, and the client would wait for ever. */
  @Test
  void error_onTheActorsThread_stopsTheClient() {
    eligibilityFails = true;
    RoundShell shell = shell();
    shell.deliver(offer(0));
    await().until(() -> !broken.isEmpty());
    assertThat(broken.get(0)).isInstanceOf(NoClassDefFoundError.class);
    assertThat(shell.idle()).isTrue();
    assertThat(transport.calls).isEmpty();
  }

  @Test
  void closing_endsTheRoundWithoutSending() throws Exception {
    CountDownLatch training = new CountDownLatch(1);
    trainer =
        request -> {
          training.countDown();
          Thread.sleep(60_000);
          return new float[0];
        };
    RoundShell shell = shell();
    shell.deliver(offer(0));
    training.await();
    threads.stop();
    assertThat(threads.awaitEnd(10)).isTrue();
    shell.closeNow("closed");
    assertThat(outcomes).extracting(ClientOutcome::code).containsExactly("stopped");
    assertThat(transport.calls).isEmpty();
  }
}
