package dev.tributary.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** A transport over bytes: what a request says, and what a reply. */
final class WireTransport implements Transport {
  /** The other end. */
  interface End {
    byte[] answer(String what, byte[] request) throws IOException;
  }

  private final End end;

  WireTransport(End end) {
    this.end = end;
  }

  private byte[] call(String what, byte[] request) {
    try {
      return end.answer(what, request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CheckInReply checkInReply(String what, byte[] request) {
    try {
      return CheckInReply.parseFrom(call(what, request));
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public CheckInReply coordinator() {
    return checkInReply("GET /v1/coordinator", new byte[0]);
  }

  @Override
  public CheckInReply checkIn(CheckInRequest request) {
    return checkInReply("POST /v1/check-in", request.toByteArray());
  }

  @Override
  public CheckInReply withdraw(CheckInRequest request) {
    return checkInReply("POST /v1/withdraw", request.toByteArray());
  }

  @Override
  public ExchangeReply exchange(byte[] token, ExchangeRequest request) {
    try {
      return ExchangeReply.parseFrom(call("POST /v1/exchange", request.toByteArray()));
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void get(byte[] token, String digest, long length, ByteArrayOutputStream into) {
    into.writeBytes(call("GET /v1/models/" + digest, new byte[0]));
  }

  @Override
  public long uploaded(byte[] token, byte[] session) {
    return 0;
  }

  /** The reply is what {@code Upload-Offset} says. */
  @Override
  public long put(byte[] token, byte[] session, Body body, long offset) {
    try (InputStream in = body.open()) {
      byte[] reply = call("PUT /v1/inputs/" + HexFormat.of().formatHex(session), in.readAllBytes());
      return Long.parseLong(new String(reply, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {}
}
