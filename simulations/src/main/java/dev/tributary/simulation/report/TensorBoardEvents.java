package dev.tributary.simulation.report;

import dev.tributary.coordinator.round.ClientAccuracy;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A run as an event file of TensorBoard: TFRecords (length, its masked CRC-32C, the bytes, theirs)
 * of Event messages with one simple value for each curve (tensorflow/core/util/event.proto and
 * framework/summary.proto). The time of an event is the protocol's clock, so that the file depends
 * on job and seed alone.
 */
final class TensorBoardEvents {
  /** TensorBoard reads files that have "tfevents" in their name. */
  static final String FILE = "events.out.tfevents.0.tributary";

  private static final int MASK_DELTA = 0xa282ead8;

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();

  private TensorBoardEvents() {}

  static byte[] of(RunRecord run) {
    TensorBoardEvents events = new TensorBoardEvents();
    Message version = new Message();
    version.real(1, 0);
    version.text(3, "brain.Event:2");
    events.record(version.bytes());
    double seconds = 0;
    for (RoundLine round : run.rounds()) {
      seconds += round.seconds();
      Message event = new Message();
      event.real(1, seconds);
      event.number(2, round.number());
      Message summary = new Message();
      values(round)
          .forEach(
              (tag, value) -> {
                Message one = new Message();
                one.text(1, tag);
                one.single(2, value.floatValue());
                summary.message(1, one);
              });
      event.message(5, summary);
      events.record(event.bytes());
    }
    return events.file.toByteArray();
  }

  private static Map<String, Double> values(RoundLine round) {
    Map<String, Double> values = new LinkedHashMap<>();
    round.accuracy().ifPresent(value -> values.put("evaluation/accuracy", value));
    round.loss().ifPresent(value -> values.put("evaluation/loss", value));
    round.measures().forEach((name, value) -> values.put("evaluation/" + name, value));
    round
        .clientAccuracy()
        .ifPresent(
            accuracy -> {
              values.put("clients/accuracy_mean", accuracy.mean());
              values.put("clients/accuracy_worst_decile", accuracy.worstDecile());
              ClientAccuracy.PERCENTILES.forEach(
                  p -> values.put("clients/accuracy_p" + p, accuracy.percentile(p)));
            });
    round.releasedEpsilon().ifPresent(value -> values.put("privacy/epsilon", value));
    round.coordinatorEpsilon().ifPresent(v -> values.put("privacy/epsilon_coordinator", v));
    round.clipNorm().ifPresent(value -> values.put("privacy/clip_norm", value));
    values.put("clients/survivors", (double) round.survivors());
    values.put("clients/lost", (double) round.lost());
    values.put("round/seconds", round.seconds());
    return values;
  }

  private void record(byte[] bytes) {
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.length).array();
    file.writeBytes(length);
    file.writeBytes(masked(length));
    file.writeBytes(bytes);
    file.writeBytes(masked(bytes));
  }

  private static byte[] masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    int value = Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  /** A protobuf message, as far as events need it. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] bytes() {
      return out.toByteArray();
    }

    void number(int field, long value) {
      varint(field << 3);
      varint(value);
    }

    void real(int field, double value) {
      varint(field << 3 | 1);
      out.writeBytes(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
    }

    void single(int field, float value) {
      varint(field << 3 | 5);
      out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    }

    void text(int field, String value) {
      delimited(field, value.getBytes(StandardCharsets.UTF_8));
    }

    void message(int field, Message value) {
      delimited(field, value.bytes());
    }

    private void delimited(int field, byte[] bytes) {
      varint(field << 3 | 2);
      varint(bytes.length);
      out.writeBytes(bytes);
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) (rest & 0x7f) | 0x80);
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
