package dev.tributary.coordinator.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.Envelope;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that closes under its clients' requests. */
@Timeout(60)
class ServerCloseTest {
  private static final int CLIENTS = 4;

  @TempDir Path directory;

  private static <T> T result(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  /** Every line breaks, and what was under way ends without a word in the log. */
  @RepeatedTest(3)
  void close_underUploads_endsThemQuietly() throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Vertx vertx = Vertx.vertx();
    List<HttpClient> clients = new ArrayList<>();
    try {
      Live live =
          new Live(
              directory,
              Jobs.plain("cohort={size: 4, minimum: 3, population: 4}", "deadline=300s"),
              CLIENTS,
              TrustAnchors.trustOnFirstUse(),
              Clock.systemUTC(),
              Limits.DEFAULTS);
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        members.add(new Member(live, live.identity()));
      }
      for (Member member : members) {
        Envelope offer = member.offer();
        ByteString session = offer.getSession();
        Plan plan = Plan.parse(offer.getOffer().getPlan().toByteArray());
        byte[] bytes = Member.bytes(member.input(offer, plan).body());
        HttpClient client =
            vertx.createHttpClient(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setTrustAll(true)
                    .setVerifyHost(false));
        clients.add(client);
        HttpClientRequest request =
            result(
                client.request(
                    new RequestOptions()
                        .setMethod(HttpMethod.PUT)
                        .setHost("127.0.0.1")
                        .setPort(live.port())
                        .setURI("/v1/inputs/" + HexFormat.of().formatHex(session.toByteArray()))
                        .addHeader("Authorization", member.token())
                        .addHeader(InputRoute.OFFSET, "0")));
        request.exceptionHandler(gone -> {});
        request.setChunked(true);
        result(request.write(Buffer.buffer(Arrays.copyOf(bytes, 10))));
      }
      System.setErr(new PrintStream(said, true, UTF_8));
      live.close();
    } finally {
      System.setErr(before);
      result(vertx.close());
    }
    assertThat(said.toString(UTF_8)).isEmpty();
  }
}
