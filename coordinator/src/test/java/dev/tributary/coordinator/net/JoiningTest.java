package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.JobStatus;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.coordinator.store.TaskStore.Place;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.CheckInReply;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that join a job that has begun, and one that leaves it, by requests alone. */
@Timeout(120)
class JoiningTest {
  private static final String OPEN =
      "cohort={size: 4, minimum: 3, population: 8, joining: between-passes}";

  @TempDir Path directory;

  private Live live(Job job) {
    return new Live(directory, job, 8, TrustAnchors.trustOnFirstUse());
  }

  private static Job job(String... more) {
    List<String> overrides = new ArrayList<>(List.of(OPEN, "rounds=12", "deadline=30s"));
    overrides.addAll(List.of(more));
    overrides.add("secureAggregation={mode: curious}");
    return Jobs.plain(overrides.toArray(String[]::new));
  }

  /** Eight clients that have checked in; the first round is offered to four of them. */
  private static List<Identity> founders(Live live, Job job) throws Exception {
    List<Identity> founders = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      founders.add(live.identity());
      live.checkIn(founders.get(i));
    }
    TaskStore task = live.store.task(job.name(), Planner.budget(job));
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              Integer inFlight = live.coordinator.jobStatus().get().get(0).inFlight();
              return inFlight != null && !task.rounds().isEmpty();
            });
    return founders;
  }

  private static HttpResponse<byte[]> knock(Live live, Identity client) throws Exception {
    return live.post("/v1/check-in", live.checkInRequest(client, new byte[0]));
  }

  @Test
  void oneJoinsAndOneLeaves_aRestartKnowsBoth_andTheRoundsGoOnWithTheRest() throws Exception {
    Job job = job();
    Identity joiner;
    List<Identity> founders;
    try (Live live = live(job)) {
      founders = founders(live, job);
      joiner = live.identity();
      live.checkIn(joiner);
      TaskStore task = live.store.task(job.name(), Planner.budget(job));
      int last = task.rounds().size();
      assertThat(task.places())
          .hasSize(9)
          .startsWith(new Place(0, 0, false))
          .endsWith(new Place(last, last, false));
      assertThat(task.population().get(8).identity())
          .isEqualTo(ByteString.copyFrom(joiner.publicKey()));

      Identity leaver = founders.get(0);
      live.post("/v1/withdraw", live.withdrawal(leaver, System.currentTimeMillis()));

      assertThat(live.coordinator.status().get(20, TimeUnit.SECONDS).get(0).enrolled())
          .isEqualTo(8);
      assertThat(live.coordinator.jobStatus(job.name()).get(20, TimeUnit.SECONDS).clients())
          .isEqualTo(new JobStatus.Clients(8, 9, 1, 1));
      HttpResponse<byte[]> back = knock(live, leaver);
      assertThat(back.statusCode()).isEqualTo(403);
      assertThat(Live.problem(back).getCode()).isEqualTo("population-closed");
      assertThat(metrics(live))
          .contains("tributary_members_total{change=\"joined\",job=\"small\"} 1.0");
    }
    try (Live live = live(job)) {
      List<Member> members = new ArrayList<>();
      for (Identity founder : founders.subList(1, 8)) {
        members.add(new Member(live, founder));
      }
      members.add(new Member(live, joiner));
      ExecutorService threads = Executors.newFixedThreadPool(8);
      members.forEach(threads::execute);
      JobResult result = live.coordinator.done().get(60, TimeUnit.SECONDS);
      threads.shutdown();
      assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();

      TaskStore task = live.store.task(job.name(), Planner.budget(job));
      List<RoundRecord> rounds = task.rounds();
      assertThat(rounds).hasSize(12);
      assertThat(task.places()).hasSize(9);
      assertThat(task.places().get(0).left()).isTrue();
      assertThat(task.places().subList(1, 9)).noneMatch(Place::left);
      int first = task.places().get(8).after();
      assertThat(rounds.subList(first, 12)).noneMatch(round -> round.cohort().contains(0));
      assertThat(rounds).filteredOn(round -> round.cohort().contains(8)).hasSizeGreaterThan(2);
      assertThat(members.get(7).answered).hasSizeGreaterThan(2);
      assertThat(result.completed()).isGreaterThanOrEqualTo(12 - first);
      assertThat(metrics(live))
          .contains("tributary_members_total{change=\"left\",job=\"small\"} 1.0");
    }
  }

  @Test
  void whoeverWouldHaveNoTurn_isToldThatThePopulationIsClosed() throws Exception {
    Job job =
        job(
            "rounds=2",
            OPEN.replace("joining", "schedule: {participations: 1, separation: 1}, joining"));
    try (Live live = live(job)) {
      founders(live, job);
      HttpResponse<byte[]> late = knock(live, live.identity());
      assertThat(late.statusCode()).isEqualTo(403);
      assertThat(Live.problem(late).getCode()).isEqualTo("population-closed");
      assertThat(Live.problem(late).getMessage()).contains("has no turn left");
    }
  }

  /** With a ninth client, a delta of more than a ninth would allow to show one whole. */
  @Test
  void moreClientsThanDeltaAllows_areNotTakenIn() throws Exception {
    String privacy = "privacy={mechanism: central-gaussian, epsilon: 90, delta: 0.12, clipNorm: 1}";
    Job job =
        job(
            privacy,
            OPEN.replace("joining", "schedule: {participations: 8, separation: 1}, joining"));
    try (Live live = live(job)) {
      founders(live, job);
      HttpResponse<byte[]> late = knock(live, live.identity());
      assertThat(late.statusCode()).isEqualTo(403);
      assertThat(Live.problem(late).getMessage()).contains("as its privacy.delta allows");
    }
  }

  /** Between the last check-in and the first step of the job somebody is told to come back. */
  @Test
  void whileTheJobBegins_oneJoinsOrIsToldToComeBack_andIsNeverRefused() throws Exception {
    Job job = job();
    try (Live live = live(job)) {
      for (int i = 0; i < 8; i++) {
        live.checkIn(live.identity());
      }
      Identity ninth = live.identity();
      CheckInReply reply;
      do {
        HttpResponse<byte[]> response = knock(live, ninth);
        assertThat(response.statusCode()).isEqualTo(200);
        reply = CheckInReply.parseFrom(response.body());
        assertThat(reply.getToken().isEmpty()).isEqualTo(reply.getRetryAfterMillis() > 0);
      } while (reply.getToken().isEmpty());
      assertThat(live.store.task(job.name(), Planner.budget(job)).population()).hasSize(9);
    }
  }

  private static String metrics(Live live) throws Exception {
    return new String(live.send(live.request("/metrics").GET()).body(), StandardCharsets.UTF_8);
  }
}
