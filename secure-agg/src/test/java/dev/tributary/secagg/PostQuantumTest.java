package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.EdgeKem;
import dev.tributary.secagg.crypto.EdgeKeys;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Masks;
import dev.tributary.secagg.crypto.MlKem768;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.VectorRound;
import dev.tributary.secagg.testing.Vectors;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Roster;
import dev.tributary.wire.v1.ShareKeys;
import dev.tributary.wire.v1.Shares;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the suite with ML-KEM-768 adds: nobody can take its keys or ciphertexts away, or put others
 * in their place, and a lying member is found out. Seven clients; client 3 is attacked.
 */
class PostQuantumTest {

  private static final int N = 7;
  private static final int VICTIM = 3;
  private static final int LIAR = 2;
  private static final int SEALED = MlKem768.CIPHERTEXT + 100;

  private static SumWorld world(String suite) {
    return new SumWorld(
        Sa1.of(suite), SumParameters.derive(suite, Mode.MALICIOUS, N, 0, 0.286, 2, 0, 13, 50), 5);
  }

  private final SumWorld world = world(Sa1.POST_QUANTUM);
  private final List<AdvertiseKeys> members = new ArrayList<>();

  /** Sees the roster on its way, and what this network makes of each message. */
  private SumResult run(SumWorld.Network bent) {
    world.network(
        (from, send) -> {
          if (members.isEmpty() && send.message().hasRoster()) {
            members.addAll(send.message().getRoster().getMembersList());
          }
          return bent.carry(from, send);
        });
    return world.run();
  }

  private void assertExact(SumResult result, int survivors) {
    SumResult.RingSum sum = (SumResult.RingSum) result;
    assertThat(sum.survivors().cardinality()).isEqualTo(survivors);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }

  private void assertVictimRefused(String code) {
    assertThat(world.results[VICTIM])
        .isInstanceOfSatisfying(
            SumResult.Aborted.class, end -> assertThat(end.code()).isEqualTo(code));
    assertThat(world.entries.get(VICTIM))
        .noneMatch(entry -> entry.kind() == Entry.Kind.CONTRIBUTED);
  }

  /** A roster in which one entry is another, with its root computed anew. */
  private static UnaryOperator<Envelope> roster(
      SumWorld world, int index, UnaryOperator<AdvertiseKeys.Builder> change) {
    return message -> {
      Roster.Builder roster = message.getRoster().toBuilder();
      roster.setMembers(index, change.apply(roster.getMembers(index).toBuilder()).build());
      byte[] root = Transcript.of(world.sid).withRoster(roster.getMembersList()).root();
      return message.toBuilder().setRoster(roster.setRoot(ByteString.copyFrom(root))).build();
    };
  }

  private static UnaryOperator<AdvertiseKeys.Builder> signed(
      SumWorld world, int member, UnaryOperator<AdvertiseKeys.Builder> change) {
    return keys -> {
      AdvertiseKeys.Builder changed = change.apply(keys);
      byte[] message = Transcript.of(world.sid).advertise(changed.build());
      return changed.setSignature(
          ByteString.copyFrom(world.identities[member].signLabelled(message)));
    };
  }

  private static ByteString kemKey(int seed) {
    byte[] bytes = new byte[MlKem768.SEED];
    Arrays.fill(bytes, (byte) seed);
    return ByteString.copyFrom(MlKem768.fromSeed(bytes).publicKey());
  }

  private static ByteString withACoefficientOfQ(ByteString key) {
    byte[] bytes = key.toByteArray();
    bytes[0] = 0x01;
    bytes[1] = (byte) (bytes[1] & 0xF0 | 0x0D);
    return ByteString.copyFrom(bytes);
  }

  private static AdvertiseKeys.Builder stripped(AdvertiseKeys.Builder keys) {
    return keys.clearChannelKemKey().clearMaskKemKey();
  }

  @Test
  void honestRound_withLossesOnBothSides_isExact() {
    world.drop(0, KindCase.MASKED_INPUT).drop(4, KindCase.UNMASK);
    assertExact(run((from, send) -> List.of(send)), N - 1);
  }

  /** On the ring lattice a ciphertext goes to the neighbours above alone. */
  @Test
  void lattice_withLosses_isExact() {
    for (int seed = 0; seed < 6; seed++) {
      int n = 12 + seed;
      SumParameters p =
          new SumParameters(Sa1.POST_QUANTUM, Mode.CURIOUS, n, 0, 0.4, 6, 3, 0, 0, 2, 0, 16, 30);
      SumWorld lattice = new SumWorld(new InjectedSa1(), p, seed);
      lattice.drop(seed, KindCase.ADVERTISE_KEYS).drop(n - 1, KindCase.MASKED_INPUT);
      SumResult.RingSum sum = (SumResult.RingSum) lattice.run();
      assertThat(sum.survivors().cardinality()).as("seed %d", seed).isEqualTo(n - 2);
      assertThat(SumWorld.values(sum.sum()))
          .as("seed %d", seed)
          .isEqualTo(lattice.plainSum(sum.survivors()));
    }
  }

  @Test
  void coordinator_thatStripsTheKemKeysOfOne_orOfAll_isRefused() {
    run(Bend.to(VICTIM, KindCase.ROSTER, roster(world, 5, PostQuantumTest::stripped)));
    assertVictimRefused("ROSTER_REFUSED");

    SumWorld all = world(Sa1.POST_QUANTUM);
    all.network(
        Bend.to(
            VICTIM,
            KindCase.ROSTER,
            message -> {
              Envelope changed = message;
              for (int i = 0; i < N; i++) {
                changed = roster(all, i, PostQuantumTest::stripped).apply(changed);
              }
              return changed;
            }));
    all.run();
    assertThat(((SumResult.Aborted) all.results[VICTIM]).code()).isEqualTo("ROSTER_REFUSED");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void coordinator_thatSwapsAKemKey_isRefused(boolean channel) {
    run(
        Bend.to(
            VICTIM,
            KindCase.ROSTER,
            roster(
                world,
                5,
                keys ->
                    channel ? keys.setChannelKemKey(kemKey(9)) : keys.setMaskKemKey(kemKey(9)))));
    assertVictimRefused("ROSTER_REFUSED");
  }

  /** The member signs what it sends: only the rules of the suite stand in its way. */
  @Test
  void member_withoutKemKeys_orWithBadOnes_isDropped_andNoRosterMayHoldIt() {
    List<UnaryOperator<AdvertiseKeys.Builder>> bad =
        List.of(
            PostQuantumTest::stripped,
            AdvertiseKeys.Builder::clearMaskKemKey,
            keys -> keys.setMaskKemKey(keys.getMaskKemKey().substring(1)),
            keys -> keys.setChannelKemKey(withACoefficientOfQ(keys.getChannelKemKey())),
            keys -> keys.setMaskKemKey(keys.getChannelKemKey()));
    for (UnaryOperator<AdvertiseKeys.Builder> change : bad) {
      SumWorld dropping = world(Sa1.POST_QUANTUM);
      dropping.network(
          Bend.from(
              LIAR,
              KindCase.ADVERTISE_KEYS,
              m ->
                  m.toBuilder()
                      .setAdvertiseKeys(
                          signed(dropping, LIAR, change).apply(m.getAdvertiseKeys().toBuilder()))
                      .build()));
      assertThat(((SumResult.RingSum) dropping.run()).dropped())
          .containsEntry(LIAR, DropReason.INVALID_PUBLIC_KEY);

      SumWorld refusing = world(Sa1.POST_QUANTUM);
      refusing.network(
          Bend.to(VICTIM, KindCase.ROSTER, roster(refusing, LIAR, signed(refusing, LIAR, change))));
      refusing.run();
      assertThat(((SumResult.Aborted) refusing.results[VICTIM]).code()).isEqualTo("ROSTER_REFUSED");
    }
  }

  /** In a session without ML-KEM such keys would be an entry in two readings. */
  @Test
  void classicalSession_refusesKemKeys() {
    UnaryOperator<AdvertiseKeys.Builder> more =
        keys -> keys.setChannelKemKey(kemKey(1)).setMaskKemKey(kemKey(2));
    SumWorld classical = world(Sa1.ID);
    classical.network(
        Bend.from(
            LIAR,
            KindCase.ADVERTISE_KEYS,
            m ->
                m.toBuilder()
                    .setAdvertiseKeys(
                        signed(classical, LIAR, more).apply(m.getAdvertiseKeys().toBuilder()))
                    .build()));
    assertThat(((SumResult.RingSum) classical.run()).dropped())
        .containsEntry(LIAR, DropReason.INVALID_PUBLIC_KEY);
  }

  @Test
  void coordinator_thatStripsMaskCiphertexts_isRefused() {
    run(
        Bend.to(
            VICTIM,
            KindCase.SHARES,
            m ->
                m.toBuilder().setShares(m.getShares().toBuilder().clearMaskCiphertexts()).build()));
    assertVictimRefused("PROTOCOL_VIOLATION");
  }

  private static UnaryOperator<Envelope> shares(UnaryOperator<Shares.Builder> change) {
    return m -> m.toBuilder().setShares(change.apply(m.getShares().toBuilder())).build();
  }

  private static ByteString flipped(ByteString bytes, int at) {
    byte[] changed = bytes.toByteArray();
    changed[at] ^= 1;
    return ByteString.copyFrom(changed);
  }

  /** The pair of shares of the same dealer is bound to the ciphertext that it sent. */
  @Test
  void coordinator_thatSwapsAMaskCiphertext_isSeen_andGetsNoSum() {
    SumResult.RingSum sum =
        (SumResult.RingSum)
            run(
                Bend.to(
                    VICTIM,
                    KindCase.SHARES,
                    shares(s -> s.setMaskCiphertexts(flipped(s.getMaskCiphertexts(), 1088 + 5)))));
    assertThat(((SumResult.Contributed) world.results[VICTIM]).unreadableShares())
        .containsExactly(1);
    assertThat(SumWorld.values(sum.sum())).isNotEqualTo(world.plainSum(sum.survivors()));
  }

  @Test
  void coordinator_thatSwapsMoreThanTheLossTolerated_isRefused() {
    run(
        Bend.to(
            VICTIM,
            KindCase.SHARES,
            shares(
                s -> {
                  ByteString masks = s.getMaskCiphertexts();
                  for (int below = 0; below < VICTIM; below++) {
                    masks = flipped(masks, below * MlKem768.CIPHERTEXT);
                  }
                  return s.setMaskCiphertexts(masks);
                })));
    assertVictimRefused("NOT_ENOUGH_CLIENTS");
  }

  /** Decapsulation gives another secret (implicit rejection), so the pair of shares is not read. */
  @Test
  void channelCiphertext_changed_isNotRead_andTheSumIsExact() {
    SumResult result =
        run(
            Bend.to(
                VICTIM,
                KindCase.SHARES,
                shares(s -> s.setCiphertexts(flipped(s.getCiphertexts(), 4 * SEALED + 77)))));
    assertExact(result, N);
    assertThat(((SumResult.Contributed) world.results[VICTIM]).unreadableShares())
        .containsExactly(5);
  }

  /** What the liar signs instead of its shares. */
  private SumWorld.Network lying(UnaryOperator<ShareKeys.Builder> change) {
    return (from, send) -> {
      if (from != LIAR || !send.message().hasShareKeys()) {
        return List.of(send);
      }
      ShareKeys.Builder shares =
          change.apply(send.message().getShareKeys().toBuilder().clearSignature());
      byte[] message = Transcript.of(world.sid).withRoster(members).shares(shares.build());
      shares.setSignature(ByteString.copyFrom(world.identities[LIAR].signLabelled(message)));
      return List.of(
          new Effect.Send(send.to(), send.message().toBuilder().setShareKeys(shares).build()));
    };
  }

  @Test
  void lyingMember_atTheChannelCiphertext_isNotRead_andTheSumIsExact() {
    int place = VICTIM - 1; // the liar stands before the victim and leaves itself out
    SumResult result =
        run(lying(s -> s.setCiphertexts(flipped(s.getCiphertexts(), place * SEALED + 500))));
    assertExact(result, N);
    assertThat(((SumResult.Contributed) world.results[VICTIM]).unreadableShares())
        .containsExactly(LIAR);
  }

  /** Section 8: lost after a lie, it is found out by its own seed; its signed message is kept. */
  @Test
  void lyingMember_atTheMaskCiphertext_andLost_endsTheRoundAndIsNamed() {
    world.drop(LIAR, KindCase.MASKED_INPUT);
    SumResult.Aborted end =
        (SumResult.Aborted)
            run(lying(s -> s.setMaskCiphertexts(flipped(s.getMaskCiphertexts(), 3))));
    assertThat(end.code()).isEqualTo("WRONG_KEM_CIPHERTEXT");
    assertThat(end.reason()).contains("slot " + LIAR);
    Entry evidence = world.serverEntries.get(world.serverEntries.size() - 1);
    assertThat(evidence.kind()).isEqualTo(Entry.Kind.WRONG_KEM_CIPHERTEXT);
    assertThat(evidence.payload().substring(0, 4)).isEqualTo(ByteString.copyFrom(Labels.u32(LIAR)));
    ShareKeys kept = parse(evidence.payload().substring(4)).getShareKeys();
    assertThat(
            dev.tributary.secagg.crypto.Signatures.decode(world.identities[LIAR].publicKey())
                .verify(
                    Transcript.of(world.sid).withRoster(members).shares(kept),
                    kept.getSignature().toByteArray()))
        .isTrue();
  }

  private static Envelope parse(ByteString bytes) {
    try {
      return Envelope.parseFrom(bytes);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** Its seed makes another key than it advertised: nobody could find what was sent to that key. */
  @Test
  void lyingMember_withAKemKeyThatIsNotOfItsSeed_andLost_endsTheRoundAndIsNamed() {
    world.drop(LIAR, KindCase.MASKED_INPUT);
    SumResult.Aborted end =
        (SumResult.Aborted)
            run(
                (from, send) -> {
                  if (from != LIAR || !send.message().hasAdvertiseKeys()) {
                    return List.of(send);
                  }
                  AdvertiseKeys changed =
                      signed(world, LIAR, keys -> keys.setMaskKemKey(kemKey(9)))
                          .apply(send.message().getAdvertiseKeys().toBuilder())
                          .build();
                  believes(world.clients[LIAR], changed);
                  return List.of(
                      new Effect.Send(
                          send.to(), send.message().toBuilder().setAdvertiseKeys(changed).build()));
                });
    assertThat(end.code()).isEqualTo("WRONG_SHARES");
    assertThat(end.reason()).contains("slot " + LIAR);
  }

  /** Makes a client take these for the keys that it advertised. */
  private static void believes(Machine client, AdvertiseKeys keys) {
    try {
      Field phase = client.getClass().getDeclaredField("phase");
      phase.setAccessible(true);
      Field own = phase.get(client).getClass().getDeclaredField("own");
      own.setAccessible(true);
      own.set(phase.get(client), keys);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** The same lie to a member that is lost too harms nothing: its masks are not in the sum. */
  @Test
  void lyingMember_towardsAnotherThatIsLost_changesNothing() {
    world.drop(LIAR, KindCase.MASKED_INPUT).drop(VICTIM, KindCase.MASKED_INPUT);
    assertExact(run(lying(s -> s.setMaskCiphertexts(flipped(s.getMaskCiphertexts(), 3)))), N - 2);
  }

  /** If it stays, its lie is a vector of its own choice more: as if it had sent another input. */
  @Test
  void lyingMember_atTheMaskCiphertext_andStaying_isSeenByTheOtherEnd() {
    SumResult.RingSum sum =
        (SumResult.RingSum)
            run(lying(s -> s.setMaskCiphertexts(flipped(s.getMaskCiphertexts(), 3))));
    assertThat(SumWorld.values(sum.sum())).isNotEqualTo(world.plainSum(sum.survivors()));
    assertThat(((SumResult.Contributed) world.results[VICTIM]).unreadableShares())
        .containsExactly(LIAR);
  }

  @Test
  void lyingMember_withTooFewMaskCiphertexts_isDropped() {
    SumResult.RingSum sum =
        (SumResult.RingSum)
            run(lying(s -> s.setMaskCiphertexts(s.getMaskCiphertexts().substring(1088))));
    assertThat(sum.dropped()).containsEntry(LIAR, DropReason.INVALID_SHARE_KEYS_RESPONSE);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }

  /**
   * Row 25: everything of a round was recorded, and every X25519 secret is found years later. The
   * vector of a member of the suite sa1 is then in plain; with ML-KEM it stays masked, unless the
   * ML-KEM secrets fall as well.
   */
  @Test
  void row25_recordedToday_x25519BrokenLater_unmasksOnlyWithoutMlKem() {
    assertThat(unmasked("round_n7_drop3", false)).isTrue();
    assertThat(unmasked("round_pq_n4_drop1", false)).isFalse();
    assertThat(unmasked("round_pq_n4_drop1", true)).isTrue();
  }

  /** Whether the masks that follow from X25519 secrets and b give away the highest member's x. */
  private static boolean unmasked(String name, boolean mlKemBrokenToo) {
    Vectors vectors = new VectorRound(Vectors.of(name)).vectors;
    int n = vectors.number("n");
    int bits = vectors.number("ringBits");
    int victim = IntStream.range(0, n).filter(i -> vectors.has("packed." + i)).max().orElseThrow();
    Transcript transcript =
        Transcript.of(vectors.bytes("sid"))
            .withRoster(
                parse(ByteString.copyFrom(vectors.bytes("roster"))).getRoster().getMembersList());
    Seed start = Seed.of(vectors.bytes("start." + victim));
    byte[] maskSeed = start.derive("sa1/mask-seed").bytes();
    byte[] identityKey =
        Identity.fromSeed(Seed.of(vectors.bytes("identity." + victim))).publicKey();
    List<AdvertiseKeys> roster =
        parse(ByteString.copyFrom(vectors.bytes("roster"))).getRoster().getMembersList();
    BitSet others = new BitSet();
    others.set(0, n);
    others.clear(victim);
    EdgeKem kem = mlKemBrokenToo ? new EdgeKem(transcript, maskSeed, identityKey) : null;
    if (kem != null) {
      ByteString ciphertexts =
          parse(ByteString.copyFrom(vectors.bytes("shares." + victim)))
              .getShares()
              .getMaskCiphertexts();
      for (int j = 0; j < victim; j++) {
        int from = j * MlKem768.CIPHERTEXT;
        kem.decapsulate(j, ciphertexts.substring(from, from + MlKem768.CIPHERTEXT).toByteArray());
      }
    }
    byte[][] publicKeys =
        others.stream()
            .mapToObj(j -> roster.get(j).getMaskKey().toByteArray())
            .toArray(byte[][]::new);
    EdgeKeys keys = new EdgeKeys(transcript);
    byte[] secret = transcript.maskSecret(maskSeed, identityKey);
    assertThat(KeyAgreement.publicKey(secret))
        .isEqualTo(roster.get(victim).getMaskKey().toByteArray());
    byte[][] edges = Objects.requireNonNull(keys.edges(secret, victim, others, publicKeys, kem));
    int[] vector = new int[vectors.number("length")];
    RingPacking.unpack(vectors.bytes("packed." + victim), 0, vector, 0, vector.length, bits);
    List<Masks.Mask> masks = new ArrayList<>();
    masks.add(new Masks.Mask(keys.self(start.derive("sa1/self-seed").bytes(), victim), false));
    int at = 0;
    for (int j = others.nextSetBit(0); j >= 0; j = others.nextSetBit(j + 1)) {
      masks.add(new Masks.Mask(edges[at++], j > victim)); // the opposite of its own sign
    }
    Masks.apply(masks, vector, 0, vector.length);
    int ring = RingVector.mask(bits);
    return Arrays.equals(
        Arrays.stream(vector).map(v -> v & ring).toArray(), vectors.ints("input." + victim));
  }

  /** Either half alone decides the key, and so does the ciphertext. */
  @Test
  void edgeKey_needsBothSecretsAndTheCiphertext() {
    List<AdvertiseKeys> roster = List.of(AdvertiseKeys.getDefaultInstance());
    Transcript transcript = Transcript.of(new byte[32]).withRoster(roster);
    byte[] seed = Labels.sha256(new byte[] {7});
    byte[] other = KeyAgreement.publicKey(Labels.sha256(new byte[] {2}));
    byte[] secret = Labels.sha256(new byte[] {1});
    byte[] key = edge(transcript, seed, secret, other, kemKey(3));
    assertThat(edge(transcript, seed, secret, other, kemKey(3))).isEqualTo(key);
    assertThat(edge(transcript, seed, Labels.sha256(secret), other, kemKey(3))).isNotEqualTo(key);
    assertThat(edge(transcript, seed, secret, other, kemKey(4))).isNotEqualTo(key);
    assertThat(edge(transcript, Labels.sha256(seed), secret, other, kemKey(3))).isNotEqualTo(key);
  }

  private static byte[] edge(
      Transcript transcript, byte[] seed, byte[] secret, byte[] other, ByteString kemKey) {
    EdgeKem kem = new EdgeKem(transcript, seed, new byte[32]);
    kem.encapsulate(1, kemKey.toByteArray());
    BitSet one = new BitSet();
    one.set(1);
    byte[][] keys = new EdgeKeys(transcript).edges(secret, 0, one, new byte[][] {other}, kem);
    kem.wipe();
    assertThat(kem.toString()).isEqualTo("EdgeKem[redacted]");
    return Objects.requireNonNull(keys)[0];
  }
}
