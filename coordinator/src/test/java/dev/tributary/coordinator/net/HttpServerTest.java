package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.Uploads;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.store.SmallDisk;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.Effect;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Roster;
import java.io.ByteArrayInputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.ServerSocket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The routes as any client would use them: the contract of the wire. */
@Timeout(120)
class HttpServerTest {
  private static final String SMALL = "cohort={size: 4, minimum: 3, population: 4}";

  @TempDir Path directory;

  private static Job job(String... overrides) {
    List<String> all = new ArrayList<>(List.of(SMALL, "secureAggregation={mode: curious}"));
    all.addAll(List.of(overrides));
    return Jobs.plain(all.toArray(String[]::new));
  }

  private Live live(String... overrides) {
    return new Live(directory, job(overrides), 4, TrustAnchors.trustOnFirstUse());
  }

  private static List<Member> members(Live live, int count) throws Exception {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(new Member(live, live.identity()));
    }
    return members;
  }

  private static JobResult runAll(Live live, List<Member> members) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(members.size());
    try {
      members.forEach(threads::execute);
      return live.coordinator.done().get(50, TimeUnit.SECONDS);
    } finally {
      threads.shutdown();
      assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void wholeJob_overRequestsAlone_completesAndIsMeasured() throws Exception {
    try (Live live = live()) {
      List<Member> members = members(live, 4);

      JobResult result = runAll(live, members);

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.COMPLETED);
      assertThat(result.completed()).isEqualTo(6);
      assertThat(members).allMatch(member -> member.rounds == 6);
      String metrics =
          new String(live.send(live.request("/metrics").GET()).body(), StandardCharsets.UTF_8);
      assertThat(metrics)
          .matches(HttpServerTest::everyMetricIsExplained)
          .contains("tributary_rounds_total{job=\"small\",outcome=\"committed\"} 6.0")
          .contains("tributary_clients_total{job=\"small\",outcome=\"survived\"} 24.0")
          .contains("tributary_round{job=\"small\"} 6.0");
      String health =
          new String(live.send(live.request("/healthz").GET()).body(), StandardCharsets.UTF_8);
      assertThat(health).contains("ok").contains("clients 4 of 4").contains("state finished");
    }
  }

  /** In the middle of rounds, again and again; the same rounds go on each time. */
  @Test
  void wholeJob_onADiskThatTakesNoWritesNowAndThen_pausesAndCompletes() throws Exception {
    try (Live live = live("rounds=3")) {
      List<Member> members = members(live, 4);
      live.again = true;
      SmallDisk.readOnly(live.store, true);
      int pauses = 0;
      ExecutorService threads = Executors.newFixedThreadPool(members.size());
      try {
        members.forEach(threads::execute);
        while (!live.coordinator.done().isDone()) {
          await()
              .atMost(Duration.ofSeconds(50))
              .until(() -> live.coordinator.pause() != null || live.coordinator.done().isDone());
          pauses += live.coordinator.pause() == null ? 0 : 1;
          SmallDisk.readOnly(live.store, false);
          await().until(() -> live.coordinator.pause() == null);
          SmallDisk.readOnly(live.store, true);
        }
        SmallDisk.readOnly(live.store, false);
        assertThat(live.coordinator.done().get().completed()).isEqualTo(3);
        assertThat(live.coordinator.done().get().aborted()).isZero();
      } finally {
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(pauses).isGreaterThan(1);
      assertThat(members).allSatisfy(member -> assertThat(member.rounds).isEqualTo(3));
    }
  }

  /** Whoever reads a dashboard finds a text and a type for each name, and no client's own. */
  private static boolean everyMetricIsExplained(String scrape) {
    Set<String> explained = new HashSet<>();
    Set<String> typed = new HashSet<>();
    for (String line : scrape.lines().toList()) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        assertThat(words).as(line).hasSize(4);
        assertThat(words[3]).as(line).isNotBlank();
        explained.add(words[2]);
      } else if (line.startsWith("# TYPE ")) {
        typed.add(words[2]);
      }
    }
    assertThat(explained).hasSizeGreaterThan(8).isEqualTo(typed);
    assertThat(explained)
        .contains("tributary_bytes_total", "tributary_round_duration_seconds")
        .allSatisfy(name -> assertThat(name).startsWith("tributary_").doesNotContain("loss"));
    return true;
  }

  @Test
  void twoCoordinators_inOneProcess_doNotMeet() throws Exception {
    try (Live one = new Live(directory.resolve("1"), job(), 4, TrustAnchors.trustOnFirstUse());
        Live two =
            new Live(directory.resolve("2"), job("rounds=3"), 4, TrustAnchors.trustOnFirstUse())) {
      List<Member> first = members(one, 4);
      List<Member> second = members(two, 4);

      assertThat(runAll(two, second).completed()).isEqualTo(3);
      assertThat(runAll(one, first).completed()).isEqualTo(6);
      HttpResponse<byte[]> stranger =
          two.exchangeRaw(first.get(0).token(), ExchangeRequest.getDefaultInstance());
      assertThat(stranger.statusCode()).isEqualTo(401);
    }
  }

  @Test
  void checkIn_whatDoesNotHold_isRefusedByName() throws Exception {
    try (Live live = live()) {
      Identity identity = live.identity();
      CheckInRequest good = live.checkInRequest(identity, new byte[0]);
      assertThat(live.post("/v1/check-in", good).statusCode()).isEqualTo(200);

      expect(live.post("/v1/check-in", good), 403, "check-in-replayed");
      CheckInRequest other = live.checkInRequest(live.identity(), new byte[0]);
      expect(
          live.post(
              "/v1/check-in",
              other.toBuilder().setIdentity(ByteString.copyFrom(identity.publicKey())).build()),
          403,
          "check-in-signature");
      long old = System.currentTimeMillis() - Duration.ofHours(1).toMillis();
      expect(
          live.post("/v1/check-in", live.checkInRequest(identity, new byte[0], new byte[32], old)),
          403,
          "check-in-clock");
      expect(
          live.post("/v1/check-in", good.toBuilder().setNonce(ByteString.EMPTY).build()),
          400,
          "check-in-malformed");
      HttpResponse<byte[]> garbage =
          live.send(
              live.request("/v1/check-in").POST(BodyPublishers.ofByteArray(new byte[] {9, 9, 9})));
      expect(garbage, 400, "message-malformed");
    }
  }

  @Test
  void checkIn_underAnAuthority_takesItsCertificatesAlone() throws Exception {
    SecureRandom random = new SecureRandom();
    EnrolmentAuthority authority = EnrolmentAuthority.create("phones", random);
    EnrolmentAuthority stranger = EnrolmentAuthority.create("phones", random);
    try (Live live = new Live(directory, job(), 4, authority.anchors())) {
      Instant from = Instant.now().minusSeconds(60);
      Instant to = Instant.now().plusSeconds(3600);
      Identity identity = live.identity();
      byte[] certificate = authority.issue(identity.publicKey(), from, to).bytes();

      byte[] tampered = certificate.clone();
      tampered[tampered.length - 1] ^= 1;
      expect(certified(live, identity, tampered), 403, "check-in-certificate");
      expect(certified(live, identity, new byte[0]), 403, "check-in-certificate");
      byte[] foreign = stranger.issue(identity.publicKey(), from, to).bytes();
      expect(certified(live, identity, foreign), 403, "check-in-certificate");
      expect(certified(live, live.identity(), certificate), 403, "check-in-certificate");
      byte[] expired = authority.issue(identity.publicKey(), from, from.plusSeconds(1)).bytes();
      expect(certified(live, identity, expired), 403, "check-in-certificate");
      assertThat(certified(live, identity, certificate).statusCode()).isEqualTo(200);
    }
  }

  private static HttpResponse<byte[]> certified(Live live, Identity identity, byte[] certificate)
      throws Exception {
    return live.post("/v1/check-in", live.checkInRequest(identity, certificate));
  }

  @Test
  void checkIn_afterTheStart_isForThePopulationOnly() throws Exception {
    try (Live live = live()) {
      Identity known = live.identity();
      live.checkIn(known);
      members(live, 3);

      CheckInRequest stranger = live.checkInRequest(live.identity(), new byte[0]);
      for (int time = 0; time < 2; time++) {
        // The same answer again: nothing of a request that is not let in is remembered.
        expect(live.post("/v1/check-in", stranger), 403, "population-closed");
      }
      assertThat(live.checkIn(known)).startsWith("Bearer ");
    }
  }

  @Test
  void requests_withoutOrWithTheWrongToken_areUnauthorised() throws Exception {
    try (Live live = live()) {
      String wrong = "Bearer " + "0".repeat(64);
      expect(live.exchangeRaw(wrong, ExchangeRequest.getDefaultInstance()), 401, "token-unknown");
      expect(
          live.exchangeRaw("Basic abc", ExchangeRequest.getDefaultInstance()),
          401,
          "token-missing");
      expect(live.send(live.request("/v1/models/" + "0".repeat(64)).GET()), 401, "token-missing");
      expect(
          live.put(wrong, ByteString.copyFrom(new byte[32]), 0, new byte[1]), 401, "token-unknown");
      HttpResponse<byte[]> large =
          live.send(
              live.with(wrong, "/v1/exchange")
                  .POST(
                      BodyPublishers.ofInputStream(
                          () -> new ByteArrayInputStream(new byte[5 << 20]))));
      expect(large, 401, "token-unknown");
      String first = live.checkIn(live.identity());
      assertThat(live.exchangeRaw(first, ExchangeRequest.getDefaultInstance()).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void requests_thatAreTooLargeOrUnknown_areRefused() throws Exception {
    try (Live live = live()) {
      HttpResponse<byte[]> known =
          live.send(
              live.request("/v1/check-in").POST(BodyPublishers.ofByteArray(new byte[17 << 10])));
      expect(known, 413, "body-too-large");
      HttpResponse<byte[]> unknownLength =
          live.send(
              live.request("/v1/check-in")
                  .POST(
                      BodyPublishers.ofInputStream(
                          () -> new ByteArrayInputStream(new byte[64 << 10]))));
      expect(unknownLength, 413, "body-too-large");
      expect(live.send(live.request("/v1/nothing").GET()), 404, "path-unknown");
      expect(live.send(live.request("/v1/check-in").GET()), 404, "path-unknown");
      String token = live.checkIn(live.identity());
      ExchangeRequest.Builder many = ExchangeRequest.newBuilder();
      for (int i = 0; i < 17; i++) {
        many.addMessages(Envelope.getDefaultInstance());
      }
      expect(live.exchangeRaw(token, many.build()), 413, "exchange-too-large");
    }
  }

  @Test
  void coordinator_isIntroducedToAnybody() throws Exception {
    try (Live live = live()) {
      HttpResponse<byte[]> response = live.send(live.request("/v1/coordinator").GET());

      CheckInReply reply = CheckInReply.parseFrom(response.body());
      assertThat(reply.getCoordinatorKey().toByteArray()).isEqualTo(live.coordinator.publicKey());
      assertThat(reply.getTask()).isEqualTo("small");
      assertThat(response.headers().firstValue("Content-Type")).hasValue("application/x-protobuf");
      assertThat(response.version()).isEqualTo(java.net.http.HttpClient.Version.HTTP_2);
    }
  }

  @Test
  void models_byDigest_haveTagsAndRangesAndNothingElseIsServed() throws Exception {
    try (Live live = live()) {
      Member member = members(live, 4).get(0);
      Plan plan = Plan.parse(member.offer().getOffer().getPlan().toByteArray());
      String path = "/v1/models/" + plan.modelDigest();

      HttpResponse<byte[]> whole = live.send(live.with(member.token(), path).GET());
      assertThat(whole.body()).hasSize((int) plan.modelBytes());
      assertThat(whole.headers().firstValue("ETag")).hasValue('"' + plan.modelDigest() + '"');
      HttpResponse<byte[]> again =
          live.send(
              live.with(member.token(), path)
                  .header("If-None-Match", '"' + plan.modelDigest() + '"')
                  .GET());
      assertThat(again.statusCode()).isEqualTo(304);
      HttpResponse<byte[]> part =
          live.send(live.with(member.token(), path).header("Range", "bytes=10-19").GET());
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole.body(), 10, 20));

      String secret =
          live.store.blobs().put("an optimizer's state".getBytes(StandardCharsets.UTF_8));
      expect(
          live.send(live.with(member.token(), "/v1/models/" + secret).GET()), 404, "model-unknown");
      expect(
          live.send(live.with(member.token(), "/v1/models/" + "a".repeat(64)).GET()),
          404,
          "model-unknown");
    }
  }

  @Test
  void uploads_resumeAtTheirOffsetAndNeverGrowTooLong() throws Exception {
    try (Live live = live()) {
      Member member = members(live, 4).get(0);
      Envelope offer = member.offer();
      Plan plan = Plan.parse(offer.getOffer().getPlan().toByteArray());
      ByteString session = offer.getSession();
      Effect.Send input = member.input(offer, plan);
      byte[] bytes = Member.bytes(input.body());

      assertThat(offset(live.head(member.token(), session))).isZero();
      HttpResponse<byte[]> early = live.put(member.token(), session, 5, bytes);
      expect(early, 409, "upload-offset");
      assertThat(offset(early)).isZero();
      assertThat(live.put(member.token(), session, 0, Arrays.copyOf(bytes, 10)).statusCode())
          .isEqualTo(204);
      assertThat(offset(live.head(member.token(), session))).isEqualTo(10);
      ExchangeReply tooEarly =
          live.exchange(member.token(), ExchangeRequest.newBuilder().addMessages(input.message()));
      assertThat(tooEarly.getReceipts(0).getCode()).isEqualTo("input-missing");
      expect(live.put(member.token(), session, 10, bytes), 413, "upload-too-large");
      HttpResponse<byte[]> endless =
          live.send(
              live.with(
                      member.token(),
                      "/v1/inputs/" + java.util.HexFormat.of().formatHex(session.toByteArray()))
                  .header("Upload-Offset", "10")
                  .PUT(
                      BodyPublishers.ofInputStream(
                          () -> new ByteArrayInputStream(new byte[1 << 20]))));
      expect(endless, 413, "upload-too-large");
      long resumed = offset(live.head(member.token(), session));
      assertThat(resumed).isBetween(10L, (long) bytes.length);
      expect(
          live.put(member.token(), ByteString.copyFrom(new byte[32]), 0, bytes), 410, "round-over");
    }
  }

  @Test
  @SuppressWarnings("try") // the request ends when its body does, before the server
  void uploads_newerRequestOfTheSameClient_takesOverFromTheOlder() throws Exception {
    try (Live live = live();
        PipedOutputStream slow = new PipedOutputStream();
        PipedInputStream older = new PipedInputStream(slow)) {
      Member member = members(live, 4).get(0);
      Envelope offer = member.offer();
      ByteString session = offer.getSession();
      Plan plan = Plan.parse(offer.getOffer().getPlan().toByteArray());
      byte[] bytes = Member.bytes(member.input(offer, plan).body());
      slow.write(bytes, 0, 10);
      CompletableFuture<HttpResponse<byte[]>> stale =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return live.put(
                      member.token(), session, 0, BodyPublishers.ofInputStream(() -> older));
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      Path file =
          Uploads.path(
              live.coordinator
                  .upload(ByteString.fromHex(member.token().substring("Bearer ".length())), session)
                  .join());
      await().until(() -> Files.exists(file) && Files.size(file) == 10);

      HttpResponse<byte[]> newer = live.put(member.token(), session, 0, bytes);

      expect(newer, 409, "upload-offset");
      assertThat(offset(newer)).isEqualTo(10);
      byte[] rest = Arrays.copyOfRange(bytes, 10, bytes.length);
      assertThat(live.put(member.token(), session, 10, rest).statusCode()).isEqualTo(204);
      assertThat(offset(live.head(member.token(), session))).isEqualTo(bytes.length);
      slow.close();
      expect(stale.get(), 409, "upload-overtaken");
    }
  }

  @Test
  void exchange_messagesOutOfPlace_getReceiptsThatSayWhy() throws Exception {
    try (Live live = live()) {
      Member member = members(live, 4).get(0);
      Envelope offer = member.offer();
      Envelope roster =
          Envelope.newBuilder()
              .setSession(offer.getSession())
              .setRoster(Roster.getDefaultInstance())
              .build();
      Envelope stale =
          Envelope.newBuilder()
              .setSession(ByteString.copyFrom(new byte[32]))
              .setRoster(Roster.getDefaultInstance())
              .build();

      ExchangeReply reply =
          live.exchange(
              member.token(), ExchangeRequest.newBuilder().addMessages(roster).addMessages(stale));

      assertThat(reply.getReceipts(0).getCode()).isEqualTo("message-unexpected");
      assertThat(reply.getReceipts(1).getCode()).isEqualTo("round-over");
    }
  }

  @Test
  void exchange_messageForARoundThatJustEnded_isTakenAndIgnored() throws Exception {
    try (Live live = live("rounds=1")) {
      List<Member> members = members(live, 4);
      Member late = members.get(3);
      Envelope offer = late.offer();
      Plan plan = Plan.parse(offer.getOffer().getPlan().toByteArray());
      ExchangeRequest.Builder message =
          ExchangeRequest.newBuilder().addMessages(late.input(offer, plan).message());
      for (Member member : members) {
        member.answer(member == late ? offer : member.offer());
      }
      live.coordinator.done().get(20, TimeUnit.SECONDS);

      ExchangeReply reply = live.exchange(late.token(), message);

      assertThat(reply.getReceipts(0).getAccepted()).isTrue();
      assertThat(reply.getReceipts(0).getCode()).isEqualTo("late");
      assertThat(reply.getFinished()).isTrue();
    }
  }

  @Test
  void exchange_deliveries_comeAgainUntilTheyAreAcknowledged() throws Exception {
    try (Live live = live()) {
      String token = live.checkIn(live.identity());
      members(live, 3);
      ExchangeReply first =
          live.exchange(token, ExchangeRequest.newBuilder().setWaitMillis(20_000));
      assertThat(first.getDeliveriesList()).hasSize(1);

      ExchangeReply again = live.exchange(token, ExchangeRequest.newBuilder());
      assertThat(again.getDeliveriesList()).isEqualTo(first.getDeliveriesList());
      long sequence = first.getDeliveries(0).getSequence();
      ExchangeReply after =
          live.exchange(token, ExchangeRequest.newBuilder().setAcknowledged(sequence));
      assertThat(after.getDeliveriesList()).isEmpty();
    }
  }

  @Test
  void restart_knowsItsPopulation_itsRound_andItsTokens() throws Exception {
    List<Identity> identities = new ArrayList<>();
    List<Member> before = new ArrayList<>();
    byte[] key;
    String token;
    CheckInRequest heard;
    try (Live live = live()) {
      key = live.coordinator.publicKey();
      for (int i = 0; i < 4; i++) {
        identities.add(live.identity());
      }
      List<Member> members = new ArrayList<>();
      for (Identity identity : identities) {
        members.add(new Member(live, identity));
      }
      heard = live.checkInRequest(identities.get(0), new byte[0]);
      assertThat(live.post("/v1/check-in", heard).statusCode()).isEqualTo(200);
      expect(
          live.exchangeRaw(members.get(0).token(), ExchangeRequest.getDefaultInstance()),
          401,
          "token-unknown");
      members.set(0, new Member(live, identities.get(0)));
      token = members.get(0).token();
      for (Member member : members.subList(0, 2)) {
        member.answer(member.offer());
      }
      before.addAll(members);
    }
    try (Live live = live()) {
      assertThat(live.coordinator.publicKey()).isEqualTo(key);
      assertThat(live.exchangeRaw(token, ExchangeRequest.getDefaultInstance()).statusCode())
          .isEqualTo(200);
      expect(live.post("/v1/check-in", heard), 403, "check-in-replayed");
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        // Some go on with what they have, as clients do.
        Member member =
            i % 2 == 0
                ? new Member(live, before.get(i).token())
                : new Member(live, identities.get(i));
        member.answered.addAll(before.get(i).answered);
        members.add(member);
      }

      JobResult result = runAll(live, members);

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.COMPLETED);
      assertThat(result.completed()).isEqualTo(6);
      assertThat(members.get(0).rounds).as("its first input was kept").isEqualTo(5);
    }
    try (Live live = live()) {
      live.coordinator.done().get(20, TimeUnit.SECONDS);
      assertThat(text(live, "/metrics"))
          .contains("tributary_rounds_total{job=\"small\",outcome=\"committed\"} 6.0")
          .contains("tributary_round{job=\"small\"} 6.0");
    }
  }

  @Test
  void health_ofARoundWhoseCohortIsGone_saysWhatItWaitsFor() throws Exception {
    AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    Clock clock = Clock.systemUTC();
    Clock moved =
        new Clock() {
          @Override
          public Instant instant() {
            return clock.instant().plus(ahead.get());
          }

          @Override
          public ZoneId getZone() {
            return clock.getZone();
          }

          @Override
          public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
          }
        };
    try (Live live = new Live(directory, job(), 4, TrustAnchors.trustOnFirstUse(), moved)) {
      List<Member> members = members(live, 4);
      for (Member member : members) {
        member.answer(member.offer());
      }
      ahead.set(Duration.ofMinutes(5));
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(text(live, "/healthz"))
                      .contains("state round 2 waits for its clients: 0 of at least 3 are there"));
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(text(live, "/metrics"))
                      .contains("tributary_round_waiting{job=\"small\"} 2.0"));
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                members.forEach(member -> assertThat(poll(member)).isNotNull());
                assertThat(text(live, "/metrics"))
                    .contains("tributary_round_waiting{job=\"small\"} 0.0");
                assertThat(text(live, "/healthz")).contains("state training");
              });
    }
  }

  private static ExchangeReply poll(Member member) {
    try {
      return member.poll(0);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Live live, String path) throws Exception {
    return new String(live.send(live.request(path).GET()).body(), StandardCharsets.UTF_8);
  }

  @Test
  void start_portInUse_saysWhichAndWhatToDo() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress());
        Live live = live()) {
      TlsIdentity tls = TlsIdentity.createOrLoad(directory, List.of("localhost"));

      ServerException refused =
          catchThrowableOfType(
              ServerException.class,
              () ->
                  HttpServer.start(
                          live.coordinator, live.metrics, tls, "127.0.0.1", taken.getLocalPort())
                      .close());

      assertThat(refused.code()).isEqualTo("port-in-use");
      assertThat(refused).hasMessageContaining("Port " + taken.getLocalPort());
    }
  }

  private static long offset(HttpResponse<byte[]> response) {
    return response.headers().firstValueAsLong("Upload-Offset").orElseThrow();
  }

  private static void expect(HttpResponse<byte[]> response, int status, String code)
      throws Exception {
    assertThat(Live.problem(response).getCode()).isEqualTo(code);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(Live.problem(response).getAction()).isNotBlank();
  }
}
