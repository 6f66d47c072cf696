package dev.tributary.client;

import com.google.protobuf.MessageLite;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.atomic.AtomicLong;

/** One client's way over a transport that it may share with others, and what went over it. */
final class CountingTransport implements Transport {
  private final Transport way;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();

  CountingTransport(Transport way) {
    this.way = way;
  }

  long sent() {
    return sent.get();
  }

  long received() {
    return received.get();
  }

  private <T extends MessageLite> T down(T reply) {
    received.addAndGet(reply.getSerializedSize());
    return reply;
  }

  private void up(MessageLite request) {
    sent.addAndGet(request.getSerializedSize());
  }

  @Override
  public CheckInReply coordinator() throws InterruptedException {
    return down(way.coordinator());
  }

  @Override
  public CheckInReply checkIn(CheckInRequest request) throws InterruptedException {
    up(request);
    return down(way.checkIn(request));
  }

  @Override
  public CheckInReply checkIn(String job, CheckInRequest request) throws InterruptedException {
    up(request);
    return down(way.checkIn(job, request));
  }

  @Override
  public CheckInReply withdraw(CheckInRequest request) throws InterruptedException {
    up(request);
    return down(way.withdraw(request));
  }

  @Override
  public ExchangeReply exchange(byte[] token, ExchangeRequest request) throws InterruptedException {
    up(request);
    return down(way.exchange(token, request));
  }

  @Override
  public void get(byte[] token, String digest, long length, ByteArrayOutputStream into)
      throws InterruptedException {
    int before = into.size();
    try {
      way.get(token, digest, length, into);
    } finally {
      received.addAndGet(into.size() - before);
    }
  }

  @Override
  public long uploaded(byte[] token, byte[] session) throws InterruptedException {
    return way.uploaded(token, session);
  }

  @Override
  public long put(byte[] token, byte[] session, Body body, long offset)
      throws InterruptedException {
    long arrived = way.put(token, session, body, offset);
    sent.addAndGet(Math.max(0, arrived - offset));
    return arrived;
  }

  @Override
  public void close() {
    way.close();
  }
}
