package dev.tributary.client;

import dev.tributary.wire.Body;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Receipt;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A coordinator in memory that takes everything, unless told to fail. */
final class FakeTransport implements Transport {
  final List<Envelope> messages = new CopyOnWriteArrayList<>();
  final List<String> calls = new CopyOnWriteArrayList<>();

  /** Thrown by the next calls, one each. */
  final Deque<ClientException> failures = new ArrayDeque<>();

  volatile byte[] model = new byte[0];
  volatile long arrived;
  volatile long stopAt = Long.MAX_VALUE;

  /** Given for the next messages, one each, by a coordinator that has lost what was uploaded. */
  final Deque<Receipt> forgetful = new ArrayDeque<>();

  volatile Receipt receipt = Receipt.newBuilder().setAccepted(true).build();

  private synchronized void called(String what) {
    calls.add(what);
    ClientException failure = failures.poll();
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public CheckInReply coordinator() {
    called("coordinator");
    return CheckInReply.getDefaultInstance();
  }

  @Override
  public CheckInReply checkIn(CheckInRequest request) {
    called("check-in");
    return CheckInReply.getDefaultInstance();
  }

  @Override
  public CheckInReply withdraw(CheckInRequest request) {
    called("withdraw");
    return CheckInReply.getDefaultInstance();
  }

  @Override
  public ExchangeReply exchange(byte[] token, ExchangeRequest request) {
    called("exchange");
    messages.addAll(request.getMessagesList());
    Receipt once = forgetful.poll();
    if (once != null) {
      arrived = 0;
    }
    return ExchangeReply.newBuilder().addReceipts(once == null ? receipt : once).build();
  }

  @Override
  public void get(byte[] token, String digest, long length, ByteArrayOutputStream into) {
    called("get");
    into.write(model, into.size(), model.length - into.size());
  }

  @Override
  public long uploaded(byte[] token, byte[] session) {
    called("uploaded");
    return arrived;
  }

  @Override
  public long put(byte[] token, byte[] session, Body body, long offset) {
    called("put " + offset);
    if (offset == arrived) {
      arrived = Math.min(body.length(), Math.max(offset, stopAt));
    }
    return arrived;
  }

  @Override
  public void close() {}
}
