package dev.tributary.client;

import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP proxy on the way to the coordinator, which sees where the tunnel leads and no byte of
 * what is in it. Without one, the JVM's own proxy settings count.
 *
 * <p>For a proxy that asks for a login the JVM must be started with {@code
 * -Djdk.http.auth.tunneling.disabledSchemes=}: by default Java sends no password to a proxy of a
 * tunnel, since the way there is not encrypted.
 */
public final class HttpProxy {
  private final String host;
  private final int port;
  private final @Nullable String user;
  private final char[] password;

  private HttpProxy(String host, int port, @Nullable String user, char[] password) {
    this.host = host;
    this.port = port;
    this.user = user;
    this.password = password;
  }

  /** A proxy that asks for nothing. */
  public static HttpProxy at(String host, int port) {
    return new HttpProxy(host, port, null, new char[0]);
  }

  /** The same proxy, with a login (Basic). The password is kept as a copy. */
  public HttpProxy login(String name, char[] secret) {
    return new HttpProxy(host, port, name, secret.clone());
  }

  ProxySelector selector() {
    return ProxySelector.of(new InetSocketAddress(host, port));
  }

  /**
   * What the proxy is told when a tunnel is opened; the JDK's client sends it to nobody else. Null
   * without a login. An {@link java.net.Authenticator} will not do: a client that has one drops the
   * Authorization of its requests.
   */
  @Nullable String authorization() {
    if (user == null) {
      return null;
    }
    byte[] login = (user + ":" + new String(password)).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(login);
  }

  @Override
  public String toString() {
    return "HttpProxy[" + host + ":" + port + (user == null ? "" : ", with a login") + "]";
  }
}
