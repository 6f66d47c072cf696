package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Pace;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client that leaves for good, by requests alone. */
@Timeout(120)
class WithdrawalTest {
  @TempDir Path directory;

  private final Job job =
      Jobs.plain(
          "cohort={size: 4, minimum: 3, population: 4}", "secureAggregation={mode: curious}");

  private Live live() {
    return new Live(directory, job, 4, TrustAnchors.trustOnFirstUse());
  }

  private static CheckInRequest withdrawal(Live live, Identity identity) {
    return live.withdrawal(identity, System.currentTimeMillis());
  }

  private static void expect(HttpResponse<byte[]> response, int status, String code)
      throws Exception {
    assertThat(response.statusCode()).as("%s", Live.problem(response)).isEqualTo(status);
    assertThat(Live.problem(response).getCode()).isEqualTo(code);
  }

  @Test
  void inTheMiddleOfARound_itsPartIsOver_andTheJobGoesOnWithoutIt() throws Exception {
    byte[] key;
    try (Live live = live()) {
      Identity leaver = live.identity();
      key = leaver.publicKey();
      Member leaving = new Member(live, leaver);
      List<Member> others = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        others.add(new Member(live, live.identity()));
      }
      Envelope offer = leaving.offer();
      Plan plan = Plan.parse(offer.getOffer().getPlan().toByteArray());
      byte[] input = Member.bytes(leaving.input(offer, plan).body());
      live.put(leaving.token(), offer.getSession(), 0, Arrays.copyOf(input, input.length / 2));
      assertThat(uploads()).isEqualTo(1);

      CheckInRequest asked = withdrawal(live, leaver);
      assertThat(live.post("/v1/withdraw", asked).statusCode()).isEqualTo(200);

      assertThat(uploads()).isZero();
      assertThat(
              live.exchangeRaw(leaving.token(), ExchangeRequest.getDefaultInstance()).statusCode())
          .isEqualTo(401);
      expect(
          live.post("/v1/check-in", live.checkInRequest(leaver, new byte[0])),
          403,
          "population-closed");
      assertThat(live.post("/v1/withdraw", withdrawal(live, leaver)).statusCode()).isEqualTo(200);

      ExecutorService threads = Executors.newFixedThreadPool(3);
      others.forEach(threads::execute);
      JobResult result = live.coordinator.done().get(60, TimeUnit.SECONDS);
      threads.shutdown();
      assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
      assertThat(result.completed()).isEqualTo(6);
      String metrics =
          new String(live.send(live.request("/metrics").GET()).body(), StandardCharsets.UTF_8);
      assertThat(metrics)
          .contains("tributary_clients_total{job=\"small\",outcome=\"survived\"} 18.0")
          .contains("tributary_clients_total{job=\"small\",outcome=\"declined\"} 1.0")
          .contains("tributary_clients_total{job=\"small\",outcome=\"absent\"} 5.0");
    }
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      TaskStore task = store.task(job.name(), Planner.budget(job));
      assertThat(task.population())
          .noneMatch(member -> member.identity().equals(ByteString.copyFrom(key)))
          .filteredOn(member -> member.identity().size() == 4)
          .hasSize(1);
      assertThat(task.withdrawn()).hasSize(1);
    }
  }

  private long uploads() throws Exception {
    try (Stream<Path> files = Files.walk(directory.resolve("spool"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void beforeTheJobBegins_itsPlaceIsFree() throws Exception {
    try (Live live = live()) {
      Identity leaver = live.identity();
      live.checkIn(leaver);
      live.checkIn(live.identity());
      live.post("/v1/withdraw", withdrawal(live, leaver));
      assertThat(live.coordinator.status().get(20, TimeUnit.SECONDS).get(0).enrolled())
          .isEqualTo(1);
    }
  }

  @Test
  void ofSomebodyElse_orOldOrTwice_isRefusedByName() throws Exception {
    try (Live live = live()) {
      Identity client = live.identity();
      live.checkIn(client);
      CheckInRequest good = withdrawal(live, client);
      CheckInRequest strangers = withdrawal(live, live.identity());
      expect(
          live.post("/v1/withdraw", strangers.toBuilder().setIdentity(good.getIdentity()).build()),
          403,
          "withdrawal-signature");
      CheckInRequest checkIn = live.checkInRequest(client, new byte[0]);
      expect(live.post("/v1/withdraw", checkIn), 403, "withdrawal-signature");
      expect(live.post("/v1/check-in", good), 403, "check-in-signature");
      expect(
          live.post("/v1/withdraw", good.toBuilder().clearNonce().build()),
          400,
          "withdrawal-malformed");
      long old = System.currentTimeMillis() - Duration.ofHours(1).toMillis();
      HttpResponse<byte[]> late = live.post("/v1/withdraw", live.withdrawal(client, old));
      expect(late, 403, "withdrawal-clock");
      String date = late.headers().firstValue("Date").orElseThrow();
      assertThat(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant())
          .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));

      assertThat(live.post("/v1/withdraw", good).statusCode()).isEqualTo(200);
      live.checkIn(client);
      expect(live.post("/v1/withdraw", good), 403, "check-in-replayed");
      assertThat(live.coordinator.status().get(20, TimeUnit.SECONDS).get(0).enrolled())
          .isEqualTo(1);
    }
  }

  /** Anybody can sign for an identity of their own, and each asks the database. */
  @Test
  void ofStrangers_areFew_andKeepNoMemberIn() throws Exception {
    try (Live live = live()) {
      Identity client = live.identity();
      live.checkIn(client);
      live.coordinator.pace(new Pace(1, 2));
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        HttpResponse<byte[]> told = live.post("/v1/withdraw", withdrawal(live, live.identity()));
        statuses.add(told.statusCode());
        if (told.statusCode() != 200) {
          expect(told, 503, "withdrawal-busy");
          assertThat(told.headers().firstValue("Retry-After")).isPresent();
        }
      }
      assertThat(statuses).startsWith(200, 200).contains(503);
      assertThat(live.post("/v1/withdraw", withdrawal(live, client)).statusCode()).isEqualTo(200);
      assertThat(live.coordinator.status().get(20, TimeUnit.SECONDS).get(0).enrolled()).isZero();
    }
  }
}
