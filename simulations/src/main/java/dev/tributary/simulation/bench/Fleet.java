package dev.tributary.simulation.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Clients of a coordinator that do nothing of their own. Each request that waits has a connection
 * of its own, as each of as many machines would have.
 */
final class Fleet implements AutoCloseable {
  private static final int WAIT_MILLIS = 20_000;
  private static final byte[] NO_NONCE = new byte[32];

  /**
   * Requests that are given a connection at a time: of too many handshakes some run out of time.
   */
  private static final int CONNECTING = 64;

  /** Of connections that are made while a thousand others upload on the same cores. */
  static final int HANDSHAKE_SECONDS = 60;

  private final int port;
  private final Vertx vertx;
  private final HttpClient http;
  private final SecureRandom random = new SecureRandom();
  private final Queue<Runnable> queued = new ArrayDeque<>();
  private int connecting;
  private ByteString coordinatorKey = ByteString.EMPTY;

  /**
   * Nothing is sent yet.
   *
   * @param connections at most at a time
   */
  Fleet(int port, Path certificate, int connections) {
    this.port = port;
    this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    HttpClientOptions options = new HttpClientOptions();
    options.setProtocolVersion(HttpVersion.HTTP_2).setHttp2MultiplexingLimit(1);
    options.setHttp2KeepAliveTimeout(3_600); // turns may lie further apart than a minute
    options.setSsl(true).setUseAlpn(true).setSslHandshakeTimeout(HANDSHAKE_SECONDS);
    options.setTrustOptions(new PemTrustOptions().addCertPath(certificate.toString()));
    this.http =
        vertx.createHttpClient(
            options, new PoolOptions().setHttp2MaxSize(connections).setMaxWaitQueueSize(-1));
  }

  /** One client: a key, and after its check-in a token. */
  static final class Client {
    final Identity identity;
    String token = "";
    long acknowledged;

    Client(Identity identity) {
      this.identity = identity;
    }
  }

  /** Meets the coordinator, whose key check-ins are signed for. */
  void meet() {
    CheckInReply reply =
        send(HttpMethod.GET, "/v1/coordinator", null, Buffer.buffer())
            .map(Fleet::checkInReply)
            .toCompletionStage()
            .toCompletableFuture()
            .join();
    coordinatorKey = reply.getCoordinatorKey();
  }

  Future<Client> checkIn(Client client) {
    byte[] nonce = NO_NONCE.clone();
    random.nextBytes(nonce);
    long now = System.currentTimeMillis();
    byte[] signature =
        Handshake.signCheckIn(client.identity, coordinatorKey.toByteArray(), nonce, now);
    CheckInRequest request =
        CheckInRequest.newBuilder()
            .setIdentity(ByteString.copyFrom(client.identity.publicKey()))
            .setNonce(ByteString.copyFrom(nonce))
            .setTimeMillis(now)
            .setSignature(ByteString.copyFrom(signature))
            .setVersion("bench")
            .build();
    return send(HttpMethod.POST, "/v1/check-in", null, Buffer.buffer(request.toByteArray()))
        .map(
            body -> {
              client.token = HexFormat.of().formatHex(checkInReply(body).getToken().toByteArray());
              return client;
            });
  }

  /** One exchange: a message if there is one, and what comes within the wait. */
  Future<ExchangeReply> exchange(Client client, @Nullable Envelope message, int waitMillis) {
    return exchange(client, message, waitMillis, () -> {});
  }

  /**
   * The same.
   *
   * @param sent told once the request is on its way
   */
  Future<ExchangeReply> exchange(
      Client client, @Nullable Envelope message, int waitMillis, Runnable sent) {
    ExchangeRequest.Builder request =
        ExchangeRequest.newBuilder().setAcknowledged(client.acknowledged).setWaitMillis(waitMillis);
    if (message != null) {
      request.addMessages(message);
    }
    return send(
            HttpMethod.POST,
            "/v1/exchange",
            client.token,
            Buffer.buffer(request.build().toByteArray()),
            sent)
        .map(
            body -> {
              try {
                ExchangeReply reply = ExchangeReply.parseFrom(body.getBytes());
                reply
                    .getDeliveriesList()
                    .forEach(
                        one ->
                            client.acknowledged = Math.max(client.acknowledged, one.getSequence()));
                return reply;
              } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("no reply to an exchange", e);
              }
            });
  }

  /** Waits for the next offer. */
  Future<Envelope> offered(Client client) {
    return exchange(client, null, WAIT_MILLIS)
        .compose(
            reply -> {
              for (Delivery delivery : reply.getDeliveriesList()) {
                if (delivery.getEnvelope().hasOffer()) {
                  return Future.succeededFuture(delivery.getEnvelope());
                }
              }
              return reply.getFinished()
                  ? Future.failedFuture("the job ended early")
                  : offered(client);
            });
  }

  private static CheckInReply checkInReply(Buffer body) {
    try {
      return CheckInReply.parseFrom(body.getBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("no reply to a check-in", e);
    }
  }

  private Future<HttpClientRequest> request(
      HttpMethod method, String path, @Nullable String token) {
    RequestOptions options =
        new RequestOptions().setMethod(method).setHost("localhost").setPort(port).setURI(path);
    if (token != null) {
      options.addHeader("Authorization", "Bearer " + token);
    }
    Promise<HttpClientRequest> ready = Promise.promise();
    connect(
        () -> {
          var unused =
              http.request(options)
                  .onComplete(
                      done -> {
                        connected();
                        ready.handle(done);
                      });
        });
    return ready.future();
  }

  private void connect(Runnable request) {
    synchronized (queued) {
      if (connecting == CONNECTING) {
        queued.add(request);
        return;
      }
      connecting++;
    }
    request.run();
  }

  private void connected() {
    Runnable next;
    synchronized (queued) {
      next = queued.poll();
      if (next == null) {
        connecting--;
        return;
      }
    }
    next.run();
  }

  private Future<Buffer> send(HttpMethod method, String path, @Nullable String token, Buffer body) {
    return send(method, path, token, body, () -> {});
  }

  private Future<Buffer> send(
      HttpMethod method, String path, @Nullable String token, Buffer body, Runnable sent) {
    return request(method, path, token)
        .compose(
            request -> {
              var unused = request.end(body).onSuccess(written -> sent.run());
              return request.response();
            })
        .compose(
            response ->
                response
                    .body()
                    .map(
                        answer -> {
                          if (response.statusCode() / 100 != 2) {
                            throw new IllegalStateException(
                                path + ": " + response.statusCode() + " " + answer);
                          }
                          return answer;
                        }));
  }

  /** Reads a model to its end and throws it away; fails if its bytes have another digest. */
  Future<Void> download(Client client, String digest) {
    MessageDigest sha = Bytes.newSha256();
    return request(HttpMethod.GET, "/v1/models/" + digest, client.token)
        .compose(
            request -> {
              var unused = request.end();
              return request.response();
            })
        .compose(
            response -> {
              response.handler(chunk -> sha.update(chunk.getBytes()));
              return response.end();
            })
        .compose(
            end ->
                HexFormat.of().formatHex(sha.digest()).equals(digest)
                    ? Future.succeededFuture()
                    : Future.failedFuture("the model came with other bytes"));
  }

  /**
   * Uploads {@link Bytes}; completes when the server has answered. A coordinator is asked first how
   * much it has, as the SDK does.
   */
  Future<Void> put(Client client, String path, Bytes bytes) {
    boolean bare = client.token.isEmpty();
    return (bare
            ? Future.succeededFuture(Buffer.buffer())
            : send(HttpMethod.HEAD, path, client.token, Buffer.buffer()))
        .compose(asked -> request(HttpMethod.PUT, path, bare ? null : client.token))
        .compose(
            request -> {
              request.putHeader("Upload-Offset", "0");
              request.putHeader("Content-Length", Long.toString(bytes.length()));
              Promise<Void> done = Promise.promise();
              request
                  .response()
                  .onSuccess(
                      response -> {
                        if (response.statusCode() == 204) {
                          done.tryComplete();
                        } else {
                          done.tryFail(path + ": " + response.statusCode());
                        }
                      })
                  .onFailure(done::tryFail);
              write(request, bytes, 0);
              return done.future();
            });
  }

  private static void write(HttpClientRequest request, Bytes bytes, long from) {
    long at = from;
    while (at < bytes.length()) {
      if (request.writeQueueFull()) {
        long rest = at;
        request.drainHandler(drained -> write(request, bytes, rest));
        return;
      }
      Buffer chunk = bytes.chunk(at);
      at += chunk.length();
      var unused = request.write(chunk);
    }
    var unused = request.end();
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
