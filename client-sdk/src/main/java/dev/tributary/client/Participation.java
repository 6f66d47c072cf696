package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.privacy.PrivacyEvent;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * One contribution of this client, as its journal records it before the first masked byte leaves.
 *
 * @param coordinator the coordinator's signing key, lower-case hex
 * @param task the job
 * @param round the number of the round
 * @param event what the round releases about this client
 */
public record Participation(String coordinator, String task, int round, PrivacyEvent event) {

  /** The payload of a {@code CONTRIBUTED} entry. */
  public ByteString toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(coordinator);
      out.writeUTF(task);
      out.writeInt(round);
      out.writeUTF(event.canonical());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }

  /** Reads {@link #toBytes()}. */
  public static Participation parse(ByteString bytes) {
    try (DataInputStream in = new DataInputStream(bytes.newInput())) {
      return new Participation(
          in.readUTF(), in.readUTF(), in.readInt(), PrivacyEvent.parse(in.readUTF()));
    } catch (IOException e) {
      throw new IllegalArgumentException("not a participation: " + e, e);
    }
  }
}
