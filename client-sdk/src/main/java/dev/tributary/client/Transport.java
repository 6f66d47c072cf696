package dev.tributary.client;

import dev.tributary.wire.Body;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.io.ByteArrayOutputStream;

/**
 * Short, idempotent requests to one coordinator. Every method blocks, gives up with a {@link
 * ClientException} whose code says whether asking again may help, and may be called from any
 * thread; interrupting the thread ends the request. One transport may serve many clients: it knows
 * no token but the one it is handed.
 */
public interface Transport extends AutoCloseable {
  /**
   * The coordinator's signing key and its task, before any token: {@code coordinator_key} and
   * {@code task} are set.
   */
  CheckInReply coordinator() throws InterruptedException;

  /**
   * Introduces a client by its key, certificate and signature.
   *
   * @return with a token for the other requests
   */
  CheckInReply checkIn(CheckInRequest request) throws InterruptedException;

  /**
   * The same for a job that the coordinator has beside others. Everything later is asked with the
   * token, which leads to that job.
   *
   * @throws ClientException with {@code CONFIGURATION_INVALID} on a way that can name no job
   */
  default CheckInReply checkIn(String job, CheckInRequest request) throws InterruptedException {
    throw new ClientException(
        ClientException.Code.CONFIGURATION_INVALID,
        "This transport can name no job, and the client asks for " + job + ".");
  }

  /**
   * Takes a client out: the request has the form of a check-in, and a signature of its own. May be
   * repeated; an identity that is not known is answered like one that was.
   *
   * @return {@code coordinator_key} and {@code task}
   */
  CheckInReply withdraw(CheckInRequest request) throws InterruptedException;

  /**
   * Hands over messages and brings what waits for this client, after at most {@code wait_millis}.
   */
  ExchangeReply exchange(byte[] token, ExchangeRequest request) throws InterruptedException;

  /**
   * Fetches a model by its digest, from where an earlier attempt stopped.
   *
   * @param length the bytes that the plan announces; what is longer is refused before it is read
   * @param into has the bytes that came before, and gets the others as they come, also when the
   *     line breaks on the way; the caller checks the digest
   */
  void get(byte[] token, String digest, long length, ByteArrayOutputStream into)
      throws InterruptedException;

  /** How many bytes of the session's input have arrived. */
  long uploaded(byte[] token, byte[] session) throws InterruptedException;

  /**
   * Sends the input from an offset to its end.
   *
   * @return how many bytes have arrived now; less than the body's length when the offset was not
   *     the right one
   */
  long put(byte[] token, byte[] session, Body body, long offset) throws InterruptedException;

  @Override
  void close();
}
