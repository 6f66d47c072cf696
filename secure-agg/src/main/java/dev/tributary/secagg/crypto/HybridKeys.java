package dev.tributary.secagg.crypto;

import com.google.protobuf.ByteString;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.util.List;

/** The agreement keys that a member advertises: X25519, and ML-KEM-768 where the suite has it. */
public final class HybridKeys {

  private HybridKeys() {}

  /** All of them that are there. */
  public static List<ByteString> all(AdvertiseKeys member) {
    return List.of(
            member.getChannelKey(),
            member.getMaskKey(),
            member.getChannelKemKey(),
            member.getMaskKemKey())
        .stream()
        .filter(key -> !key.isEmpty())
        .toList();
  }

  /**
   * Whether the ML-KEM keys are what the suite asks for: both, and each a public key, in a
   * post-quantum session, and neither in another. So nobody can take them out of a roster, or put
   * them where nothing signs them.
   */
  public static boolean kemKeysFit(AdvertiseKeys member, boolean postQuantum) {
    ByteString channel = member.getChannelKemKey();
    ByteString mask = member.getMaskKemKey();
    return postQuantum
        ? isPublicKey(channel) && isPublicKey(mask)
        : channel.isEmpty() && mask.isEmpty();
  }

  private static boolean isPublicKey(ByteString key) {
    return key.size() == MlKem768.PUBLIC_KEY && MlKem768.isPublicKey(key.toByteArray());
  }
}
