package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.Population;
import dev.tributary.coordinator.store.Member;
import dev.tributary.nn.engine.Engine;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.data.Federation;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a simulation, each made when a round asks it.
 *
 * <p>With keys each is made once and stays, with the certificates that it has checked. In the fast
 * form, which leaves keys out, a client outlives its round as its journal and its memory alone, so
 * that what is there grows with the cohort and not with the population.
 */
final class SimulatedClients implements VirtualShell.Clients {
  private static final Duration VALIDITY = Duration.ofDays(3_650);

  private final Seed root;
  private final Federation federation;
  private final Engine engine;
  private final Probe probe;
  private final ClientKit.Common common;
  private final FaultPlan faults;
  private final FaultLog log;
  private final @Nullable EnrolmentAuthority authority;
  private volatile @Nullable List<Member> members;
  private final Map<Integer, ClientKit> whole = new ConcurrentHashMap<>();
  private final Map<Integer, ClientKit.Kept> kept = new ConcurrentHashMap<>();
  private final TrustAnchors anchors;
  private final CertificateVerifier nothing;
  private final Identity nobody;

  /**
   * The clients of a run.
   *
   * @param authority that certifies them; null in the fast form
   */
  SimulatedClients(
      Seed root,
      Federation federation,
      Engine engine,
      Probe probe,
      ClientKit.Common common,
      FaultPlan faults,
      FaultLog log,
      @Nullable EnrolmentAuthority authority) {
    this.root = root;
    this.federation = federation;
    this.engine = engine;
    this.probe = probe;
    this.common = common;
    this.faults = faults;
    this.log = log;
    this.authority = authority;
    this.anchors = authority == null ? TrustAnchors.trustOnFirstUse() : authority.anchors();
    this.nothing = anchors.verifier();
    this.nobody = Identity.fromSeed(root.derive("nobody"));
  }

  /** The population, as the coordinator knows it. In the fast form a name stands for a key. */
  Population population() {
    return authority == null
        ? Population.madeWhenAsked(new Names(federation.clients().size()))
        : new Population(members());
  }

  /** Members of the fast form, whose names are their numbers: a million of them take no room. */
  private static final class Names extends AbstractList<Member> implements RandomAccess {
    private final int size;

    Names(int size) {
      this.size = size;
    }

    @Override
    public Member get(int client) {
      byte[] name = new byte[Seed.LENGTH];
      ByteBuffer.wrap(name).putInt(Objects.checkIndex(client, size));
      return new Member(ByteString.copyFrom(name), null);
    }

    @Override
    public int size() {
      return size;
    }
  }

  private List<Member> members() {
    List<Member> all = members;
    if (all == null) {
      EnrolmentAuthority issuer = Objects.requireNonNull(authority);
      all =
          IntStream.range(0, federation.clients().size())
              .parallel()
              .mapToObj(client -> member(client, issuer))
              .toList();
      members = all;
    }
    return all;
  }

  /** Checks certificates for the coordinator; null in the fast form, which has none. */
  @Nullable CertificateVerifier verifier() {
    return authority == null ? null : anchors.verifier();
  }

  @Override
  public Machine open(int client) {
    return new SimulatedClient(
        client,
        () -> authority == null ? kit(client) : whole.computeIfAbsent(client, this::kit),
        faults,
        log);
  }

  /** A client of the fast form with what it has on its disk, whose end that log hears of. */
  Machine open(int client, ClientKit.Kept disk, FaultLog ofClient) {
    return new SimulatedClient(client, () -> kit(client, disk), faults, ofClient);
  }

  @Override
  public boolean idle(Machine machine) {
    return ((SimulatedClient) machine).idle();
  }

  private Seed seed(int client) {
    return root.derive("client", client);
  }

  private Member member(int client, EnrolmentAuthority issuer) {
    try (Identity identity = Identity.fromSeed(seed(client).derive("identity"))) {
      byte[] key = identity.publicKey();
      Certificate certificate =
          issuer.issue(key, VirtualShell.START, VirtualShell.START.plus(VALIDITY));
      return new Member(ByteString.copyFrom(key), ByteString.copyFrom(certificate.bytes()));
    }
  }

  private ClientKit kit(int client) {
    return kit(
        client,
        kept.computeIfAbsent(
            client, first -> new ClientKit.Kept(round -> authority == null && log.lost(round))));
  }

  private ClientKit kit(int client, ClientKit.Kept disk) {
    Seed seed = seed(client);
    ByteString certificate = authority == null ? null : members().get(client).certificate();
    return new ClientKit(
        seed,
        authority == null ? nobody : Identity.fromSeed(seed.derive("identity")),
        certificate == null ? null : Certificate.parse(certificate.toByteArray()),
        authority == null ? nothing : anchors.verifier(),
        probe.trainer(client, federation.trainer(client, engine)),
        disk,
        common);
  }
}
