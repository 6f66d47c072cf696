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
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Says who this client is, to the coordinator whose key it knows: to get a token, or to leave.
 *
 * <p>The time that is signed is this machine's, and the coordinator's where that has said that they
 * are too far apart. Nothing else goes by the coordinator's time: it could make an expired
 * certificate look valid.
 */
final class CheckIn {
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 32;

  private final Transport transport;
  private final StateDirectory state;
  private final Identity identity;
  private final Clock clock;
  private final SecureRandom random;
  private Duration behind = Duration.ZERO;

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

  /**
   * Asks to be let in.
   *
   * @param job null for the only one that the coordinator has open
   */
  Answer ask(@Nullable String job, @Nullable Certificate certificate) throws InterruptedException {
    byte[] key = key();
    CheckInReply reply =
        inTime(
            (nonce, time) -> {
              CheckInRequest.Builder request =
                  request(nonce, time, Handshake.signCheckIn(identity, key, nonce, time));
              if (certificate != null) {
                request.setCertificate(ByteString.copyFrom(certificate.bytes()));
              }
              return job == null
                  ? transport.checkIn(request.build())
                  : transport.checkIn(job, request.build());
            });
    require(key, reply);
    if (job != null && !reply.getToken().isEmpty() && !job.equals(reply.getTask())) {
      throw new ClientException(
          Code.REPLY_INVALID,
          "The coordinator let this client in to job " + reply.getTask() + ", not " + job + ".");
    }
    Duration window = Duration.ofMillis(Integer.toUnsignedLong(reply.getRetryAfterMillis()));
    Connection connection =
        reply.getToken().isEmpty() ? null : new Connection(reply.getToken().toByteArray(), key);
    return new Answer(connection, reply.getTask(), window);
  }

  /** Asks the coordinator to forget this identity; returns once it says that it has. */
  void withdraw() throws InterruptedException {
    byte[] key = key();
    CheckInReply reply =
        inTime(
            (nonce, time) -> {
              byte[] signature = Handshake.signWithdrawal(identity, key, nonce, time);
              return transport.withdraw(request(nonce, time, signature).build());
            });
    require(key, reply);
  }

  /** The coordinator's key, which is the one that was met first. */
  private byte[] key() throws InterruptedException {
    byte[] key = transport.coordinator().getCoordinatorKey().toByteArray();
    if (key.length != KEY_BYTES) {
      throw new ClientException(
          Code.REPLY_INVALID,
          "The coordinator's signing key has " + key.length + " bytes, not 32.");
    }
    state.pin(key);
    return key;
  }

  private static void require(byte[] key, CheckInReply reply) {
    if (!Arrays.equals(reply.getCoordinatorKey().toByteArray(), key)) {
      throw new ClientException(
          Code.COORDINATOR_KEY_CHANGED,
          "The coordinator named one signing key first and another in its answer.");
    }
  }

  private interface Signed {
    CheckInReply send(byte[] nonce, long timeMillis) throws InterruptedException;
  }

  /** Sends with this machine's time, and once more with the coordinator's if that is another. */
  private CheckInReply inTime(Signed request) throws InterruptedException {
    try {
      return request.send(nonce(), clock.instant().plus(behind).toEpochMilli());
    } catch (ClientException e) {
      Instant there = e.serverTime();
      if (e.code() != Code.CLOCK_WRONG || there == null) {
        throw e;
      }
      behind = Duration.between(clock.instant(), there);
      return request.send(nonce(), there.toEpochMilli());
    }
  }

  private byte[] nonce() {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    return nonce;
  }

  private CheckInRequest.Builder request(byte[] nonce, long time, byte[] signature) {
    return CheckInRequest.newBuilder()
        .setIdentity(ByteString.copyFrom(identity.publicKey()))
        .setNonce(ByteString.copyFrom(nonce))
        .setTimeMillis(time)
        .setSignature(ByteString.copyFrom(signature))
        .setVersion(FederatedClient.version());
  }
}
