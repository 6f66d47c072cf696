package dev.tributary.secagg;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Signatures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates count: pinned keys of enrolment authorities, what those have signed since
 * ({@link Succession}, {@link RevocationList}), and serials that this machine refuses by itself.
 * Immutable.
 */
public final class TrustAnchors {

  private static final Pattern REVOKED = Pattern.compile("(?im)^\\s*revoked\\b(.*)$");

  private static final Pattern SERIAL = Pattern.compile("[0-9a-fA-F]{32}");

  private final List<byte[]> pinned;
  private final Set<String> refused;
  private final List<Succession> successions;
  private final List<RevocationList> lists;
  private final Map<ByteString, Authority> authorities;

  /**
   * What is known of one authority key.
   *
   * @param until second of the epoch from which its certificates do not count
   * @param list the list that counts for its certificates: of the youngest successor that has one
   */
  record Authority(Signatures.PublicKey key, long until, @Nullable RevocationList list) {}

  private TrustAnchors(
      List<byte[]> pinned,
      Set<String> refused,
      List<Succession> successions,
      List<RevocationList> lists) {
    this.pinned = pinned;
    this.refused = refused;
    this.successions = successions;
    this.lists = lists;
    this.authorities = Lineage.resolve(pinned, successions, lists);
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
    return new TrustAnchors(
        authorities.stream().map(byte[]::clone).toList(), Set.of(), List.of(), List.of());
  }

  /**
   * Reads what {@link #toPem} wrote: a PUBLIC KEY block for each pinned authority, what they
   * signed, and for each certificate that is refused here a line "revoked: " and its serial outside
   * the blocks.
   *
   * @throws KeyFileException if the file holds no key, is damaged, or a statement in it is not
   *     signed by an authority that its keys lead to
   */
  public static TrustAnchors fromPem(Path file) {
    List<byte[]> keys = KeyFiles.readPublic(file);
    if (keys.isEmpty()) {
      throw new KeyFileException(
          file + " holds no " + KeyFiles.PUBLIC + ". Give the enrolment authority's public key.");
    }
    String text = KeyFiles.read(file);
    Set<String> serials = new TreeSet<>();
    Matcher matcher = REVOKED.matcher(text);
    while (matcher.find()) {
      String serial = matcher.group(1).replaceFirst("^\\s*:", "").strip();
      if (!SERIAL.matcher(serial).matches()) {
        throw new KeyFileException(
            file + " revokes something else than a serial of 32 hex digits: " + serial);
      }
      serials.add(serial);
    }
    return of(keys).revoking(serials).with(text, file.toString());
  }

  /**
   * No authority: whatever key comes first is taken. Sessions under it are {@link Mode#CURIOUS},
   * since the coordinator can invent members.
   */
  public static TrustAnchors trustOnFirstUse() {
    return new TrustAnchors(List.of(), Set.of(), List.of(), List.of());
  }

  /** These anchors, with these serials (32 hex digits) refused by this machine as well. */
  public TrustAnchors revoking(Collection<String> serials) {
    Set<String> all = new TreeSet<>(refused);
    for (String serial : serials) {
      all.add(RevocationList.checkSerial(serial));
    }
    return new TrustAnchors(pinned, Set.copyOf(all), successions, lists);
  }

  /**
   * These anchors with what the authorities have signed since. The text may come from anywhere, the
   * coordinator included: keys in it are not pinned, and a statement counts by its signature alone.
   *
   * @param pem an authority's file
   * @throws KeyFileException if a statement in it is damaged or not signed by a trusted authority
   * @throws OutdatedTrustException if a revocation list in it is older than the one here
   */
  public TrustAnchors update(String pem) {
    TrustAnchors updated = with(pem, "the update");
    List<RevocationList> fresh =
        statements(pem, RevocationList.PEM, RevocationList::parse, "the update");
    for (RevocationList list : fresh) {
      Authority signer = updated.authorities.get(list.authorityKey());
      RevocationList counts = signer == null ? null : signer.list();
      if (counts == null || list.number() < counts.number()) {
        throw new OutdatedTrustException(
            "The update has the revocation list " + list + ", older than " + counts + ".");
      }
    }
    return updated;
  }

  private TrustAnchors with(String pem, String where) {
    KeyFiles.checkWhole(pem, where);
    List<Succession> allSuccessions = new ArrayList<>(successions);
    allSuccessions.addAll(statements(pem, Succession.PEM, Succession::parse, where));
    List<RevocationList> allLists = new ArrayList<>(lists);
    allLists.addAll(statements(pem, RevocationList.PEM, RevocationList::parse, where));
    return new TrustAnchors(
        pinned,
        refused,
        Lineage.distinct(allSuccessions, Succession::bytes),
        Lineage.distinct(allLists, RevocationList::bytes));
  }

  private static <T> List<T> statements(
      String pem, String type, Function<byte[], T> parse, String where) {
    try {
      return KeyFiles.blocks(pem, type).stream().map(parse).toList();
    } catch (CertificateException e) {
      throw new KeyFileException(where + ": " + e.getMessage(), e);
    }
  }

  /** Whether identities are certified. */
  public boolean certified() {
    return !pinned.isEmpty();
  }

  /** A verifier that has checked nothing yet. One client keeps one over its rounds. */
  public CertificateVerifier verifier() {
    return new CertificateVerifier(this);
  }

  Map<ByteString, Authority> authorities() {
    return authorities;
  }

  Set<String> refused() {
    return refused;
  }

  List<byte[]> pinned() {
    return pinned;
  }

  List<Succession> successions() {
    return successions;
  }

  /** By authority key, the number of the list that counts for it; 0 where there is none. */
  Map<ByteString, Long> listNumbers() {
    Map<ByteString, Long> numbers = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    authorities.forEach(
        (key, known) -> numbers.put(key, known.list() == null ? 0 : known.list().number()));
    return numbers;
  }

  /** The anchors as PEM. */
  public String toPem() {
    StringBuilder pem = new StringBuilder();
    pinned.forEach(key -> pem.append(KeyFiles.publicPem(key)));
    successions.forEach(each -> pem.append(each.toPem()));
    lists.forEach(each -> pem.append(each.toPem()));
    new TreeSet<>(refused).forEach(serial -> pem.append("revoked: ").append(serial).append('\n'));
    return pem.toString();
  }

  @Override
  public String toString() {
    return certified()
        ? "TrustAnchors[" + pinned.stream().map(Identity::fingerprint).toList() + "]"
        : "TrustAnchors[trust on first use]";
  }
}
