package dev.tributary.coordinator.net;

import dev.tributary.coordinator.Cluster;
import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.access.NodeProof;
import dev.tributary.coordinator.store.Nodes;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.TrustOptions;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this coordinator asks of the others of its store: requests that concern a job of theirs go
 * to them as they came, and their answers back. One that is gone, or does not live any more, is
 * answered for: the client asks again in a moment. Nothing goes further than one step.
 */
final class NodeProxy {
  /** Carries a {@link NodeProof}. */
  static final String PROOF = "Tributary-Node";

  private static final Logger LOG = LoggerFactory.getLogger(NodeProxy.class);
  private static final int CONNECT_MILLIS = 2_000;
  private static final int CONNECTIONS = 4;
  private static final int NOT_FOUND = 404;

  private static final List<String> ANSWERED =
      List.of("Content-Type", "Retry-After", "Date", "Cache-Control", "X-Content-Type-Options");

  private final Vertx vertx;
  private final Cluster cluster;
  private final NodeProof proof;
  private final Map<Nodes.Node, HttpClient> clients = new ConcurrentHashMap<>();
  private final Set<UnderWay> underWay = ConcurrentHashMap.newKeySet();

  /** A request that waits for a coordinator. */
  private record UnderWay(String node, HttpClientRequest request) {}

  /** What a coordinator has answered. */
  record Answer(int status, MultiMap headers, Buffer body) {}

  NodeProxy(Vertx vertx, Cluster cluster) {
    this.vertx = vertx;
    this.cluster = cluster;
    this.proof = new NodeProof(cluster.sharing().key());
    cluster.onLook(this::looked);
  }

  /** Whether a request comes from another coordinator of the store. */
  boolean isNode(HttpServerRequest request) {
    String shown = request.getHeader(PROOF);
    return shown != null
        && proof.holds(
            shown, request.method().name(), String.valueOf(request.path()), Instant.now());
  }

  /** The others that live. */
  List<Nodes.Node> others() {
    return cluster.view().live().values().stream()
        .filter(node -> !node.id().equals(cluster.id()))
        .toList();
  }

  /**
   * Lets another answer a request for a job that it runs, whose body is here. One that does not
   * know the job has lost it since this one looked.
   *
   * @return completes once the request is answered to the last byte, whatever the answer is
   */
  Future<Void> forward(HttpServerRequest request, Nodes.Node to, Buffer body) {
    AtomicReference<@Nullable UnderWay> waits = new AtomicReference<>();
    request.response().closeHandler(gone -> abandon(waits.get()));
    request.response().exceptionHandler(gone -> abandon(waits.get()));
    return ask(
            to,
            request.method(),
            request.uri(),
            String.valueOf(request.path()),
            request.headers(),
            body,
            waits)
        .compose(
            answer -> {
              if (answer.status() == NOT_FOUND) {
                Problems.answer(request, FrontDoorException.moving());
                return Future.succeededFuture();
              }
              return answer(request, answer);
            })
        .onFailure(failure -> Problems.answer(request, FrontDoorException.moving()))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  /** Asks another coordinator by itself. */
  Future<Answer> ask(Nodes.Node to, HttpMethod method, String path, MultiMap headers, Buffer body) {
    return ask(to, method, path, path, headers, body, new AtomicReference<>());
  }

  private Future<Answer> ask(
      Nodes.Node to,
      HttpMethod method,
      String uri,
      String path,
      MultiMap headers,
      Buffer body,
      AtomicReference<@Nullable UnderWay> waits) {
    RequestOptions options =
        new RequestOptions().setMethod(method).setAbsoluteURI(to.address() + uri);
    return client(to)
        .request(options)
        .compose(
            request -> {
              UnderWay waiting = new UnderWay(to.id(), request);
              waits.set(waiting);
              underWay.add(waiting);
              for (String name : List.of("Authorization", "Content-Type")) {
                String value = headers.get(name);
                if (value != null) {
                  request.putHeader(name, value);
                }
              }
              request.putHeader(PROOF, proof.of(method.name(), path, Instant.now()));
              return request
                  .send(body)
                  .compose(
                      response ->
                          response
                              .body()
                              .map(
                                  all ->
                                      new Answer(response.statusCode(), response.headers(), all)))
                  .onComplete(done -> underWay.remove(waiting));
            })
        .onFailure(
            failure ->
                LOG.info(
                    "event=node-not-reached node={} address={} cause={}",
                    to.id(),
                    to.address(),
                    failure.toString()));
  }

  private static Future<Void> answer(HttpServerRequest request, Answer answer) {
    if (request.response().ended() || request.response().closed()) {
      return Future.succeededFuture();
    }
    for (String name : ANSWERED) {
      String value = answer.headers().get(name);
      if (value != null) {
        request.response().putHeader(name, value);
      }
    }
    return request.response().setStatusCode(answer.status()).end(answer.body());
  }

  /** What waits for those who live no more is answered; their connections go. */
  private void looked(Nodes.View view) {
    underWay.stream()
        .filter(waiting -> !view.live().containsKey(waiting.node()))
        .forEach(NodeProxy::abandon);
    clients.forEach(
        (node, client) -> {
          if (!view.live().containsKey(node.id()) && clients.remove(node, client)) {
            var unused = client.close();
          }
        });
  }

  private static void abandon(@Nullable UnderWay waiting) {
    if (waiting != null) {
      var unused = waiting.request().reset();
    }
  }

  private HttpClient client(Nodes.Node node) {
    return clients.computeIfAbsent(node, this::open);
  }

  private HttpClientAgent open(Nodes.Node node) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setUseAlpn(true)
            .setVerifyHost(false);
    options
        .setSsl(true)
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
        .setTrustOptions(TrustOptions.wrap(new Pinned(node.fingerprint())))
        .setConnectTimeout(CONNECT_MILLIS);
    return vertx.createHttpClient(options, new PoolOptions().setHttp2MaxSize(CONNECTIONS));
  }

  /** Trusts the one certificate that a coordinator has announced to the store. */
  private static final class Pinned extends X509ExtendedTrustManager {
    private final byte[] fingerprint;

    Pinned(String fingerprint) {
      this.fingerprint =
          HexFormat.of()
              .parseHex(
                  fingerprint
                      .replaceFirst("^sha256:", "")
                      .replace(":", "")
                      .toLowerCase(Locale.ROOT));
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      try {
        byte[] shown = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
        if (!MessageDigest.isEqual(shown, fingerprint)) {
          throw new CertificateException("not the certificate that this coordinator has announced");
        }
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("no client is asked for a certificate");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
