package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.wire.Body;
import dev.tributary.wire.Bulk;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.Receipt;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One checked-in client: its mailbox and its parked poll. Deliveries stay until they are
 * acknowledged, so that a reply that got lost is simply sent again. Confined to the coordinator's
 * loop.
 */
final class Session {
  /** Who was heard from this lately is there, parked poll or not. */
  static final Duration LATELY = Duration.ofSeconds(5);

  /** A client's part of a round takes fewer messages than this. */
  private static final int MAILBOX = 64;

  private static final int TERM = 32;

  private final ByteString identity;
  private final Deque<Mail> mailbox = new ArrayDeque<>();
  private @Nullable ByteString certificate;
  private int member = -1;
  private long sequence;
  private Instant admitted = Instant.MIN;
  private Instant seen;
  private @Nullable CompletableFuture<ExchangeReply> parked;

  /**
   * A delivery that waits.
   *
   * @param rest of the message, joined when it leaves; null if it is whole
   */
  private record Mail(long sequence, Envelope message, @Nullable Body rest) {}

  /**
   * A client with an empty mailbox.
   *
   * @param term of the mailbox: what is delivered has higher numbers than under any earlier one, so
   *     that a client that goes on with its token after a restart takes it in, and what it
   *     acknowledges of before removes nothing
   */
  Session(ByteString identity, long term, Instant now) {
    this.identity = identity;
    this.sequence = term << TERM;
    this.seen = now;
  }

  ByteString identity() {
    return identity;
  }

  /**
   * The certificate that it checked in with last, or that its population has; empty where none is
   * asked for, and null where it has to check in: nothing was heard from it in this process, or
   * what it has shown is refused by now.
   */
  @Nullable ByteString certificate() {
    return certificate;
  }

  void certificate(@Nullable ByteString shown) {
    certificate = shown;
  }

  /** Population index; -1 before the population is frozen. */
  int member() {
    return member;
  }

  void member(int index) {
    member = index;
  }

  /** Lets it in with a token of this time, which makes those of before void. */
  void admit(Instant issued) {
    admitted = issued.truncatedTo(ChronoUnit.MILLIS);
  }

  /** Whether a token of that time is void here. */
  boolean replaced(Instant issued) {
    return issued.isBefore(admitted);
  }

  void seen(Instant now) {
    seen = now;
  }

  boolean present(Instant now) {
    return parked != null || seen.plus(LATELY).isAfter(now);
  }

  void acknowledge(long through) {
    while (!mailbox.isEmpty() && mailbox.getFirst().sequence() <= through) {
      mailbox.removeFirst();
    }
  }

  /**
   * Puts a message into the mailbox. An offer makes whatever an earlier round left there void.
   *
   * @param rest of the message, read whenever it leaves; null if it is whole
   */
  void deliver(Envelope message, @Nullable Body rest) {
    if (message.hasOffer()) {
      mailbox.clear();
    }
    if (mailbox.size() == MAILBOX) {
      mailbox.removeFirst();
    }
    mailbox.add(new Mail(++sequence, message, rest));
  }

  boolean hasMail() {
    return !mailbox.isEmpty();
  }

  ExchangeReply reply(List<Receipt> receipts, boolean finished) {
    ExchangeReply.Builder reply =
        ExchangeReply.newBuilder().addAllReceipts(receipts).setFinished(finished);
    for (Mail mail : mailbox) {
      try {
        reply.addDeliveries(
            Delivery.newBuilder()
                .setSequence(mail.sequence())
                .setEnvelope(Bulk.whole(mail.message(), mail.rest())));
      } catch (IOException e) {
        // Its round is over and the rest is gone: the message is of no use any more.
      }
    }
    return reply.build();
  }

  /** Parks a poll; an earlier one that is still parked is answered empty. */
  void park(CompletableFuture<ExchangeReply> poll) {
    CompletableFuture<ExchangeReply> before = parked;
    parked = poll;
    if (before != null) {
      before.complete(ExchangeReply.getDefaultInstance());
    }
  }

  /** Answers the parked poll, if there is one. */
  void wake(boolean finished) {
    CompletableFuture<ExchangeReply> poll = parked;
    if (poll != null) {
      parked = null;
      poll.complete(reply(List.of(), finished));
    }
  }

  /** Answers this poll if it still is the parked one: its time is up, or nobody waits for it. */
  void unpark(CompletableFuture<ExchangeReply> poll, Instant now, boolean alive) {
    if (parked == poll) {
      parked = null;
      seen = alive ? now : seen;
      poll.complete(reply(List.of(), false));
    }
  }
}
