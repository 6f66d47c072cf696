package dev.tributary.secagg;

import static dev.tributary.secagg.testing.VectorRound.NOW;
import static dev.tributary.secagg.testing.VectorRound.drain;
import static dev.tributary.secagg.testing.VectorRound.finish;
import static dev.tributary.secagg.testing.VectorRound.fromServer;
import static dev.tributary.secagg.testing.VectorRound.sentTo;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.testing.Vectors;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A round of twelve as a coordinator of ours sees it: one member never comes, one is lost after
 * sharing, one after its input. {@code sa1.py unmask} computes its sum without our code; here the
 * recording is held to be what our code says today. {@link #main} writes it anew.
 */
class RecordedRoundTest {

  private static final int N = 12;
  private static final int BITS = 20;
  private static final int LENGTH = 50;
  private static final int NEVER = 2;
  private static final int AFTER_SHARES = 5;
  private static final int AFTER_INPUT = 9;
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  private final Map<String, String> record = new LinkedHashMap<>();
  private final SumParameters parameters =
      SumParameters.derive(Sa1.ID, Mode.MALICIOUS, N, 0, 0.2, 10, 0, BITS, LENGTH);
  private final Machine[] clients = new Machine[N];
  private final Machine server;

  RecordedRoundTest() {
    EnrolmentAuthority authority =
        EnrolmentAuthority.fromSeed("people", seed("authority"), serials());
    Schedule schedule = Schedule.of(NOW, DEADLINE, new Sa1().steps(parameters));
    byte[] sid = Labels.sha256("recorded/session".getBytes(StandardCharsets.UTF_8));
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      Identity identity = Identity.fromSeed(seed("identity" + i));
      Certificate certificate =
          authority.issue(identity.publicKey(), NOW.minusSeconds(60), NOW.plusSeconds(3600));
      keys.add(identity.publicKey());
      clients[i] =
          new Sa1()
              .open(
                  SumSession.client(
                      parameters,
                      sid,
                      i,
                      identity,
                      certificate,
                      authority.anchors().verifier(),
                      schedule));
    }
    server =
        new Sa1()
            .open(
                SumSession.coordinator(
                    parameters, sid, keys, authority.anchors().verifier(), schedule));
  }

  private static Seed seed(String name) {
    return Seed.of(Labels.sha256(("recorded/" + name).getBytes(StandardCharsets.UTF_8)));
  }

  /** Serials that count, so that a recording can be made again. */
  private static SecureRandom serials() {
    return new SecureRandom() {
      private static final long serialVersionUID = 1L;
      private byte next;

      @Override
      public void nextBytes(byte[] bytes) {
        Arrays.fill(bytes, ++next);
      }
    };
  }

  private static int[] input(int i) {
    byte[] key = seed("input" + i).bytes();
    return IntStream.range(0, LENGTH)
        .map(e -> (key[e % 32] & 0xFF) << 12 | (e * 37 + i) & 0xFFF)
        .toArray();
  }

  private static int[] slots(int... without) {
    return IntStream.range(0, N)
        .filter(i -> Arrays.stream(without).noneMatch(w -> w == i))
        .toArray();
  }

  private List<Effect> up(int slot, Event event, String name, Instant now) throws Exception {
    List<Effect> down = new ArrayList<>();
    for (Effect effect : clients[slot].on(NOW, event)) {
      if (effect instanceof Effect.Send send) {
        note(name + "." + slot, send.message().toByteArray());
        if (send.body() != null) {
          try (var in = send.body().open()) {
            note("packed." + slot, in.readAllBytes());
          }
        }
        down.addAll(drain(server, new Event.Received(slot, send.message(), send.body()), now));
      }
    }
    return down;
  }

  private void note(String key, byte[] bytes) {
    record.put(key, HexFormat.of().formatHex(bytes));
  }

  private static String list(int[] values) {
    return Arrays.stream(values).mapToObj(Integer::toString).collect(Collectors.joining(","));
  }

  /** Plays the round and returns the sum that the server found. */
  private int[] play() throws Exception {
    record.put("threshold", Integer.toString(parameters.threshold()));
    record.put("ringBits", Integer.toString(BITS));
    record.put("length", Integer.toString(LENGTH));
    record.put("slots", list(slots(NEVER)));
    server.on(NOW, new Event.Start(seed("server")));
    for (int i : slots(NEVER)) {
      up(i, new Event.Start(seed("start" + i)), "advertise", NOW);
    }
    List<Effect> down = drain(server, new Event.Woken(), NOW.plusSeconds(6));
    note("roster", sentTo(down, 0).message().toByteArray());
    List<Effect> shares = new ArrayList<>();
    for (int i : slots(NEVER)) {
      shares.addAll(up(i, fromServer(sentTo(down, i).message()), "shareKeys", NOW));
    }
    for (int i : slots(NEVER)) {
      note("shares." + i, sentTo(shares, i).message().toByteArray());
    }
    for (int i : slots(NEVER, AFTER_SHARES)) {
      clients[i].on(NOW, new Event.Input(RingVector.of(BITS, input(i))));
      up(i, fromServer(sentTo(shares, i).message()), "maskedInput", NOW);
    }
    down = drain(server, new Event.Woken(), NOW.plusSeconds(48));
    note("survivors", sentTo(down, 0).message().toByteArray());
    List<Effect> proofs = new ArrayList<>();
    for (int i : slots(NEVER, AFTER_SHARES, AFTER_INPUT)) {
      proofs.addAll(up(i, fromServer(sentTo(down, i).message()), "signedSurvivors", NOW));
    }
    note("proof", sentTo(proofs, 0).message().toByteArray());
    List<Effect> end = new ArrayList<>();
    for (int i : slots(NEVER, AFTER_SHARES, AFTER_INPUT)) {
      end.addAll(up(i, fromServer(sentTo(proofs, i).message()), "unmask", NOW));
    }
    SumResult.RingSum sum = (SumResult.RingSum) finish(end);
    int[] values = new int[LENGTH];
    sum.sum().read(0, values, LENGTH);
    record.put("sum", list(values));
    return values;
  }

  @Test
  void recording_isWhatOurCodeSays_andItsSumIsThePlainSum() throws Exception {
    int[] plain = new int[LENGTH];
    for (int i : slots(NEVER, AFTER_SHARES)) {
      int[] x = input(i);
      Arrays.setAll(plain, e -> (plain[e] + x[e]) & ((1 << BITS) - 1));
    }
    assertThat(play()).isEqualTo(plain);
    Vectors recorded = Vectors.of("recorded_n12");
    record.forEach((key, value) -> assertThat(recorded.text(key)).as(key).isEqualTo(value));
  }

  /** Writes the recording to the file that is named. */
  public static void main(String[] arguments) throws Exception {
    RecordedRoundTest test = new RecordedRoundTest();
    test.play();
    StringBuilder text =
        new StringBuilder("# Recorded by RecordedRoundTest: all that a coordinator sees.\n");
    test.record.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    Files.writeString(Path.of(arguments[0]), text);
  }
}
