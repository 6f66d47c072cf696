package dev.tributary.coordinator.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that no client sends: too long, packed, of two minds about where they end. */
@Timeout(120)
class HostileRequestsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path directory;

  private Live live() {
    return live(Limits.DEFAULTS);
  }

  private Live live(Limits limits) {
    return new Live(
        directory,
        Jobs.plain("cohort={size: 4, minimum: 3, population: 4}", "deadline=300s"),
        4,
        TrustAnchors.trustOnFirstUse(),
        Clock.systemUTC(),
        limits);
  }

  private static SSLSocket socket(Live live) throws IOException {
    SSLSocket socket =
        (SSLSocket) Live.trusting().getSocketFactory().createSocket("127.0.0.1", live.port());
    socket.startHandshake();
    socket.setSoTimeout((int) LONG.toMillis());
    return socket;
  }

  /** Everything that comes until the other end closes. */
  private static String answer(SSLSocket socket) {
    ByteArrayOutputStream came = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(came);
    } catch (IOException e) {
      // A reset, or nothing more for long.
    }
    return came.toString(UTF_8);
  }

  /**
   * Two lengths, a length and chunks, chunks by another name: whatever a reader on the way takes
   * such bytes for, no second request is found in them here.
   */
  @Test
  void requests_withTwoEnds_hideNoOtherRequest() throws Exception {
    String hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    try (Live live = live()) {
      for (String heads :
          List.of(
              "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
              "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n",
              "Transfer-Encoding: chunked, identity\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
              "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
              "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
              "Content-Length: 0, 44\r\n\r\n",
              "Content-Length: +0\r\n\r\n")) {
        try (SSLSocket socket = socket(live)) {
          OutputStream out = socket.getOutputStream();
          out.write(("POST /v1/check-in HTTP/1.1\r\nHost: x\r\n" + heads + hidden).getBytes(UTF_8));
          out.flush();
          String answer = answer(socket);
          assertThat(answer).as(heads).doesNotContain("HTTP/1.1 200").doesNotContain("clients 0");
          assertThat(answer.split("HTTP/1\\.1 ", -1).length - 1).as(heads).isLessThanOrEqualTo(1);
        }
      }
      assertThat(live.send(live.request("/healthz")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void heads_ofTooManyOrTooLongLines_areRefused_inBothVersions() throws Exception {
    try (Live live = live()) {
      StringBuilder many = new StringBuilder("GET /healthz HTTP/1.1\r\nHost: x\r\n");
      for (int i = 0; i < 3_000; i++) {
        many.append("X").append(i).append(": y\r\n");
      }
      try (SSLSocket socket = socket(live)) {
        try {
          socket.getOutputStream().write(many.append("\r\n").toString().getBytes(UTF_8));
          socket.getOutputStream().flush();
        } catch (IOException e) {
          // It may be closed before all of it was written.
        }
        assertThat(answer(socket)).doesNotContain("HTTP/1.1 200");
      }
      HttpRequest.Builder request = live.request("/healthz");
      for (int i = 0; i < 200; i++) {
        request.header("X-Header-" + i, "y".repeat(100));
      }
      int status;
      try {
        status = live.send(request).statusCode();
      } catch (IOException e) {
        status = 431;
      }
      assertThat(status).isIn(400, 413, 431);
      assertThat(live.send(live.request("/healthz")).statusCode()).isEqualTo(200);
    }
  }

  /** No encoding of a body is undone, so that none can be a bomb. */
  @Test
  void bodies_thatAreCompressed_areTakenForWhatTheyAre() throws Exception {
    ByteArrayOutputStream good = new ByteArrayOutputStream();
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (Live live = live();
        Identity identity = live.identity()) {
      try (OutputStream out = new GZIPOutputStream(good)) {
        out.write(live.checkInRequest(identity, new byte[0]).toByteArray());
      }
      try (OutputStream out = new GZIPOutputStream(bomb)) {
        out.write(new byte[10 << 20]);
      }
      assertThat(bomb.size()).isLessThan(16 << 10);
      for (byte[] body : List.of(good.toByteArray(), bomb.toByteArray())) {
        for (String encoding : List.of("gzip", "deflate", "br", "identity")) {
          HttpResponse<byte[]> response =
              live.send(
                  live.request("/v1/check-in")
                      .header("Content-Encoding", encoding)
                      .POST(BodyPublishers.ofByteArray(body)));
          assertThat(response.statusCode()).as(encoding).isEqualTo(400);
          assertThat(Live.problem(response).getCode()).isEqualTo("message-malformed");
        }
      }
      assertThat(live.coordinator.status().get(20, TimeUnit.SECONDS).get(0).enrolled()).isZero();
    }
  }

  /** A length that is not said is counted, and one that is said is believed no further. */
  @Test
  void bodies_withoutALength_endAtTheirLimit() throws Exception {
    try (Live live = live()) {
      try (SSLSocket socket = socket(live)) {
        OutputStream out = socket.getOutputStream();
        out.write(
            "POST /v1/check-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                .getBytes(UTF_8));
        try {
          for (int i = 0; i < 20; i++) {
            out.write("400\r\n".getBytes(UTF_8));
            out.write(new byte[1 << 10]);
            out.write("\r\n".getBytes(UTF_8));
          }
          out.write("0\r\n\r\n".getBytes(UTF_8));
          out.flush();
        } catch (IOException e) {
          // It may be closed before all of it was written.
        }
        assertThat(answer(socket)).startsWith("HTTP/1.1 413");
      }
      try (SSLSocket socket = socket(live)) {
        OutputStream out = socket.getOutputStream();
        out.write(
            "POST /v1/check-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"
                .getBytes(UTF_8));
        out.flush();
        assertThat(answer(socket)).doesNotContain("HTTP/1.1 200");
      }
    }
  }

  /** Bodies that stand still before their ends fill no memory, and keep nobody out. */
  @Test
  void bodiesThatAreBegunAndNotEnded_giveWay() throws Exception {
    Limits narrow =
        new Limits(
            10_000, 10_000, 10_000, 10_000, LONG, Duration.ofMinutes(1), 3 * (15 << 10) + 1_000);
    List<SSLSocket> strangers = new ArrayList<>();
    try (Live live = live(narrow);
        Identity identity = live.identity()) {
      for (String path : List.of("/v1/check-in", "/v1/jobs/small/check-in", "/v1/withdraw")) {
        for (int i = 0; i < 2; i++) {
          SSLSocket socket = socket(live);
          strangers.add(socket);
          OutputStream out = socket.getOutputStream();
          String head = " HTTP/1.1\r\nHost: x\r\nContent-Length: 16384\r\n\r\n";
          out.write(("POST " + path + head).getBytes(UTF_8));
          out.write(new byte[15 << 10]);
          out.flush();
        }
      }
      await()
          .atMost(LONG)
          .until(() -> live.metrics.scrape().contains("tributary_requests_limited_total 3.0"));
      assertThat(live.checkIn(identity)).startsWith("Bearer ");
    } finally {
      for (SSLSocket socket : strangers) {
        socket.close();
      }
    }
  }
}
