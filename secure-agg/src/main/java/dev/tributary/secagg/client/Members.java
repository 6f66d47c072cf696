package dev.tributary.secagg.client;

import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.util.List;

/**
 * A roster that this client has verified.
 *
 * @param keys decoded identity keys by roster index
 * @param own this client's roster index
 */
record Members(
    Transcript transcript,
    List<AdvertiseKeys> advertised,
    List<Signatures.PublicKey> keys,
    int own) {

  int size() {
    return advertised.size();
  }

  byte[] channelKey(int index) {
    return advertised.get(index).getChannelKey().toByteArray();
  }

  byte[] maskKey(int index) {
    return advertised.get(index).getMaskKey().toByteArray();
  }
}
