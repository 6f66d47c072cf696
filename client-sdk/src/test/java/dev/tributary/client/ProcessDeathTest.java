package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.client.MortalClient.Death;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.client.round.ClientRound;
import dev.tributary.plan.Plan;
import dev.tributary.plan.PlanBuilder;
import dev.tributary.plan.PrivacyTerms;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The client's process dies before every step that it takes in two rounds (files of its start,
 * messages in, journal entries, messages out, jobs), each in a run of its own, and starts anew over
 * the folder that is left. The coordinator, in virtual time, delivers everything again, as it does
 * under a new token. Then a third round. It dies between steps: a line that is half written is
 * {@link #everyCutOfALine_thatACrashLeft_isForgotten}'s, and {@code LedgerCrashTest}'s.
 */
class ProcessDeathTest {
  private static final int N = 4;
  private static final int ROUNDS = 3;
  private static final long SEED = 31;

  @TempDir Path directory;

  @Test
  void client_thatDiesBeforeAnyStep_neverForgetsARound_andNeverAnswersTwice() throws Exception {
    List<Plan> plans = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      plans.add(plan(round));
    }
    Job whole = new Job(directory.resolve("whole"), plans, 0);
    whole.run(ROUNDS - 1);
    int steps = whole.mortal.steps();
    assertThat(steps).as("steps of two rounds").isBetween(40, 200);

    int inputLeftBefore = 0;
    for (int k = 1; k <= steps; k++) {
      Job job = new Job(directory.resolve("killed-" + k), plans, k);
      job.run(ROUNDS);
      job.check();
      inputLeftBefore += job.inputs.size();
    }
    assertThat(inputLeftBefore).as("contributions over all runs").isGreaterThan(2 * steps);
  }

  /** Without noise, whose accounting would take most of the time; one member may be lost. */
  private static Plan plan(int round) {
    PlanBuilder plain = new Cohort(N, SEED).plainPlan(Sa1.ID, round);
    PipelineSpec pipeline = plain.build().pipeline();
    return plain
        .sum(
            SumParameters.derive(
                Sa1.ID,
                Mode.MALICIOUS,
                N,
                0,
                1.0 / N,
                N - 1,
                0,
                pipeline.ringBits(),
                pipeline.encodedLength()))
        .privacy(new PrivacyTerms(Unit.USER, Relation.ZERO_OUT, 0, 0, ROUNDS, 1))
        .build();
  }

  @Test
  void everyCutOfALine_thatACrashLeft_isForgotten() throws Exception {
    Path folder = Files.createDirectories(directory.resolve("cut"));
    String session = "01".repeat(32);
    try (FileClientJournal journal = FileClientJournal.open(folder)) {
      journal.signedSurvivors(session, "aa".repeat(32));
    }
    Path file = folder.resolve("survivors.log");
    byte[] whole = Files.readAllBytes(file);
    for (int cut = 0; cut < whole.length; cut++) {
      byte[] left = new byte[whole.length + cut];
      System.arraycopy(whole, 0, left, 0, whole.length);
      System.arraycopy(whole, 0, left, whole.length, cut);
      Files.write(file, left);
      try (FileClientJournal journal = FileClientJournal.open(folder)) {
        journal.signedSurvivors("02".repeat(32), "bb".repeat(32));
      }
      assertThat(Files.readAllLines(file))
          .as("cut after %d bytes", cut)
          .containsExactly(
              session + " " + "aa".repeat(32), "02".repeat(32) + " " + "bb".repeat(32));
    }
  }

  /** Three rounds of a cohort whose first member is mortal. */
  private static final class Job implements MortalClient.World {
    private record Happening(int at, Event event, int life) {}

    private record Alarm(Instant time, int at, int life) {}

    private final Cohort cohort = new Cohort(N, SEED);
    private final Policy policy = cohort.policy().maximumEpsilon(Double.POSITIVE_INFINITY);
    private final Path folder;
    private final List<Plan> plans;
    private final String what;
    private final MortalClient mortal;
    private final List<byte[]> keys = new ArrayList<>();
    private final Deque<Happening> queue = new ArrayDeque<>();
    private final List<Alarm> alarms = new ArrayList<>();
    private final List<Envelope> box = new ArrayList<>();
    private final Map<Integer, ClientRound> others = new TreeMap<>();
    private final List<SumResult.RingSum> sums = new ArrayList<>();

    /** What left the mortal member: for each session and kind, every different message. */
    private final Map<String, Set<ByteString>> sent = new HashMap<>();

    /** The rounds whose input has left, and in which life. */
    private final Map<Integer, Integer> inputs = new TreeMap<>();

    private Instant now = Cohort.NOW;
    private Plan plan;
    private @Nullable Machine server;

    Job(Path folder, List<Plan> plans, int diesBefore) {
      this.folder = folder;
      this.plans = plans;
      what = "killed before step " + diesBefore;
      mortal = new MortalClient(cohort, policy, folder, diesBefore);
    }

    void run(int rounds) throws Exception {
      begin();
      for (int member = 0; member < N; member++) {
        keys.add(member == 0 ? mortal.key() : cohort.identities.get(member).publicKey());
      }
      for (int number = 0; number < rounds; number++) {
        round(number);
      }
      mortal.release();
    }

    /** Starts the mortal member; it dies once at most. */
    private void begin() throws Exception {
      try {
        mortal.start();
      } catch (Death e) {
        rise();
      }
    }

    private void rise() throws Exception {
      searchForSecrets();
      Map<String, String> left = contents();
      mortal.release();
      assertThat(contents()).as("what the dead leave").isEqualTo(left);
      leaveHalfWrittenFiles();
      try {
        mortal.start();
      } catch (Death e) {
        throw new AssertionError("it dies once", e);
      }
    }

    /** What a crash in the middle of replacing a file leaves beside it. */
    private void leaveHalfWrittenFiles() throws IOException {
      for (String name : contents().keySet()) {
        if (!name.equals("lock") && !name.endsWith(".new")) {
          Files.writeString(folder.resolve(name + ".new"), "half");
        }
      }
    }

    private void round(int number) throws Exception {
      plan = plans.get(number);
      box.clear();
      queue.clear();
      alarms.clear();
      others.clear();
      SumSuite suite = Objects.requireNonNull(Cohort.suite(Sa1.ID));
      Schedule schedule = Schedule.of(now, plan.deadline(), suite.steps(plan.sum()));
      server =
          suite.open(
              SumSession.coordinator(
                  plan.sum(), plan.sessionId(), keys, cohort.trust().verifier(), schedule));
      queue.add(
          new Happening(
              Machine.COORDINATOR, new Event.Start(cohort.seed.derive("server", number)), 0));
      for (int member = 1; member < N; member++) {
        others.put(
            member,
            new ClientRound(
                cohort.context(member, policy, cohort.update(member), cohort::bytes),
                cohort.offer(plan, member)));
        queue.add(
            new Happening(
                member, new Event.Start(cohort.seed.derive("client", number, member)), 0));
      }
      alive(() -> mortal.offered(plan, now, this));
      while (server != null) {
        Happening next = queue.poll();
        if (next == null) {
          alarms.sort((a, b) -> a.time().compareTo(b.time()));
          Alarm alarm = alarms.remove(0);
          now = alarm.time().isAfter(now) ? alarm.time() : now;
          next = new Happening(alarm.at(), new Event.Woken(), alarm.life());
        }
        happens(next);
      }
    }

    private interface Doing {
      void run() throws Death;
    }

    private void alive(Doing doing) throws Exception {
      try {
        doing.run();
      } catch (Death e) {
        rise();
        List<Envelope> again = List.copyOf(box);
        alive(() -> mortal.offered(plan, now, this));
        for (Envelope message : again) {
          queue.add(
              new Happening(
                  0, new Event.Received(Machine.COORDINATOR, message, null), mortal.lives()));
        }
      }
    }

    private void happens(Happening next) throws Exception {
      if (next.at() == 0) {
        if (next.life() == mortal.lives()) {
          alive(() -> mortal.on(now, next.event(), this));
        }
        return;
      }
      Machine machine = next.at() < 0 ? server : others.get(next.at());
      if (machine == null) {
        return;
      }
      for (Effect effect : machine.on(now, next.event())) {
        if (effect instanceof Effect.Send send) {
          send(next.at(), send);
        } else if (effect instanceof Effect.Wake wake) {
          alarms.add(new Alarm(wake.at(), next.at(), 0));
        } else if (effect instanceof Effect.Run run) {
          queue.add(new Happening(next.at(), new Event.Ran(run.job(), result(run)), 0));
        } else if (effect instanceof Effect.Finish finish && next.at() < 0) {
          assertThat(finish.result()).as(what).isInstanceOf(SumResult.RingSum.class);
          sums.add((SumResult.RingSum) finish.result());
          server = null;
        }
      }
    }

    private static Object result(Effect.Run run) {
      try {
        return run.work().run();
      } catch (Exception e) {
        return new Failed(e);
      }
    }

    private void send(int from, Effect.Send send) {
      if (from >= 0) {
        arrive(Machine.COORDINATOR, from, send.message(), send.body());
      } else if (send.to() == 0) {
        box.add(send.message());
        queue.add(
            new Happening(
                0, new Event.Received(Machine.COORDINATOR, send.message()), mortal.lives()));
      } else {
        arrive(send.to(), Machine.COORDINATOR, send.message(), null);
      }
    }

    private void arrive(int at, int from, Envelope message, @Nullable Body body) {
      queue.add(new Happening(at, new Event.Received(from, message, body), 0));
    }

    @Override
    public void send(Effect.Send send) {
      Envelope message = send.message();
      String kind = plan.round() + " " + message.getKindCase();
      sent.computeIfAbsent(kind, any -> new LinkedHashSet<>()).add(message.toByteString());
      Integer livedThen = inputs.get(plan.round());
      assertThat(livedThen == null || livedThen == mortal.lives() || message.hasDecline())
          .as("%s: a round with its input is not begun again: %s", what, message.getKindCase())
          .isTrue();
      if (message.hasMaskedInput()) {
        inputs.put(plan.round(), mortal.lives());
        assertThat(ledger())
            .as("recorded before it leaves")
            .contains("task=test-task round=" + plan.round() + " ");
      }
      send(0, send);
    }

    private String ledger() {
      try {
        return Files.readString(
            folder.resolve(
                "ledger-" + HexFormat.of().formatHex(cohort.coordinator.publicKey()) + ".log"));
      } catch (IOException e) {
        return "";
      }
    }

    @Override
    public void wake(Instant at) {
      alarms.add(new Alarm(at, 0, mortal.lives()));
    }

    @Override
    public void job(String name, Object result) {
      queue.add(new Happening(0, new Event.Ran(name, result), mortal.lives()));
    }

    private Map<String, String> contents() throws IOException {
      Map<String, String> contents = new TreeMap<>();
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.toList()) {
            contents.put(
                file.getFileName().toString(),
                new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
          }
        }
      }
      return contents;
    }

    /** Raw, in hexadecimal and in Base64. */
    private void searchForSecrets() throws IOException {
      String all = String.join("\n", contents().values());
      String small = all.toLowerCase(java.util.Locale.ROOT);
      for (byte[] secret : mortal.secrets) {
        assertThat(all.contains(new String(secret, StandardCharsets.ISO_8859_1))).isFalse();
        assertThat(small.contains(HexFormat.of().formatHex(secret))).isFalse();
        for (int shift = 0; shift < 3; shift++) {
          byte[] rest = java.util.Arrays.copyOfRange(secret, shift, secret.length - 2 + shift);
          String text = Base64.getEncoder().withoutPadding().encodeToString(rest);
          assertThat(all.contains(text.substring(0, 36))).isFalse();
        }
      }
    }

    void check() throws Exception {
      searchForSecrets();
      assertThat(sums).as(what).hasSize(ROUNDS);
      assertThat(sums.get(ROUNDS - 1).survivors().cardinality()).as(what).isEqualTo(N);
      sent.forEach(
          (kind, messages) -> {
            if (!kind.endsWith("ADVERTISE_KEYS") && !kind.endsWith("SHARE_KEYS")) {
              assertThat(messages).as("%s: %s", what, kind).hasSize(1);
            }
          });
      try (FileClientJournal journal = FileClientJournal.open(folder)) {
        List<Integer> recorded =
            journal
                .participations(HexFormat.of().formatHex(cohort.coordinator.publicKey()))
                .stream()
                .map(Participation::round)
                .toList();
        assertThat(recorded).as(what).doesNotHaveDuplicates().containsAll(inputs.keySet());
        assertThat(recorded.size() - inputs.size()).as(what).isBetween(0, 1);
        for (int round = 0; round < ROUNDS; round++) {
          if (sums.get(round).survivors().get(0)) {
            assertThat(recorded).as("%s: its input is in sum %d", what, round).contains(round);
          }
        }
      }
      assertThat(mortal.lives()).as(what).isEqualTo(2);
      ClientOutcome last = mortal.outcome();
      assertThat(last == null ? null : last.kind())
          .as(what)
          .isIn(null, ClientOutcome.Kind.CONTRIBUTED);
      // The seeds searched for are those that made the keys.
      HexFormat hex = HexFormat.of();
      String advertised =
          hex.formatHex(sent.get("0 ADVERTISE_KEYS").iterator().next().toByteArray());
      assertThat(mortal.nonces.stream().map(nonce -> hex.formatHex(nonce.toByteArray())))
          .anyMatch(advertised::contains);
    }
  }
}
