package dev.tributary.client;

import dev.tributary.client.ClientException.Code;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.Receipt;
import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a round sends or fetches, tried again until it is through or the round is over.
 * Each request is idempotent: a message may arrive twice, an upload goes on where it stopped.
 */
final class Outbox {
  /** The coordinator's code for an input that was announced and is not there. */
  private static final String INPUT_MISSING = "input-missing";

  private final Transport transport;
  private final AtomicReference<@Nullable Connection> connection;
  private final BiConsumer<Connection, ExchangeReply> inbox;
  private final Clock clock;
  private final Pause pause;
  private final RandomGenerator jitter;

  Outbox(
      Transport transport,
      AtomicReference<@Nullable Connection> connection,
      BiConsumer<Connection, ExchangeReply> inbox,
      Clock clock,
      Pause pause,
      RandomGenerator jitter) {
    this.transport = transport;
    this.connection = connection;
    this.inbox = inbox;
    this.clock = clock;
    this.pause = pause;
    this.jitter = jitter;
  }

  private interface Request<T> {
    T under(Connection connection) throws InterruptedException;
  }

  /** Hands over a message; throws {@code ROUND_OVER} if the coordinator does not take it. */
  void send(Envelope message, Instant until) throws InterruptedException {
    Receipt receipt = hand(message, until);
    if (!receipt.getAccepted()) {
      throw notTaken(receipt);
    }
  }

  /**
   * Uploads a body and hands over the message that announces it; both again if the coordinator has
   * lost the body in between, by a restart.
   */
  void send(Envelope message, Body body, Instant until) throws InterruptedException {
    Backoff backoff = new Backoff(jitter);
    while (true) {
      upload(message.getSession().toByteArray(), body, until);
      Receipt receipt = hand(message, until);
      if (receipt.getAccepted()) {
        return;
      }
      Duration wait = backoff.afterFailure(Duration.ZERO);
      if (!receipt.getCode().equals(INPUT_MISSING) || clock.instant().plus(wait).isAfter(until)) {
        throw notTaken(receipt);
      }
      pause.sleep(wait);
    }
  }

  private Receipt hand(Envelope message, Instant until) throws InterruptedException {
    ExchangeReply reply =
        persistently(
            until,
            open -> {
              ExchangeReply came =
                  transport.exchange(open.token(), open.request().addMessages(message).build());
              inbox.accept(open, came);
              return came;
            });
    if (reply.getReceiptsCount() != 1) {
      throw new ClientException(
          Code.REPLY_INVALID,
          "The coordinator sent " + reply.getReceiptsCount() + " receipts for one message.");
    }
    return reply.getReceipts(0);
  }

  private static ClientException notTaken(Receipt receipt) {
    return new ClientException(
        Code.ROUND_OVER,
        "The coordinator did not take a message ("
            + receipt.getCode()
            + "): "
            + receipt.getReason());
  }

  /** Uploads a body from wherever an earlier attempt stopped. */
  void upload(byte[] session, Body body, Instant until) throws InterruptedException {
    Upload upload = new Upload(session, body);
    persistently(until, upload::attempt);
  }

  private final class Upload {
    private static final long UNKNOWN = -1;

    /**
     * Bytes of an upload that is announced: the coordinator is asked first how much of it has come.
     * Its answer then finds the window of this line as wide as it can be.
     */
    private static final int ANNOUNCED = 1 << 16;

    private final byte[] session;
    private final Body body;
    private long arrived;

    Upload(byte[] session, Body body) {
      this.session = session;
      this.body = body;
      this.arrived = body.length() < ANNOUNCED ? 0 : UNKNOWN;
    }

    long attempt(Connection open) throws InterruptedException {
      if (arrived == UNKNOWN) {
        arrived = transport.uploaded(open.token(), session);
      }
      long from = arrived;
      arrived = UNKNOWN;
      arrived = transport.put(open.token(), session, body, from);
      if (arrived < body.length()) {
        throw new ClientException(
            Code.COORDINATOR_BUSY,
            "The upload stopped at " + arrived + " of " + body.length() + " bytes.");
      }
      return arrived;
    }
  }

  /** Fetches a model; what has come before the line broke is not fetched again. */
  byte[] fetch(String digest, long length, Instant until) throws InterruptedException {
    ByteArrayOutputStream model = new ByteArrayOutputStream((int) Math.min(length, 1 << 20));
    return persistently(
        until,
        open -> {
          transport.get(open.token(), digest, length, model);
          return model.toByteArray();
        });
  }

  private <T> T persistently(Instant until, Request<T> request) throws InterruptedException {
    Backoff backoff = new Backoff(jitter);
    while (true) {
      ClientException failure;
      Connection open = connection.get();
      if (open == null) {
        failure = new ClientException(Code.TOKEN_EXPIRED, "The client is not checked in.");
      } else {
        try {
          return request.under(open);
        } catch (ClientException e) {
          failure = e;
        }
      }
      Duration wait = backoff.afterFailure(failure.window());
      if (!failure.code().passing() || clock.instant().plus(wait).isAfter(until)) {
        throw failure;
      }
      pause.sleep(wait);
    }
  }
}
