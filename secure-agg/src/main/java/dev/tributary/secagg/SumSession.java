package dev.tributary.secagg;

import dev.tributary.wire.Body;
import dev.tributary.wire.Scratch;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one end of a session knows before the first message. Immutable; holds no copy of a secret
 * key.
 */
public final class SumSession {

  private final SumParameters parameters;
  private final byte[] sid;
  private final Role role;
  private final Schedule schedule;
  private final int slot;
  private final @Nullable Identity identity;
  private final @Nullable Certificate certificate;
  private final @Nullable CertificateVerifier verifier;
  private final List<byte[]> identityKeys;
  private final Floors floors;
  private final @Nullable String population;
  private final Function<byte[], Body> keeper;
  private final @Nullable Scratch relayed;

  private SumSession(
      SumParameters parameters,
      byte[] sid,
      Role role,
      Schedule schedule,
      int slot,
      @Nullable Identity identity,
      @Nullable Certificate certificate,
      @Nullable CertificateVerifier verifier,
      List<byte[]> identityKeys,
      Floors floors,
      @Nullable String population,
      Function<byte[], Body> keeper,
      @Nullable Scratch relayed) {
    if (sid.length != 32) {
      throw new IllegalArgumentException("a session id has 32 bytes. Provided: " + sid.length);
    }
    this.parameters = parameters;
    this.sid = sid.clone();
    this.role = role;
    this.schedule = schedule;
    this.slot = slot;
    this.identity = identity;
    this.certificate = certificate;
    this.verifier = verifier;
    this.identityKeys = identityKeys;
    this.floors = floors;
    this.population = population;
    this.keeper = keeper;
    this.relayed = relayed;
  }

  /**
   * A client's session.
   *
   * @param sid 32 bytes, {@code Plan.sessionId()}
   * @param slot the client's place in the cohort
   * @param certificate null where sessions trust on first use
   * @param verifier the client's own, kept over its rounds; null only for a suite without
   *     identities
   */
  public static SumSession client(
      SumParameters parameters,
      byte[] sid,
      int slot,
      @Nullable Identity identity,
      @Nullable Certificate certificate,
      @Nullable CertificateVerifier verifier,
      Schedule schedule) {
    if (slot < 0 || slot >= parameters.clients()) {
      throw new IllegalArgumentException(
          "slot must be 0 to " + (parameters.clients() - 1) + ". Provided: " + slot);
    }
    return new SumSession(
        parameters,
        sid,
        Role.CLIENT,
        schedule,
        slot,
        identity,
        certificate,
        verifier,
        List.of(),
        Floors.DEFAULT,
        certificate == null ? null : certificate.population(),
        Body::of,
        null);
  }

  /**
   * The coordinator's session.
   *
   * @param sid 32 bytes, {@code Plan.sessionId()}
   * @param identityKeys Ed25519 keys of the cohort, 32 bytes each, by slot
   * @param verifier the coordinator's own; null only for a suite without identities
   */
  public static SumSession coordinator(
      SumParameters parameters,
      byte[] sid,
      List<byte[]> identityKeys,
      @Nullable CertificateVerifier verifier,
      Schedule schedule) {
    if (identityKeys.size() != parameters.clients()) {
      throw new IllegalArgumentException(
          "a cohort of "
              + parameters.clients()
              + " has as many identity keys. Provided: "
              + identityKeys.size());
    }
    return new SumSession(
        parameters,
        sid,
        Role.COORDINATOR,
        schedule,
        -1,
        null,
        null,
        verifier,
        identityKeys.stream().map(byte[]::clone).toList(),
        Floors.NONE,
        null,
        Body::of,
        null);
  }

  /** This session under a client's own bounds; {@link Floors#DEFAULT} where none are given. */
  public SumSession withFloors(Floors own) {
    return with(own, population, keeper, relayed);
  }

  /** This session among members of one population; null for any. A client's is its own. */
  public SumSession withPopulation(@Nullable String name) {
    return with(floors, name, keeper, relayed);
  }

  /**
   * This session with another place for a client's masked input, which is kept until the session
   * ends so that it can be sent again: a file, where memory is short. In memory by default.
   *
   * @param place takes the bytes, which nobody changes any more
   */
  public SumSession keepingInput(Function<byte[], Body> place) {
    return with(floors, population, place, relayed);
  }

  /**
   * This session with a place for the key material that a coordinator relays, O(n k) bytes.
   * Messages to members then have it beside them, and the shell joins them with {@link
   * dev.tributary.wire.Bulk}. On the heap, in whole messages, by default.
   *
   * @param place for this session alone, closed by whoever made it once the session is over
   */
  public SumSession relayingFrom(Scratch place) {
    return with(floors, population, keeper, place);
  }

  private SumSession with(
      Floors bounds,
      @Nullable String name,
      Function<byte[], Body> place,
      @Nullable Scratch scratch) {
    return new SumSession(
        parameters,
        sid,
        role,
        schedule,
        slot,
        identity,
        certificate,
        verifier,
        identityKeys,
        bounds,
        name,
        place,
        scratch);
  }

  /** The parameters, as in the plan. */
  public SumParameters parameters() {
    return parameters;
  }

  /** The session id, 32 bytes, a copy. */
  public byte[] sid() {
    return sid.clone();
  }

  /** Which end this is. */
  public Role role() {
    return role;
  }

  /** All timings. */
  public Schedule schedule() {
    return schedule;
  }

  /** The client's place in the cohort; -1 at the coordinator. */
  public int slot() {
    return slot;
  }

  /** The client's identity. */
  public Identity identity() {
    return Objects.requireNonNull(identity, "this session has no identity");
  }

  /** The client's certificate, if it has one. */
  public @Nullable Certificate certificate() {
    return certificate;
  }

  /** The verifier of certificates. */
  public CertificateVerifier verifier() {
    return Objects.requireNonNull(verifier, "this session has no certificate verifier");
  }

  /** Identity keys of the cohort by slot, at the coordinator. */
  public List<byte[]> identityKeys() {
    return identityKeys;
  }

  /** The population that every certificate must name; null for any. */
  public @Nullable String population() {
    return population;
  }

  /** A body over the client's masked input. */
  public Body keep(byte[] packed) {
    return keeper.apply(packed);
  }

  /** Where relayed key material lies; null for the heap. */
  public @Nullable Scratch relayed() {
    return relayed;
  }

  /** The client's own bounds. */
  public Floors floors() {
    return floors;
  }

  /**
   * The mode that may be shown to people: {@link Mode#MALICIOUS} only under certified identities,
   * since without them the coordinator can invent all other members.
   */
  public Mode effectiveMode() {
    return verifier != null && verifier.certified() ? parameters.mode() : Mode.CURIOUS;
  }
}
