package dev.tributary.coordinator.access;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Shows that a request comes from a coordinator of the same store: the time in milliseconds since
 * the epoch, a colon, and the HMAC-SHA256 of a label, that time, method and path under a key of the
 * store. It goes over TLS to a pinned certificate alone; whoever read it could use it for that path
 * for {@link #WINDOW}.
 */
public final class NodeProof {
  /** How far the clocks of two coordinators may be apart. */
  static final Duration WINDOW = Duration.ofMinutes(5);

  private static final String LABEL = "tributary coordinator to coordinator v1";
  private static final Pattern FORM = Pattern.compile("(\\d{1,15}):([0-9a-f]{64})");

  private final SecretKeySpec key;

  /** With a key of 32 bytes. */
  public NodeProof(ByteString key) {
    this.key = new SecretKeySpec(key.toByteArray(), "HmacSHA256");
  }

  /** For a request that is sent now. */
  public String of(String method, String path, Instant now) {
    long millis = now.toEpochMilli();
    return millis + ":" + HexFormat.of().formatHex(tag(millis, method, path));
  }

  /** Whether something shown is one for this request; takes the same time however wrong it is. */
  public boolean holds(@Nullable String shown, String method, String path, Instant now) {
    Matcher form = FORM.matcher(shown == null ? "" : shown);
    if (!form.matches()) {
      return false;
    }
    long millis = Long.parseLong(form.group(1));
    boolean right =
        MessageDigest.isEqual(HexFormat.of().parseHex(form.group(2)), tag(millis, method, path));
    return right
        && Duration.between(Instant.ofEpochMilli(millis), now).abs().compareTo(WINDOW) <= 0;
  }

  private byte[] tag(long millis, String method, String path) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      // No method and no number has a line break in it.
      return mac.doFinal(
          (LABEL + "\n" + millis + "\n" + method + "\n" + path).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  @Override
  public String toString() {
    return "NodeProof";
  }
}
