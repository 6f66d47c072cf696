package dev.tributary.secagg;

import static dev.tributary.secagg.testing.Fuzzing.refusesBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.plan.Plan;
import dev.tributary.plan.PlanException;
import dev.tributary.plan.PlanTest;
import dev.tributary.secagg.crypto.MlKem768;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.secagg.crypto.ShareDecoder;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arbitrary bytes into every decoder: a typed refusal with a reason, or a value that encodes to the
 * same bytes; memory within bounds. The ordinary build runs the seeds and the kept corpus, the
 * profile {@code fuzz} looks for more.
 */
@Tag("slow")
class DecoderFuzzTest {

  private static final SumWorld WORLD =
      new SumWorld(new Sa1(), SumParameters.derive(Sa1.ID, Mode.CURIOUS, 3, 0, 0, 2, 0, 8, 1), 1);
  private static final EnrolmentAuthority AUTHORITY = WORLD.authority;
  private static final Identity NEXT = Identity.fromSeed(Seed.of(new byte[32]));
  private static final Path FILE = file();

  static {
    WORLD.run();
  }

  private static Path file() {
    try {
      Path file = Files.createTempFile("fuzz", ".pem");
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Stream<byte[]> envelopes() {
    return WORLD.sent.stream()
        .map(Effect.Send::message)
        .collect(java.util.stream.Collectors.toMap(Envelope::getKindCase, e -> e, (a, b) -> a))
        .values()
        .stream()
        .map(Envelope::toByteArray);
  }

  @MethodSource("envelopes")
  @FuzzTest
  void envelope(byte[] bytes) {
    refusesBy(
        bytes,
        () -> {
          Envelope envelope = Envelope.parseFrom(bytes);
          assertThat(Envelope.parseFrom(envelope.toByteArray())).isEqualTo(envelope);
        },
        InvalidProtocolBufferException.class);
  }

  static Stream<byte[]> plans() {
    return Stream.of(PlanTest.plan().build().bytes());
  }

  @MethodSource("plans")
  @FuzzTest
  void plan(byte[] bytes) {
    refusesBy(
        bytes,
        () -> {
          Plan plan = Plan.parse(bytes);
          assertThat(plan.bytes()).isEqualTo(bytes);
          plan.check();
        },
        PlanException.class);
  }

  static Stream<byte[]> certificates() {
    return Stream.of(WORLD.certificates[0].bytes());
  }

  @MethodSource("certificates")
  @FuzzTest
  void certificate(byte[] bytes) {
    refusesBy(
        bytes,
        () -> {
          Certificate certificate = Certificate.parse(bytes);
          assertThat(certificate.bytes()).isEqualTo(bytes);
          assertThat(certificate.toString()).isNotBlank();
          assertThat(Certificate.parse(certificate.bytes()).toPem()).isEqualTo(certificate.toPem());
        },
        CertificateException.class);
    boolean issued = Arrays.equals(bytes, WORLD.certificates[0].bytes());
    assertThat(
            AUTHORITY
                .anchors()
                .verifier()
                .refusal(bytes, WORLD.identities[0].publicKey(), "people", SumWorld.START)
                .isEmpty())
        .isEqualTo(issued);
  }

  static Stream<byte[]> revocations() {
    Identity authority = Identity.fromSeed(Seed.of(new byte[32]));
    return Stream.of(
        RevocationList.sign(
                authority,
                7,
                List.of("00".repeat(16), "ab".repeat(16)),
                SumWorld.START,
                SumWorld.START.plusSeconds(9))
            .bytes());
  }

  @MethodSource("revocations")
  @FuzzTest
  void revocationList(byte[] bytes) {
    refusesBy(
        bytes,
        () -> {
          RevocationList list = RevocationList.parse(bytes);
          assertThat(list.bytes()).isEqualTo(bytes);
          assertThat(list.until()).isNotNull();
          assertThat(list.toString()).isNotBlank();
          list.signedBy(Signatures.decode(NEXT.publicKey()));
        },
        CertificateException.class);
  }

  static Stream<byte[]> successions() {
    Identity old = Identity.fromSeed(Seed.of(new byte[32]).derive("old"));
    return Stream.of(
        Succession.sign(old, NEXT, SumWorld.START, SumWorld.START.plusSeconds(9)).bytes());
  }

  @MethodSource("successions")
  @FuzzTest
  void succession(byte[] bytes) {
    refusesBy(
        bytes,
        () -> {
          Succession succession = Succession.parse(bytes);
          assertThat(succession.bytes()).isEqualTo(bytes);
          assertThat(succession.until()).isNotNull();
          assertThat(succession.toString()).isNotBlank();
          succession.genuine();
        },
        CertificateException.class);
  }

  static Stream<byte[]> keyFiles() {
    EnrolmentAuthority authority =
        EnrolmentAuthority.fromSeed("people", Seed.of(new byte[32]), new SecureRandom());
    return Stream.of(
            authority.anchors().toPem() + "revoked: " + "0a".repeat(16) + "\n",
            authority.anchors().toPem()
                + RevocationList.sign(
                        NEXT, 1, List.of(), SumWorld.START, SumWorld.START.plusSeconds(9))
                    .toPem(),
            KeyFiles.privatePem(new byte[32]),
            WORLD.certificates[0].toPem(),
            "00".repeat(32) + " 17\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  /** Every file that holds keys, certificates or statements, and the numbers of lists seen. */
  @MethodSource("keyFiles")
  @FuzzTest
  void keyFile(byte[] bytes) throws IOException {
    Files.write(FILE, bytes);
    refusesBy(
        bytes,
        () -> {
          TrustAnchors anchors = TrustAnchors.fromPem(FILE);
          assertThat(anchors.certified()).isTrue();
          assertThat(anchors.toPem()).isNotBlank();
        },
        KeyFileException.class);
    refusesBy(bytes, () -> Identity.load(FILE).close(), KeyFileException.class);
    refusesBy(bytes, () -> Certificate.read(FILE), KeyFileException.class);
    refusesBy(
        bytes,
        () -> RevocationMemory.hold(FILE, AUTHORITY.anchors()),
        KeyFileException.class,
        OutdatedTrustException.class);
  }

  static Stream<byte[]> vectors() {
    return IntStream.of(1, 7, 8, 13, 22, 32)
        .mapToObj(
            bits -> ByteBuffer.allocate(3 + 40).put((byte) bits).putShort((short) 10).array());
  }

  /** The first byte is w, the next two the length, the rest the packed vector or bitmap. */
  @MethodSource("vectors")
  @FuzzTest
  void ringPackingAndBitmap(byte[] bytes) {
    if (bytes.length < 3) {
      return;
    }
    int bits = bytes[0];
    int length = ((bytes[1] & 0xFF) << 8) | (bytes[2] & 0xFF);
    byte[] packed = Arrays.copyOfRange(bytes, 3, bytes.length);
    refusesBy(
        bytes,
        () -> {
          if (RingPacking.packedLength(length, bits) != packed.length) {
            return;
          }
          int[] values = new int[length];
          RingPacking.unpack(packed, 0, values, 0, length, bits);
          byte[] again = RingPacking.pack(RingVector.of(bits, values));
          boolean canonical =
              packed.length == 0
                  || RingPacking.paddingIsZero(packed[packed.length - 1], length, bits);
          assertThat(Arrays.equals(again, packed)).isEqualTo(canonical);
        },
        IllegalArgumentException.class);
    ByteString bitmap = ByteString.copyFrom(packed);
    refusesBy(
        bytes,
        () -> assertThat(Bitmap.encode(Bitmap.decode(bitmap, length), length)).isEqualTo(packed),
        IllegalArgumentException.class);
  }

  static Stream<byte[]> shares() {
    byte[] shares = new byte[1 + 5 * Shamir.SHARE_LENGTH];
    shares[0] = 3;
    return Stream.of(shares);
  }

  /** The first byte is the threshold, the rest shares from x = 1 on; keys and signatures too. */
  @MethodSource("shares")
  @FuzzTest
  void sharesAndSignatures(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    byte[] all = Arrays.copyOfRange(bytes, 1, bytes.length);
    int count = Math.min(16, all.length / Shamir.SHARE_LENGTH);
    byte[][] shares =
        IntStream.range(0, count)
            .filter(i -> Shamir.isShare(all, i * Shamir.SHARE_LENGTH))
            .mapToObj(
                i ->
                    Arrays.copyOfRange(all, i * Shamir.SHARE_LENGTH, (i + 1) * Shamir.SHARE_LENGTH))
            .toArray(byte[][]::new);
    int[] points = IntStream.rangeClosed(1, shares.length).toArray();
    refusesBy(
        bytes,
        () -> {
          ShareDecoder.Decoded decoded = new ShareDecoder(points, bytes[0]).decode(shares);
          if (decoded != null) {
            // Each of five limbs is corrected by itself.
            assertThat(decoded.wrong().cardinality())
                .isLessThanOrEqualTo(5 * ((shares.length - bytes[0]) / 2));
          }
        },
        IllegalArgumentException.class);
    refusesBy(
        bytes,
        () -> {
          Signatures.PublicKey key = Signatures.decode(Arrays.copyOf(all, 32));
          if (key != null && all.length > 32) {
            byte[] signature = Arrays.copyOfRange(all, 32, Math.min(all.length, 96));
            boolean one = key.verify(bytes, signature);
            Signatures.Batch batch = new Signatures.Batch();
            batch.add(key, bytes, signature);
            assertThat(batch.wrong().isEmpty()).isEqualTo(one);
          }
        });
  }

  static Stream<byte[]> choices() {
    return Stream.of(
        ByteBuffer.allocate(3 + 20)
            .put(new byte[] {9, 2, 5})
            .put(Choices.encode(new int[] {0, 1, 3, 5, 8}).toByteArray())
            .array(),
        ByteBuffer.allocate(3 + 8).put(new byte[] {9, 2, 2}).putInt(3).putInt(3).array());
  }

  /** The first three bytes are n, the own index and k, the rest is what a member chose. */
  @MethodSource("choices")
  @FuzzTest
  void choice(byte[] bytes) {
    if (bytes.length < 3) {
      return;
    }
    int n = bytes[0] & 0xFF;
    int own = bytes[1] & 0xFF;
    int degree = bytes[2] & 0xFF;
    ByteString encoded = ByteString.copyFrom(bytes, 3, bytes.length - 3);
    refusesBy(
        bytes,
        () -> {
          int[] chosen = Choices.decode(encoded, n, own, degree);
          if (chosen != null) {
            assertThat(chosen).hasSize(degree).doesNotHaveDuplicates().doesNotContain(own);
            assertThat(IntStream.of(chosen).allMatch(i -> i >= 0 && i < n)).isTrue();
            assertThat(Choices.encode(chosen)).isEqualTo(encoded);
          }
        });
  }

  static Stream<byte[]> paths() {
    return IntStream.of(1, 5, 12)
        .mapToObj(
            n -> {
              byte[] path = tree(n).path(n / 2);
              return ByteBuffer.allocate(2 + path.length)
                  .put(new byte[] {(byte) n, (byte) (n / 2)})
                  .put(path)
                  .array();
            });
  }

  private static Merkle tree(int n) {
    return new Merkle(IntStream.range(0, n).mapToObj(i -> new byte[] {(byte) i}).toList());
  }

  /** The first two bytes are n and an index, the rest is a path, right for that leaf alone. */
  @MethodSource("paths")
  @FuzzTest
  void path(byte[] bytes) {
    if (bytes.length < 2 || bytes[0] == 0) {
      return;
    }
    int n = bytes[0] & 0xFF;
    int index = (bytes[1] & 0xFF) % n;
    byte[] path = Arrays.copyOfRange(bytes, 2, bytes.length);
    refusesBy(
        bytes,
        () -> {
          Merkle tree = tree(n);
          byte[] root = Merkle.rootOf(new byte[] {(byte) index}, index, n, path);
          assertThat(Arrays.equals(root, tree.root()))
              .isEqualTo(Arrays.equals(path, tree.path(index)));
          assertThat(Merkle.rootOf(new byte[] {(byte) (index + 1)}, index, n, path))
              .isNotEqualTo(tree.root());
        });
  }

  static Stream<byte[]> kemMessages() {
    MlKem768 pair = MlKem768.fromSeed(new byte[MlKem768.SEED]);
    byte[] ciphertext = new byte[MlKem768.CIPHERTEXT];
    MlKem768.encapsulate(pair.publicKey(), new byte[MlKem768.SECRET], ciphertext, 0);
    return Stream.of(pair.publicKey(), ciphertext, new byte[MlKem768.PUBLIC_KEY]);
  }

  /** A public key, or a ciphertext to a key of ours: by its length. */
  @MethodSource("kemMessages")
  @FuzzTest
  void kem(byte[] bytes) {
    MlKem768 own = MlKem768.fromSeed(new byte[MlKem768.SEED]);
    byte[] ciphertext = new byte[MlKem768.CIPHERTEXT];
    byte[] coins = new byte[MlKem768.SECRET];
    boolean isKey = MlKem768.isPublicKey(bytes);
    refusesBy(
        bytes,
        () -> {
          byte[] secret = MlKem768.encapsulate(bytes, coins, ciphertext, 0);
          assertThat(isKey).isTrue();
          assertThat(secret).hasSize(MlKem768.SECRET);
        },
        IllegalArgumentException.class);
    byte[] honest = MlKem768.encapsulate(own.publicKey(), coins, ciphertext, 0);
    refusesBy(
        bytes,
        () ->
            assertThat(Arrays.equals(own.decapsulate(bytes), honest))
                .isEqualTo(Arrays.equals(bytes, ciphertext)),
        IllegalArgumentException.class);
  }
}
