package dev.tributary.simulation.chaos;

import dev.tributary.client.ClientException;
import dev.tributary.client.Transport;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.io.ByteArrayOutputStream;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One client's requests, some of which arrive twice, or once more after a newer one: what a retry
 * below HTTP, or a message queue between, would do. A witness sees what the client said and was
 * told.
 */
final class ChaosTransport implements Transport {
  private final Transport way;
  private final int client;
  private final Witness witness;
  private final BooleanSupplier doubles;
  private final BooleanSupplier reorders;
  private final SplittableRandom random;
  private byte @Nullable [] olderToken;
  private @Nullable ExchangeRequest older;

  ChaosTransport(
      Transport way,
      int client,
      long seed,
      Witness witness,
      BooleanSupplier doubles,
      BooleanSupplier reorders) {
    this.way = way;
    this.client = client;
    this.witness = witness;
    this.doubles = doubles;
    this.reorders = reorders;
    this.random = new SplittableRandom(seed ^ (client + 1L) * 0x9e3779b97f4a7c15L);
  }

  private synchronized boolean half() {
    return random.nextBoolean();
  }

  @Override
  public CheckInReply coordinator() throws InterruptedException {
    return way.coordinator();
  }

  @Override
  public CheckInReply checkIn(CheckInRequest request) throws InterruptedException {
    CheckInReply reply = way.checkIn(request);
    if (doubles.getAsBoolean()) {
      try {
        way.checkIn(request);
      } catch (ClientException e) {
        witness.refusedTwice();
      }
    }
    return reply;
  }

  @Override
  public CheckInReply withdraw(CheckInRequest request) throws InterruptedException {
    return way.withdraw(request);
  }

  @Override
  public ExchangeReply exchange(byte[] token, ExchangeRequest request) throws InterruptedException {
    witness.said(client, request);
    ExchangeReply reply = way.exchange(token, request);
    witness.heard(client, request, reply);
    if (doubles.getAsBoolean() && half()) {
      ExchangeReply again = way.exchange(token, atOnce(request));
      witness.heard(client, request, again);
      reply = half() ? again : reply;
    }
    if (request.getMessagesCount() > 0) {
      @Nullable ExchangeRequest before;
      byte @Nullable [] beforeToken;
      synchronized (this) {
        before = older;
        beforeToken = olderToken;
        older = request;
        olderToken = token.clone();
      }
      if (before != null && beforeToken != null && reorders.getAsBoolean()) {
        try {
          way.exchange(beforeToken, atOnce(before));
        } catch (ClientException e) {
          // Its token is an older one, or the line is down.
        }
      }
    }
    return reply;
  }

  private static ExchangeRequest atOnce(ExchangeRequest request) {
    return request.toBuilder().setWaitMillis(0).build();
  }

  @Override
  public void get(byte[] token, String digest, long length, ByteArrayOutputStream into)
      throws InterruptedException {
    way.get(token, digest, length, into);
  }

  @Override
  public long uploaded(byte[] token, byte[] session) throws InterruptedException {
    return way.uploaded(token, session);
  }

  @Override
  public long put(byte[] token, byte[] session, Body body, long offset)
      throws InterruptedException {
    long arrived = way.put(token, session, body, offset);
    if (doubles.getAsBoolean() && half()) {
      way.put(token, session, body, offset);
    }
    return arrived;
  }

  @Override
  public void close() {
    way.close();
  }
}
