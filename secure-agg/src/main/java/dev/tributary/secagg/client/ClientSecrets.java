package dev.tributary.secagg.client;

import dev.tributary.wire.Seed;
import java.util.Arrays;

/**
 * The ephemeral secrets of one session. Two key pairs, since the coordinator may come to know the
 * mask secret. Wiped by {@link #destroy()}, in part before; prints nothing.
 */
final class ClientSecrets {

  /** X25519 secret of the channels that carry shares. */
  final byte[] channelSecret;

  /** Seed of the ML-KEM key pair of the channels and of the coins of what is sent over them. */
  final byte[] channelKemSeed;

  /** maskSeed_i, from which the mask secret is derived and which is shared. */
  final byte[] maskSeed;

  /** b_i, from which the self mask is derived and which is shared. */
  final byte[] selfSeed;

  /** Key of the stream of Shamir coefficients. */
  final byte[] coefficientKey;

  /** Key of the stream of a choice of neighbours. */
  final byte[] choiceKey;

  /** Key of the stream of a draw of signatures, which comes last. */
  final byte[] sampleKey;

  /** clientNonce_i; public once advertised. */
  final byte[] nonce;

  ClientSecrets(Seed seed) {
    channelSecret = draw(seed, "sa1/channel-secret");
    channelKemSeed = draw(seed, "sa1/channel-kem-seed");
    maskSeed = draw(seed, "sa1/mask-seed");
    selfSeed = draw(seed, "sa1/self-seed");
    coefficientKey = draw(seed, "sa1/coefficients");
    choiceKey = draw(seed, "sa1/choice");
    sampleKey = draw(seed, "sa1/sample");
    nonce = draw(seed, "sa1/client-nonce");
  }

  private static byte[] draw(Seed seed, String label) {
    Seed derived = seed.derive(label);
    byte[] bytes = derived.bytes();
    derived.destroy();
    return bytes;
  }

  /** Once shares are dealt, the channels' secrets, coefficients and choice are of no use. */
  void wipeAfterSharing() {
    Arrays.fill(channelSecret, (byte) 0);
    Arrays.fill(channelKemSeed, (byte) 0);
    Arrays.fill(coefficientKey, (byte) 0);
    Arrays.fill(choiceKey, (byte) 0);
  }

  /** Once the input is masked, the seeds are of no use. */
  void wipeAfterMasking() {
    wipeAfterSharing();
    Arrays.fill(maskSeed, (byte) 0);
    Arrays.fill(selfSeed, (byte) 0);
  }

  /** At the end nothing here is of any use. */
  void destroy() {
    wipeAfterMasking();
    Arrays.fill(sampleKey, (byte) 0);
  }

  @Override
  public String toString() {
    return "ClientSecrets[redacted]";
  }
}
