package dev.tributary.coordinator.net;

import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.store.Blobs;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.secagg.KeyFileException;
import io.vertx.core.http.HttpConnection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose connections are served, where clients must show a TLS certificate: those that one of the
 * authorities has signed for clients, that are in their time, and that are not revoked. TLS itself
 * has proven that whoever shows one has its key.
 *
 * <p>The files are read again when their text has changed; ones that are damaged are told of and
 * not taken. A connection is judged at its first request, and again after a change and when
 * something that was good can have ended. Safe for many threads.
 */
final class ClientCertificates {
  private static final Logger LOG = LoggerFactory.getLogger(ClientCertificates.class);
  private static final String FOR_CLIENTS = "1.3.6.1.5.5.7.3.2";
  private static final String FOR_ANYTHING = "2.5.29.37.0";

  private final Path authorities;
  private final @Nullable Path revoked;
  private final Clock clock;
  private final Map<HttpConnection, Good> good = new ConcurrentHashMap<>();
  private volatile Trust trust;
  private Consumer<String> notes = what -> {};

  /** What the files said. */
  private record Trust(List<String> texts, Set<TrustAnchor> anchors, List<X509CRL> lists) {
    /** Who counts, in a line; a list that was renewed and names no other changes nothing. */
    String summary() {
      SortedSet<String> all = new TreeSet<>();
      SortedSet<String> names = new TreeSet<>();
      for (TrustAnchor anchor : anchors) {
        X509Certificate authority = anchor.getTrustedCert();
        names.add(name(authority));
        try {
          all.add(Blobs.digest(authority.getEncoded()));
        } catch (CertificateEncodingException e) {
          throw new IllegalStateException("it was read from its encoding", e);
        }
      }
      int revoked = 0;
      for (X509CRL list : lists) {
        Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
        for (X509CRLEntry entry : entries == null ? Set.<X509CRLEntry>of() : entries) {
          all.add(entry.getSerialNumber() + " of " + list.getIssuerX500Principal().getName());
          revoked++;
        }
      }
      return String.format(
          "sha256:%s, %d revoked, of %s",
          Blobs.digest(String.join("\n", all).getBytes(StandardCharsets.UTF_8)),
          revoked,
          String.join("; ", names));
    }
  }

  /** A connection that was let in under what was trusted then, and when that ends at the latest. */
  private record Good(Trust under, Instant until) {}

  private ClientCertificates(Path authorities, @Nullable Path revoked, Clock clock) {
    this.authorities = authorities;
    this.revoked = revoked;
    this.clock = clock;
    this.trust = read(texts());
  }

  /**
   * Reads the files.
   *
   * @param authorities certificates in PEM, at least one
   * @param revoked a revocation list in PEM of each authority that has one; null for none
   * @throws KeyFileException if they cannot be used
   */
  static ClientCertificates of(Path authorities, @Nullable Path revoked, Clock clock) {
    return new ClientCertificates(authorities, revoked, clock);
  }

  /** Who counts is noted there: now, and from now on before it changes. */
  synchronized void noteTo(Consumer<String> log) {
    log.accept(trust.summary());
    notes = log;
  }

  /** Looks whether the files have changed. */
  synchronized void look() {
    try {
      List<String> now = texts();
      if (!now.equals(trust.texts())) {
        Trust fresh = read(now);
        notes.accept(fresh.summary());
        trust = fresh;
        LOG.info("event=client-authorities-read authorities={}", fresh.anchors().size());
      }
    } catch (KeyFileException | StoreException e) {
      LOG.warn("event=client-authorities-not-taken {}", e.getMessage());
    }
  }

  /**
   * Lets a connection go on.
   *
   * @throws FrontDoorException if it has shown no certificate, or one that does not count
   */
  void require(HttpConnection connection) {
    Trust now = trust;
    Instant at = clock.instant();
    Good known = good.get(connection);
    if (known != null && known.under().equals(now) && at.isBefore(known.until())) {
      return;
    }
    try {
      Instant until = check(connection.peerCertificates(), now, at);
      good.put(connection, new Good(now, until));
    } catch (SSLPeerUnverifiedException e) {
      throw refused("missing", "This coordinator serves nobody who shows no TLS certificate.");
    }
  }

  /** The connection is gone. */
  void closed(HttpConnection connection) {
    good.remove(connection);
  }

  /** Until when a chain is good, or why it is not. */
  static Instant check(Collection<? extends Certificate> shown, Trust trust, Instant now) {
    List<X509Certificate> chain = new ArrayList<>();
    for (Certificate each : shown) {
      X509Certificate certificate = (X509Certificate) each;
      if (trust.anchors().stream().noneMatch(a -> certificate.equals(a.getTrustedCert()))) {
        chain.add(certificate);
      }
    }
    if (chain.isEmpty()) {
      throw refused("unfit", "The TLS certificate is an authority's own.");
    }
    X509Certificate leaf = chain.get(0);
    try {
      leaf.checkValidity(Date.from(now));
      CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(chain);
      PKIXParameters parameters = new PKIXParameters(trust.anchors());
      parameters.setRevocationEnabled(false); // Looked up below, in the files.
      parameters.setDate(Date.from(now));
      var unused = CertPathValidator.getInstance("PKIX").validate(path, parameters);
      List<String> purposes = leaf.getExtendedKeyUsage();
      if (purposes != null && !purposes.contains(FOR_CLIENTS) && !purposes.contains(FOR_ANYTHING)) {
        throw refused("unfit", "The TLS certificate of " + name(leaf) + " is not for clients.");
      }
    } catch (CertificateExpiredException e) {
      throw refused(
          "expired",
          "The TLS certificate of " + name(leaf) + " ran out at " + leaf.getNotAfter().toInstant());
    } catch (CertificateNotYetValidException e) {
      throw refused(
          "not-yet-valid",
          "The TLS certificate of "
              + name(leaf)
              + " is good from "
              + leaf.getNotBefore().toInstant());
    } catch (CertPathValidatorException e) {
      boolean self = leaf.getIssuerX500Principal().equals(leaf.getSubjectX500Principal());
      throw refused(
          "untrusted",
          "The TLS certificate of "
              + name(leaf)
              + (self
                  ? " is signed by itself"
                  : " is of " + printable(leaf.getIssuerX500Principal().getName()))
              + ", and none of this coordinator's authorities has signed it: "
              + printable(String.valueOf(e.getMessage())));
    } catch (GeneralSecurityException e) {
      throw refused("unfit", "The TLS certificate cannot be used.");
    }
    return notRevoked(chain, trust, now);
  }

  private static Instant notRevoked(List<X509Certificate> chain, Trust trust, Instant now) {
    Instant until = chain.get(0).getNotAfter().toInstant();
    for (X509Certificate each : chain) {
      Instant ends = each.getNotAfter().toInstant();
      until = ends.isBefore(until) ? ends : until;
      for (X509CRL list : trust.lists()) {
        if (!list.getIssuerX500Principal().equals(each.getIssuerX500Principal())) {
          continue;
        }
        if (list.isRevoked(each)) {
          throw refused("revoked", "The TLS certificate of " + name(each) + " was revoked.");
        }
        Instant newer = list.getNextUpdate().toInstant();
        if (!now.isBefore(newer)) {
          throw refused(
              "unknown",
              "The list of revoked certificates ran out at "
                  + newer
                  + ": nobody knows whether that of "
                  + name(each)
                  + " still counts.");
        }
        until = newer.isBefore(until) ? newer : until;
      }
    }
    return until;
  }

  private static FrontDoorException refused(String what, String message) {
    return new FrontDoorException(
        Kind.FORBIDDEN,
        "client-certificate-" + what,
        message,
        what.equals("unknown")
            ? "The coordinator's operator has to renew the list."
            : "Show one that this coordinator's operator gave you.");
  }

  private static String name(X509Certificate certificate) {
    return printable(certificate.getSubjectX500Principal().getName());
  }

  /** What a stranger wrote goes into no answer and no log as it is. */
  private static String printable(String text) {
    String clean = text.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() <= 100 ? clean : clean.substring(0, 100) + "...";
  }

  /** The text of both files; an empty one for the list where there is none. */
  private List<String> texts() {
    try {
      return List.of(
          Files.readString(authorities), revoked == null ? "" : Files.readString(revoked));
    } catch (IOException e) {
      throw unusable("cannot be read", e);
    }
  }

  private Trust read(List<String> texts) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      Set<TrustAnchor> anchors = new HashSet<>();
      for (Certificate each : factory.generateCertificates(stream(texts.get(0)))) {
        anchors.add(new TrustAnchor((X509Certificate) each, null));
      }
      List<X509CRL> lists = new ArrayList<>();
      for (CRL each : factory.generateCRLs(stream(texts.get(1)))) {
        lists.add(signed((X509CRL) each, anchors));
      }
      if (anchors.isEmpty() || (revoked != null && lists.isEmpty())) {
        throw unusable("hold nothing of what they are for", null);
      }
      return new Trust(texts, Set.copyOf(anchors), List.copyOf(lists));
    } catch (GeneralSecurityException e) {
      throw unusable("cannot be used: " + e.getMessage(), e);
    }
  }

  private static ByteArrayInputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private X509CRL signed(X509CRL list, Set<TrustAnchor> anchors) throws GeneralSecurityException {
    for (TrustAnchor anchor : anchors) {
      X509Certificate authority = anchor.getTrustedCert();
      if (authority.getSubjectX500Principal().equals(list.getIssuerX500Principal())) {
        list.verify(authority.getPublicKey());
        if (list.getNextUpdate() == null) {
          throw unusable("hold a list that never runs out", null);
        }
        return list;
      }
    }
    throw unusable("hold a list of none of the authorities", null);
  }

  private KeyFileException unusable(String why, @Nullable Exception cause) {
    String message =
        "The files of tls.clientAuthorities and tls.revoked ("
            + authorities
            + (revoked == null ? "" : ", " + revoked)
            + ") "
            + why
            + ". Give certificates and lists in PEM: tributary authority tls --help.";
    return cause == null ? new KeyFileException(message) : new KeyFileException(message, cause);
  }
}
