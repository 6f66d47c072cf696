package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which messages of a round have been heard, so that a repeat is written once and nobody fills the
 * disk with others.
 */
final class Heard {
  /** More messages than any member has to send in a round. */
  private static final int MOST = 16;

  private final long mostBytes;
  private final Map<Integer, Said> said = new HashMap<>();

  /** What one slot has said. */
  private static final class Said {
    final Set<ByteString> digests = new HashSet<>();
    long bytes;
    boolean tooMuch;
  }

  /** What a message is. */
  enum Kind {
    NEW,
    REPEATED,
    /** With this one, the slot has said more than a member can. */
    TOO_MUCH,
    /** The slot had said too much before. */
    IGNORED
  }

  /**
   * Nothing heard yet.
   *
   * @param mostBytes of all the messages of a slot
   */
  Heard(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  Kind note(int slot, ByteString message) {
    Said before = said.computeIfAbsent(slot, s -> new Said());
    if (before.tooMuch) {
      return Kind.IGNORED;
    }
    ByteString digest = sha256(message);
    if (before.digests.contains(digest)) {
      return Kind.REPEATED;
    }
    if (before.digests.size() == MOST || before.bytes + message.size() > mostBytes) {
      before.tooMuch = true;
      return Kind.TOO_MUCH;
    }
    before.digests.add(digest);
    before.bytes += message.size();
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
