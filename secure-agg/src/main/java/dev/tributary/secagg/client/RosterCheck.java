package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.Topology;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.graph.Graph;
import dev.tributary.secagg.graph.Neighbours;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Neighbour;
import dev.tributary.wire.v1.Roster;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Section 2: a client refuses a roster with its own entry missing, duplicated or changed, any
 * duplicate key, a bad signature or certificate, too few or too many members, or another root than
 * its own. On a sparse graph it sees its neighbours alone, and refuses one that the graph does not
 * give it, or that has no place under the root.
 */
final class RosterCheck {

  private final SumSession session;
  private final Transcript before;
  private final AdvertiseKeys own;
  private @Nullable Transcript after;
  private @Nullable Members members;

  RosterCheck(SumSession session, Transcript beforeRoster, AdvertiseKeys own) {
    this.session = session;
    this.before = beforeRoster;
    this.own = own;
  }

  /** The transcript under the root, once {@link #refusal} has found nothing. */
  Transcript after() {
    if (after == null) {
      throw new IllegalStateException("the roster was not verified");
    }
    return after;
  }

  /** The verified members; on the client-chosen graph only after {@link #neighbours}. */
  Members members() {
    if (members == null) {
      throw new IllegalStateException("the roster was not verified");
    }
    return members;
  }

  /** Why the roster is refused, or nothing if it is good. */
  Optional<String> refusal(Roster roster, Instant now) {
    if (session.parameters().graph() == Topology.Graph.COMPLETE) {
      return whole(roster, now);
    }
    if (roster.getRoot().size() != Merkle.HASH) {
      return Optional.of("a root has " + Merkle.HASH + " bytes");
    }
    after = before.withRoot(roster.getRoot().toByteArray());
    if (!isPlaced(after, session.slot(), own, roster.getPath(), session.parameters().clients())) {
      return Optional.of("own entry missing or changed");
    }
    return session.parameters().graph() == Topology.Graph.HARARY
        ? lattice(roster.getNeighboursList(), now)
        : Optional.empty();
  }

  private Optional<String> whole(Roster roster, Instant now) {
    List<AdvertiseKeys> listed = roster.getMembersList();
    int n = listed.size();
    // The floor on clients was held against the plan; who advertised may be fewer by the dropouts.
    int fewest = Math.max(session.floors().sum(), session.parameters().floor());
    int most = Math.min(session.floors().maximumClients(), session.parameters().clients());
    if (n < fewest || n > most) {
      return Optional.of(n + " members, must be " + fewest + " to " + most);
    }
    int index = listed.indexOf(own);
    if (index < 0) {
      return Optional.of("own entry missing or changed");
    }
    SortedMap<Integer, AdvertiseKeys> byIndex = new TreeMap<>();
    listed.forEach(member -> byIndex.put(byIndex.size(), member));
    Optional<String> duplicate = Credentials.duplicate(byIndex);
    if (duplicate.isPresent()) {
      return duplicate;
    }
    after = before.withRoster(listed);
    if (!Arrays.equals(after.root(), roster.getRoot().toByteArray())) {
      return Optional.of("another root than its members give");
    }
    return verified(byIndex, n, index, Neighbours.complete(n, index), now);
  }

  private Optional<String> lattice(List<Neighbour> listed, Instant now) {
    SumParameters p = session.parameters();
    Neighbours graph = Graph.harary(p.clients(), p.degree(), after().graphKey()).of(session.slot());
    SortedMap<Integer, AdvertiseKeys> known = new TreeMap<>();
    Optional<String> stranger = collect(listed, graph.edges(), known);
    return stranger.isPresent() ? stranger : sparse(known, graph, now);
  }

  /**
   * Why the neighbours of the client-chosen graph are refused, or nothing if they are good: each
   * was chosen, or has chosen this client and signed that under the same root.
   *
   * @param chosen by this client, ascending
   */
  Optional<String> neighbours(List<Neighbour> listed, int[] chosen, Instant now) {
    SumParameters p = session.parameters();
    if (listed.size() >= p.clients()) {
      return Optional.of(listed.size() + " neighbours of " + p.clients() + " members");
    }
    BitSet allowed = new BitSet();
    IntStream.of(chosen).forEach(allowed::set);
    Map<Integer, Neighbour> choosers = new TreeMap<>();
    for (Neighbour neighbour : listed) {
      if (neighbour.hasChoice()) {
        int j = neighbour.getIndex();
        int[] theirs =
            Choices.decode(neighbour.getChoice().getIndices(), p.clients(), j, p.degree());
        if (theirs == null || Arrays.binarySearch(theirs, session.slot()) < 0) {
          return Optional.of("member " + j + " has not chosen this client");
        }
        if (j >= 0 && j < p.clients()) {
          allowed.set(j);
          choosers.put(j, neighbour);
        }
      }
    }
    SortedMap<Integer, AdvertiseKeys> known = new TreeMap<>();
    Optional<String> stranger = collect(listed, allowed, known);
    if (stranger.isPresent()) {
      return stranger;
    }
    int[] dealers = choosers.keySet().stream().mapToInt(j -> j).toArray();
    Optional<String> refusal =
        sparse(known, Neighbours.directed(session.slot(), chosen, dealers), now);
    if (refusal.isPresent()) {
      return refusal;
    }
    Signatures.Batch batch = new Signatures.Batch();
    choosers.forEach(
        (j, neighbour) ->
            batch.add(
                members().identity(j),
                after().choice(neighbour.getChoice().getIndices().toByteArray()),
                neighbour.getChoice().getSignature().toByteArray()));
    BitSet wrong = batch.wrong();
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of("member " + dealers[wrong.nextSetBit(0)] + " has not signed its choice");
  }

  /** Whether a member stands at this index under the root. */
  static boolean isPlaced(Transcript after, int index, AdvertiseKeys keys, ByteString path, int n) {
    byte[] root = Merkle.rootOf(after.leaf(index, keys), index, n, path.toByteArray());
    return Arrays.equals(root, after.root());
  }

  /** Takes in neighbours, each once, in ascending order, on the graph and under the root. */
  private Optional<String> collect(
      List<Neighbour> listed, BitSet allowed, SortedMap<Integer, AdvertiseKeys> into) {
    int n = session.parameters().clients();
    for (Neighbour neighbour : listed) {
      int index = neighbour.getIndex();
      if (index < 0 || index == session.slot() || !allowed.get(index)) {
        return Optional.of("member " + index + " is no neighbour");
      }
      if (!into.isEmpty() && into.lastKey() >= index) {
        return Optional.of("neighbours out of order");
      }
      if (!isPlaced(after(), index, neighbour.getKeys(), neighbour.getPath(), n)) {
        return Optional.of("member " + index + " is not under the root");
      }
      into.put(index, neighbour.getKeys());
    }
    return Optional.empty();
  }

  private Optional<String> sparse(
      SortedMap<Integer, AdvertiseKeys> known, Neighbours graph, Instant now) {
    int threshold = session.parameters().threshold();
    BitSet shown = new BitSet();
    known.keySet().forEach(shown::set);
    int holders = graph.live(shown);
    if (holders < threshold) {
      return Optional.of(holders + " neighbours hold shares, must be >= " + threshold);
    }
    known.put(session.slot(), own);
    Optional<String> duplicate = Credentials.duplicate(known);
    return duplicate.isPresent()
        ? duplicate
        : verified(known, session.parameters().clients(), session.slot(), graph, now);
  }

  private Optional<String> verified(
      SortedMap<Integer, AdvertiseKeys> known, int n, int index, Neighbours graph, Instant now) {
    Credentials credentials = new Credentials(session, before);
    Optional<String> refusal = credentials.refusal(known, now);
    if (refusal.isEmpty()) {
      members = new Members(after(), n, index, credentials.members(), graph);
    }
    return refusal;
  }
}
