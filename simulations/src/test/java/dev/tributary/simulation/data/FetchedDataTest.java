package dev.tributary.simulation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tributary.nn.data.RoleText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching from a server of this machine that can break off, ignore ranges and lie. */
class FetchedDataTest {
  private static final byte[] ARCHIVE =
      tgz(
          Map.of(
              "package/data/1801_b_d.txt", "second\nspeech",
              "package/data/1800_a_x.txt", "first speech",
              "package/other.txt", "not wanted",
              "package/plain.bin", "plain"));
  private static final String SPEECHES = "a:\nfirst speech\n\nb:\nsecond\nspeech\n\n";

  @TempDir private Path cache;
  private HttpServer server;
  private final List<String> ranges = new ArrayList<>();
  private volatile byte[] served = ARCHIVE;
  private volatile int breakOffAfter = Integer.MAX_VALUE;
  private volatile boolean knowsRanges = true;
  private volatile boolean stalls;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/mirror/path/archive.tgz", this::serve);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void serve(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(range == null ? "all" : range);
    int from = 0;
    if (range != null && knowsRanges) {
      from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, served.length - 1, served.length));
    }
    byte[] rest = Arrays.copyOfRange(served, from, served.length);
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, rest.length);
    exchange.getResponseBody().write(rest, 0, Math.min(rest.length, breakOffAfter));
    exchange.getResponseBody().flush();
    if (!stalls) {
      exchange.close();
    }
  }

  private String mirror() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/mirror";
  }

  private FetchedData.Entry entry() {
    return new FetchedData.Entry(
        "speeches",
        "",
        "roles",
        "",
        "",
        "http://127.0.0.1:1/",
        "path/archive.tgz",
        ARCHIVE.length,
        sha256(ARCHIVE),
        Map.of(
            "speeches.txt",
            sha256(SPEECHES.getBytes(StandardCharsets.UTF_8)),
            "plain",
            sha256("plain".getBytes(StandardCharsets.UTF_8))),
        Map.of(
            "package/data/(\\d{4})_([a-z]+)_[a-z]\\.txt", "speeches.txt",
            "package/plain\\.bin", "plain"));
  }

  private FetchedData fetch() {
    FetchedData fetched = FetchedData.of(cache, List.of(entry()));
    fetched.fetch(entry(), mirror(), bytes -> {});
    return fetched;
  }

  @Test
  void fetch_bringsPinnedFilesOnce() throws Exception {
    FetchedData fetched = fetch();
    Path file = fetched.file(entry(), "speeches.txt");
    assertThat(file).hasContent(SPEECHES);
    assertThat(fetched.isHere(entry())).isTrue();
    assertThat(RoleText.read(file, 5, 5).owners()).contains("a", "b");
    try (var files = Files.list(cache.resolve("speeches"))) {
      assertThat(files).hasSize(2); // the archive is gone
    }
    fetch();
    assertThat(ranges).containsExactly("all");
  }

  @Test
  void fetch_brokenOff_goesOnWhereItWas() throws Exception {
    breakOffAfter = 100;
    assertThatThrownBy(this::fetch).isInstanceOf(FetchException.class);
    assertThat(cache.resolve("speeches/archive.part")).hasSize(100);
    breakOffAfter = Integer.MAX_VALUE;
    fetch();
    assertThat(ranges).containsExactly("all", "bytes=100-");
  }

  @Test
  void download_fromAServerThatStandsStill_ends() {
    breakOffAfter = 100;
    stalls = true;
    Path part = cache.resolve("part");
    assertThatThrownBy(
            () ->
                new Download(Duration.ofMillis(300))
                    .to(
                        URI.create(mirror() + "/path/archive.tgz"),
                        part,
                        ARCHIVE.length,
                        bytes -> {}))
        .isInstanceOf(SocketTimeoutException.class);
    assertThat(part).hasSize(100);
  }

  @Test
  void fetch_serverWithoutRanges_beginsAnew() throws Exception {
    breakOffAfter = 100;
    assertThatThrownBy(this::fetch).isInstanceOf(FetchException.class);
    breakOffAfter = Integer.MAX_VALUE;
    knowsRanges = false;
    assertThat(fetch().isHere(entry())).isTrue();
  }

  @Test
  void fetch_otherBytes_areRefusedAndDeleted() {
    byte[] bent = ARCHIVE.clone();
    bent[bent.length / 2] ^= 1;
    served = bent;
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("is not what the register pins")
        .matches(e -> ((FetchException) e).isDamaged());
    assertThat(cache.resolve("speeches/archive.part")).doesNotExist();
    served = Arrays.copyOf(ARCHIVE, ARCHIVE.length + 1);
    assertThatThrownBy(this::fetch).hasMessageContaining("more than the");
  }

  @Test
  void file_missingOrChanged_isRefusedWithTheWayOut() throws Exception {
    FetchedData fetched = FetchedData.of(cache, List.of(entry()));
    assertThatThrownBy(() -> fetched.file(entry(), "plain"))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("tributary data fetch speeches");
    fetch();
    Files.writeString(cache.resolve("speeches/plain"), "other");
    assertThatThrownBy(() -> fetched.file(entry(), "plain")).hasMessageContaining("expected");
  }

  @Test
  void register_pinsEverything() {
    for (FetchedData.Entry entry : FetchedData.in(cache).entries()) {
      assertThat(entry.sha256()).matches("[0-9a-f]{64}");
      assertThat(entry.files().values()).allMatch(digest -> digest.matches("[0-9a-f]{64}"));
      assertThat(entry.entries().values()).allMatch(entry.files()::containsKey);
      assertThat(entry.base()).startsWith("https://");
    }
  }

  private static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(ShippedData.sha256().digest(bytes));
  }

  private static byte[] tgz(Map<String, String> files) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
        byte[] header = new byte[512];
        System.arraycopy(
            file.getKey().getBytes(StandardCharsets.UTF_8), 0, header, 0, file.getKey().length());
        byte[] size = "%011o".formatted(content.length).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(size, 0, header, 124, 11);
        header[156] = '0';
        out.write(header);
        out.write(Arrays.copyOf(content, 512));
      }
      out.write(new byte[1024]);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
