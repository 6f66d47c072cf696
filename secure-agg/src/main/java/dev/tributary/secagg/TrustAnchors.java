package dev.tributary.secagg;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whose certificates count: keys of enrolment authorities, and serials that were revoked. */
public final class TrustAnchors {

  private static final Pattern REVOKED = Pattern.compile("(?im)^\\s*revoked\\b(.*)$");

  private static final Pattern SERIAL = Pattern.compile("[0-9a-fA-F]{32}");

  private final List<byte[]> authorities;
  private final Set<String> revoked;

  private TrustAnchors(List<byte[]> authorities, Set<String> revoked) {
    this.authorities = authorities;
    this.revoked = revoked;
  }

  /**
   * Anchors over these authority keys.
   *
   * @param authorities Ed25519, 32 bytes each, at least one
   */
  public static TrustAnchors of(Collection<byte[]> authorities) {
    if (authorities.isEmpty()) {
      throw new IllegalArgumentException(
          "trust anchors need an authority; trustOnFirstUse() has none");
    }
    return new TrustAnchors(authorities.stream().map(byte[]::clone).toList(), Set.of());
  }

  /**
   * Reads what {@link #toPem} wrote: a PUBLIC KEY block for each authority, and for each revoked
   * certificate a line "revoked: " and its serial outside the blocks.
   *
   * @throws KeyFileException if the file holds no key
   */
  public static TrustAnchors fromPem(Path file) {
    List<byte[]> keys = KeyFiles.readPublic(file);
    if (keys.isEmpty()) {
      throw new KeyFileException(
          file + " holds no " + KeyFiles.PUBLIC + ". Give the enrolment authority's public key.");
    }
    Set<String> serials = new TreeSet<>();
    Matcher matcher = REVOKED.matcher(KeyFiles.read(file));
    while (matcher.find()) {
      String serial = matcher.group(1).replaceFirst("^\\s*:", "").strip();
      if (!SERIAL.matcher(serial).matches()) {
        throw new KeyFileException(
            file + " revokes something else than a serial of 32 hex digits: " + serial);
      }
      serials.add(serial);
    }
    return of(keys).revoking(serials);
  }

  /**
   * No authority: whatever key comes first is taken. Sessions under it are {@link Mode#CURIOUS},
   * since the coordinator can invent members.
   */
  public static TrustAnchors trustOnFirstUse() {
    return new TrustAnchors(List.of(), Set.of());
  }

  /** These anchors, with these serials (32 hex digits) refused as well. */
  public TrustAnchors revoking(Collection<String> serials) {
    Set<String> all = new TreeSet<>(revoked);
    for (String serial : serials) {
      if (!SERIAL.matcher(serial).matches()) {
        throw new IllegalArgumentException("a serial has 32 hex digits. Provided: " + serial);
      }
      all.add(serial.toLowerCase(Locale.ROOT));
    }
    return new TrustAnchors(authorities, Set.copyOf(all));
  }

  /** Whether identities are certified. */
  public boolean certified() {
    return !authorities.isEmpty();
  }

  /** A verifier that has checked nothing yet. One client keeps one over its rounds. */
  public CertificateVerifier verifier() {
    return new CertificateVerifier(authorities, revoked);
  }

  /** The anchors as PEM. */
  public String toPem() {
    StringBuilder pem = new StringBuilder();
    for (byte[] authority : authorities) {
      pem.append(KeyFiles.publicPem(authority));
    }
    for (String serial : new ArrayList<>(new TreeSet<>(revoked))) {
      pem.append("revoked: ").append(serial).append('\n');
    }
    return pem.toString();
  }

  @Override
  public String toString() {
    return certified()
        ? "TrustAnchors[" + authorities.stream().map(Identity::fingerprint).toList() + "]"
        : "TrustAnchors[trust on first use]";
  }
}
