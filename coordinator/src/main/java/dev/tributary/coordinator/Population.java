package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.store.Member;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.CertificateException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a job: those that were there at its start, and behind them those that joined
 * later. Who withdraws keeps its index without being anybody's. A client's index is its address for
 * the whole job. Confined to the coordinator's loop.
 */
public final class Population {
  private final List<Member> members;
  private @Nullable Map<ByteString, Integer> indices;
  private final @Nullable String certified;
  private final Set<Integer> left = new TreeSet<>();
  private final Set<ByteString> gone = new HashSet<>();

  /**
   * A population in this order.
   *
   * @throws IllegalArgumentException if an identity stands in it twice
   */
  public Population(List<Member> members) {
    this.members = new ArrayList<>(members);
    indices();
    this.certified = mostCertified(this.members);
  }

  private Population(List<Member> members, @Nullable String certified) {
    this.members = members;
    this.certified = certified;
  }

  /**
   * A population without certificates that takes no room: its list makes each member, always the
   * same, when it is asked for. Nobody joins it.
   */
  public static Population madeWhenAsked(List<Member> members) {
    return new Population(members, null);
  }

  private Map<ByteString, Integer> indices() {
    Map<ByteString, Integer> known = indices;
    if (known == null) {
      known = new HashMap<>();
      for (int i = 0; i < members.size(); i++) {
        Integer before = known.put(members.get(i).identity(), i);
        if (before != null) {
          throw new IllegalArgumentException(
              "members " + before + " and " + i + " have the same identity key");
        }
      }
      indices = known;
    }
    return known;
  }

  /** A population of keys without certificates. */
  public static Population ofKeys(List<byte[]> identityKeys) {
    return new Population(
        identityKeys.stream().map(key -> new Member(ByteString.copyFrom(key), null)).toList());
  }

  public int size() {
    return members.size();
  }

  public List<Member> members() {
    return Collections.unmodifiableList(members);
  }

  /** Members that have not withdrawn. */
  int enrolled() {
    return members.size() - left.size();
  }

  /** Appends a member whose identity was nobody's. */
  void join(Member member) {
    Map<ByteString, Integer> known = indices();
    members.add(member);
    known.put(member.identity(), members.size() - 1);
  }

  /** Whether somebody withdrew with this identity since this process began. */
  boolean hasLeft(ByteString identity) {
    return gone.contains(identity);
  }

  /** The members that have withdrawn, ascending. */
  Set<Integer> withdrawn() {
    return Collections.unmodifiableSet(left);
  }

  /**
   * The population that most of the members' certificates name, of equally many the first by name;
   * null where nobody has one. Each client refuses a roster with a member of another than its own.
   */
  public @Nullable String certified() {
    return certified;
  }

  private static @Nullable String mostCertified(List<Member> members) {
    SortedMap<String, Integer> named = new TreeMap<>();
    for (Member member : members) {
      if (member.certificate() != null) {
        try {
          Certificate parsed = Certificate.parse(member.certificate().toByteArray());
          named.merge(parsed.population(), 1, Integer::sum);
        } catch (CertificateException e) {
          // Its round drops it.
        }
      }
    }
    String most = null;
    int times = 0;
    for (Map.Entry<String, Integer> each : named.entrySet()) {
      if (each.getValue() > times) {
        most = each.getKey();
        times = each.getValue();
      }
    }
    return most;
  }

  /** The Ed25519 public key of a member. */
  public byte[] identityKey(int member) {
    return members.get(member).identity().toByteArray();
  }

  /** From now on nobody is this member. */
  void withdraw(int member) {
    left.add(member);
    gone.add(members.get(member).identity());
    indices().remove(members.get(member).identity());
  }

  /** Whether a member has withdrawn. */
  boolean withdrew(int member) {
    return left.contains(member);
  }

  /** The index of an identity key, if it belongs to the population. */
  public OptionalInt indexOf(ByteString identityKey) {
    Integer index = indices().get(identityKey);
    return index == null ? OptionalInt.empty() : OptionalInt.of(index);
  }
}
