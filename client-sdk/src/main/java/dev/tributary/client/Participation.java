package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.PrivacyEvent;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * One contribution of this client, as its journal records it before the first masked byte leaves.
 *
 * @param coordinator the coordinator's signing key, lower-case hex
 * @param task the job
 * @param round the number of the round
 * @param event what the round releases about this client
 * @param examples what its training tells about one example of the client's data, whoever sees the
 *     update; null where single examples are not hidden
 */
public record Participation(
    String coordinator, String task, int round, PrivacyEvent event, @Nullable Charge examples) {

  /** A contribution that hides no single examples. */
  public Participation(String coordinator, String task, int round, PrivacyEvent event) {
    this(coordinator, task, round, event, null);
  }

  /** The payload of a {@code CONTRIBUTED} entry. */
  public ByteString toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(coordinator);
      out.writeUTF(task);
      out.writeInt(round);
      out.writeUTF(event.canonical());
      out.writeInt(examples == null ? 0 : examples.count());
      if (examples != null) {
        out.writeUTF(examples.event().canonical());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }

  /** Reads {@link #toBytes()}. */
  public static Participation parse(ByteString bytes) {
    try (DataInputStream in = new DataInputStream(bytes.newInput())) {
      String coordinator = in.readUTF();
      String task = in.readUTF();
      int round = in.readInt();
      PrivacyEvent event = PrivacyEvent.parse(in.readUTF());
      int steps = in.readInt();
      Charge examples = steps == 0 ? null : new Charge(PrivacyEvent.parse(in.readUTF()), steps);
      return new Participation(coordinator, task, round, event, examples);
    } catch (IOException e) {
      throw new IllegalArgumentException("not a participation: " + e, e);
    }
  }
}
