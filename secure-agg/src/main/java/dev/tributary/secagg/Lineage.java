package dev.tributary.secagg;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Signatures;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which authority keys count, starting from the pinned ones: from old key to new, never back, so
 * that a key that has been replaced cannot bring in another.
 */
final class Lineage {

  private final Map<ByteString, Succession> next = new HashMap<>();
  private final Map<ByteString, Signatures.PublicKey> keys = new LinkedHashMap<>();
  private final Map<ByteString, RevocationList> lists = new HashMap<>();

  private Lineage() {}

  /**
   * What is known of each key.
   *
   * @throws KeyFileException if a key is none, two keys claim the place of one, or a statement is
   *     not signed by whom it names
   */
  static Map<ByteString, TrustAnchors.Authority> resolve(
      List<byte[]> pinned, List<Succession> successions, List<RevocationList> lists) {
    Lineage lineage = new Lineage();
    lineage.follow(pinned, successions);
    lists.forEach(lineage::take);
    Map<ByteString, TrustAnchors.Authority> authorities = new LinkedHashMap<>();
    lineage.keys.forEach(
        (key, decoded) -> {
          Succession end = lineage.next.get(key);
          authorities.put(
              key,
              new TrustAnchors.Authority(
                  decoded,
                  end == null ? Long.MAX_VALUE : end.until().getEpochSecond(),
                  lineage.listFor(key)));
        });
    return authorities;
  }

  private void follow(List<byte[]> pinned, List<Succession> successions) {
    Deque<ByteString> open = new ArrayDeque<>();
    pinned.forEach(key -> open.add(ByteString.copyFrom(key)));
    while (!open.isEmpty()) {
      ByteString key = open.remove();
      if (keys.containsKey(key)) {
        continue;
      }
      Signatures.PublicKey decoded = Signatures.decode(key.toByteArray());
      if (decoded == null) {
        throw new KeyFileException("an authority's key is no Ed25519 key");
      }
      keys.put(key, decoded);
      for (Succession succession : successions) {
        if (succession.oldKey().equals(key)) {
          succeed(key, succession);
          open.add(succession.newKey());
        }
      }
    }
  }

  private void succeed(ByteString old, Succession succession) {
    if (!succession.genuine()) {
      throw new KeyFileException(succession + " is not signed by both keys. Fetch the file again.");
    }
    Succession before = next.putIfAbsent(old, succession);
    if (before != null) {
      throw new KeyFileException(
          "Two keys claim the place of one authority: "
              + before
              + " and "
              + succession
              + ". One of them is not the authority's; ask it for the key to pin.");
    }
  }

  private void take(RevocationList list) {
    Signatures.PublicKey signer = keys.get(list.authorityKey());
    if (signer == null || !list.signedBy(signer)) {
      throw new KeyFileException(
          list + " is not signed by an authority that is trusted here. Fetch the file again.");
    }
    RevocationList before = lists.get(list.authorityKey());
    if (before != null && before.number() == list.number()) {
      throw new KeyFileException("Two revocation lists of one number: " + before + " and " + list);
    }
    if (before == null || before.number() < list.number()) {
      lists.put(list.authorityKey(), list);
    }
  }

  private @Nullable RevocationList listFor(ByteString key) {
    RevocationList found = null;
    ByteString at = key;
    for (int steps = 0; steps <= keys.size(); steps++) {
      found = lists.getOrDefault(at, found);
      Succession succession = next.get(at);
      if (succession == null) {
        break;
      }
      at = succession.newKey();
    }
    return found;
  }

  /** The statements, each once. */
  static <T> List<T> distinct(Collection<T> statements, Function<T, byte[]> bytes) {
    Map<ByteString, T> once = new LinkedHashMap<>();
    statements.forEach(each -> once.putIfAbsent(ByteString.copyFrom(bytes.apply(each)), each));
    return List.copyOf(new ArrayList<>(once.values()));
  }
}
