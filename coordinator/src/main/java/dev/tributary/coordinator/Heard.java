package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which messages of a round have been heard, so that a repeat is written once. */
final class Heard {
  /** More than any member has to say in a round. */
  private static final int MOST = 16;

  private final Map<Integer, Set<ByteString>> digests = new HashMap<>();

  /** What a message is. */
  enum Kind {
    NEW,
    REPEATED,
    /** This slot has said more than a member can. */
    TOO_MANY
  }

  Kind note(int slot, ByteString message) {
    Set<ByteString> before = digests.computeIfAbsent(slot, s -> new HashSet<>());
    ByteString digest = sha256(message);
    if (before.contains(digest)) {
      return Kind.REPEATED;
    }
    if (before.size() == MOST) {
      return Kind.TOO_MANY;
    }
    before.add(digest);
    return Kind.NEW;
  }

  private static ByteString sha256(ByteString message) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(message.asReadOnlyByteBuffer());
      return ByteString.copyFrom(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
