package dev.tributary.simulation.bench;

import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Floors;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.VirtualShell;
import dev.tributary.wire.Body;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Scratch;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The people of one round and what they bring: certified identities, seeds, and inputs that are
 * made anew whenever they are read. Everything follows from the sizes.
 */
final class BenchCohort {
  /** Bits of an element. */
  static final int RING_BITS = 32;

  static final Instant NOW = VirtualShell.START;

  final SumParameters parameters;
  final int lost;
  private final Path spool;
  private final Seed seed;
  private final Sa1 suite = new Sa1();
  private final Schedule schedule;
  private final TrustAnchors anchors;
  private final List<Identity> identities = new ArrayList<>();
  private final List<Certificate> certificates = new ArrayList<>();
  private @Nullable Scratch relayed;

  /**
   * A cohort in malicious mode, on the complete graph.
   *
   * @param percent of the clients that share keys and then send no input
   * @param spool an existing folder for masked inputs, a file each
   */
  BenchCohort(int clients, int length, int percent, Path spool) {
    this.lost = (int) ((long) clients * percent / 100);
    this.spool = spool;
    this.parameters =
        SumParameters.derive(
            Sa1.ID, Mode.MALICIOUS, clients, 0, percent / 100.0, 2, 0, RING_BITS, length);
    this.seed = Seed.of(new byte[Seed.LENGTH]).derive("bench", clients, length, percent);
    this.schedule = Schedule.of(NOW, Duration.ofHours(1), suite.steps(parameters));
    try (EnrolmentAuthority authority =
        EnrolmentAuthority.fromSeed("bench", seed.derive("authority"), new SecureRandom())) {
      this.anchors = authority.anchors();
      for (int i = 0; i < clients; i++) {
        Identity identity = Identity.fromSeed(seed.derive("identity", i));
        identities.add(identity);
        certificates.add(
            authority.issue(
                identity.publicKey(), NOW.minusSeconds(3600), NOW.plusSeconds(2 * 3600)));
      }
    }
  }

  int clients() {
    return parameters.clients();
  }

  /** Whether this client goes before its input; they are spread evenly. */
  boolean isLost(int client) {
    return (client + 1L) * lost / clients() > (long) client * lost / clients();
  }

  /** The randomness of a client; of the coordinator for -1. */
  Seed seed(int client) {
    return seed.derive("machine", client);
  }

  Machine openCoordinator() {
    return suite.open(
        SumSession.coordinator(
                parameters,
                sid(),
                identities.stream().map(Identity::publicKey).toList(),
                anchors.verifier(),
                schedule)
            .withPopulation("bench")
            .relayingFrom(scratch()));
  }

  /** A new place for the key material that a coordinator relays; that of the one before goes. */
  private Scratch scratch() {
    try {
      if (relayed != null) {
        relayed.close();
      }
      Scratch fresh = Scratch.in(spool.resolve("relayed"), Long.MAX_VALUE);
      relayed = fresh;
      return fresh;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot spool key material", e);
    }
  }

  /** Bytes of key material that the coordinator relays from disk. */
  long relayedBytes() {
    return relayed == null ? 0 : relayed.size();
  }

  Machine openClient(int client) {
    return suite.open(
        SumSession.client(
                parameters,
                sid(),
                client,
                identities.get(client),
                certificates.get(client),
                anchors.verifier(),
                schedule)
            .withFloors(Floors.NONE)
            .keepingInput(packed -> spooled(client, packed)));
  }

  private byte[] sid() {
    return seed.derive("sid").bytes();
  }

  private Body spooled(int client, byte[] packed) {
    try {
      return Body.of(Files.write(upload(client), packed));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot spool a masked input", e);
    }
  }

  /** Where this client's masked input lies once it is made. */
  Path upload(int client) {
    return spool.resolve(Integer.toString(client));
  }

  /** This client's vector, made anew at each reading. */
  RingVector input(int client) {
    int salt = (int) seed.derive("input", client).toLong();
    int length = parameters.length();
    return new RingVector() {
      @Override
      public int length() {
        return length;
      }

      @Override
      public int bits() {
        return RING_BITS;
      }

      @Override
      public void read(int from, int[] into, int count) {
        Objects.checkFromIndexSize(from, count, length);
        for (int i = 0; i < count; i++) {
          int mixed = (from + i + salt) * 0x9E3779B9;
          mixed = (mixed ^ (mixed >>> 15)) * 0x85EBCA6B;
          into[i] = mixed ^ (mixed >>> 13);
        }
      }
    };
  }

  /**
   * Holds a sum to the plain sum of these clients.
   *
   * @throws IllegalStateException if they differ
   */
  void check(BitSet survivors, RingVector sum) {
    int block = 1 << 16;
    int[] expected = new int[block];
    int[] part = new int[block];
    for (int from = 0; from < parameters.length(); from += block) {
      int count = Math.min(block, parameters.length() - from);
      sum.read(from, expected, count);
      for (int i = survivors.nextSetBit(0); i >= 0; i = survivors.nextSetBit(i + 1)) {
        input(i).read(from, part, count);
        for (int e = 0; e < count; e++) {
          expected[e] -= part[e];
        }
      }
      for (int e = 0; e < count; e++) {
        if (expected[e] != 0) {
          throw new IllegalStateException("the sum is wrong at element " + (from + e));
        }
      }
    }
  }
}
