package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientException.Code;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Says who this client is, to the coordinator whose key it knows, and gets a token. */
final class CheckIn {
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 32;

  private final Transport transport;
  private final StateDirectory state;
  private final Identity identity;
  private final Clock clock;
  private final SecureRandom random;

  CheckIn(
      Transport transport,
      StateDirectory state,
      Identity identity,
      Clock clock,
      SecureRandom random) {
    this.transport = transport;
    this.state = state;
    this.identity = identity;
    this.clock = clock;
    this.random = random;
  }

  /**
   * What the coordinator answered.
   *
   * @param connection null when it wants to be asked again after the window
   */
  record Answer(@Nullable Connection connection, String task, Duration window) {}

  Answer ask(@Nullable Certificate certificate) throws InterruptedException {
    byte[] key = transport.coordinator().getCoordinatorKey().toByteArray();
    if (key.length != KEY_BYTES) {
      throw new ClientException(
          Code.REPLY_INVALID,
          "The coordinator's signing key has " + key.length + " bytes, not 32.");
    }
    state.pin(key);
    CheckInReply reply = transport.checkIn(request(key, certificate));
    if (!Arrays.equals(reply.getCoordinatorKey().toByteArray(), key)) {
      throw new ClientException(
          Code.COORDINATOR_KEY_CHANGED,
          "The coordinator named one signing key before the check-in and another after it.");
    }
    Duration window = Duration.ofMillis(Integer.toUnsignedLong(reply.getRetryAfterMillis()));
    Connection connection =
        reply.getToken().isEmpty() ? null : new Connection(reply.getToken().toByteArray(), key);
    return new Answer(connection, reply.getTask(), window);
  }

  private CheckInRequest request(byte[] coordinatorKey, @Nullable Certificate certificate) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    long now = clock.millis();
    byte[] signature = Handshake.signCheckIn(identity, coordinatorKey, nonce, now);
    CheckInRequest.Builder request =
        CheckInRequest.newBuilder()
            .setIdentity(ByteString.copyFrom(identity.publicKey()))
            .setNonce(ByteString.copyFrom(nonce))
            .setTimeMillis(now)
            .setSignature(ByteString.copyFrom(signature))
            .setVersion(FederatedClient.version());
    if (certificate != null) {
      request.setCertificate(ByteString.copyFrom(certificate.bytes()));
    }
    return request.build();
  }
}
