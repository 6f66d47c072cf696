package dev.tributary.wire;

import dev.tributary.wire.v1.Envelope;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator's message to a member of which a part stands beside it, encoded as an envelope of
 * its own, so that it need not be on the heap until it leaves. The shell that sends it joins them.
 */
public final class Bulk {

  private Bulk() {}

  /**
   * The message as the member gets it.
   *
   * @param rest what stands beside the message; null if it is whole
   * @throws IOException if the rest cannot be read, or no more
   */
  public static Envelope whole(Envelope message, @Nullable Body rest) throws IOException {
    if (rest == null) {
      return message;
    }
    try (InputStream in = rest.open()) {
      return message.toBuilder().mergeFrom(in).build();
    }
  }
}
