package dev.tributary.secagg.crypto;

import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.ShareKeys;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Everything that one session signs, hashes, binds or derives under a label (section 6), once.
 * Before the roster exists the root is empty; {@link #withRoster} gives the rest.
 */
public final class Transcript {

  private static final byte[] NO_ROOT = new byte[0];

  private final byte[] sid;
  private final byte[] root;

  private Transcript(byte[] sid, byte[] root) {
    this.sid = sid;
    this.root = root;
  }

  /** The transcript of a session, before its roster. */
  public static Transcript of(byte[] sid) {
    return new Transcript(sid.clone(), NO_ROOT);
  }

  /** The transcript from the roster on, where all its members are known. */
  public Transcript withRoster(List<AdvertiseKeys> members) {
    List<byte[]> leaves = new ArrayList<>(members.size());
    for (int i = 0; i < members.size(); i++) {
      leaves.add(leaf(i, members.get(i)));
    }
    return withRoot(Merkle.root(leaves));
  }

  /** The transcript from the roster on, 32 bytes of which are its root. */
  public Transcript withRoot(byte[] rosterRoot) {
    return new Transcript(sid, rosterRoot.clone());
  }

  /** The root of the roster, 32 bytes. */
  public byte[] root() {
    return root.clone();
  }

  /** HKDF of the mask keys, which exist before the roster: salt = sid. */
  public Hkdf beforeRoster() {
    return new Hkdf(sid);
  }

  /** HKDF of everything after the roster: salt = rosterRoot. */
  public Hkdf afterRoster() {
    return new Hkdf(root);
  }

  /**
   * R0 signature: "sa1/adv" | sid | idPk | encPk | maskPk | [encKem | maskKem] | bCommit |
   * clientNonce, the two ML-KEM keys in a post-quantum session.
   */
  public byte[] advertise(AdvertiseKeys keys) {
    return Labels.message(
        "sa1/adv",
        sid,
        keys.getIdentityKey().toByteArray(),
        keys.getChannelKey().toByteArray(),
        keys.getMaskKey().toByteArray(),
        keys.getChannelKemKey().toByteArray(),
        keys.getMaskKemKey().toByteArray(),
        keys.getSelfCommitment().toByteArray(),
        keys.getClientNonce().toByteArray());
  }

  /** bCommit = SHA-256("sa1/bcommit" | sid | idPk | clientNonce | b). */
  public byte[] selfCommitment(byte[] identityKey, byte[] clientNonce, byte[] selfSeed) {
    byte[] message = Labels.message("sa1/bcommit", sid, identityKey, clientNonce, selfSeed);
    byte[] commitment = Labels.sha256(message);
    Arrays.fill(message, (byte) 0);
    return commitment;
  }

  /** The X25519 secret of a mask seed: HKDF(salt sid, maskSeed, "sa1/mask-x25519" | idPk). */
  public byte[] maskSecret(byte[] maskSeed, byte[] identityKey) {
    Hkdf hkdf = beforeRoster();
    byte[] info = Labels.message("sa1/mask-x25519", identityKey);
    byte[] secret = hkdf.derive(maskSeed, info, KeyAgreement.LENGTH);
    hkdf.wipe();
    return secret;
  }

  /**
   * A leaf of the roster: "sa1/roster-leaf" | sid | i | idPk | encPk | maskPk | [encKem | maskKem]
   * | bCommit | clientNonce.
   */
  public byte[] leaf(int i, AdvertiseKeys keys) {
    return Labels.message(
        "sa1/roster-leaf",
        sid,
        Labels.u32(i),
        keys.getIdentityKey().toByteArray(),
        keys.getChannelKey().toByteArray(),
        keys.getMaskKey().toByteArray(),
        keys.getChannelKemKey().toByteArray(),
        keys.getMaskKemKey().toByteArray(),
        keys.getSelfCommitment().toByteArray(),
        keys.getClientNonce().toByteArray());
  }

  /**
   * The leaf of a slot of a sparse graph that has not advertised: "sa1/roster-absent" | sid | i.
   */
  public byte[] absentLeaf(int i) {
    return Labels.message("sa1/roster-absent", sid, Labels.u32(i));
  }

  /** Key of the permutation of the ring lattice: SHA-256("sa1/graph" | sid | rosterRoot). */
  public byte[] graphKey() {
    return Labels.hash("sa1/graph", sid, root);
  }

  /** R1a signature: "sa1/choice" | sid | rosterRoot | u32 of each chosen index, ascending. */
  public byte[] choice(byte[] indices) {
    return Labels.message("sa1/choice", sid, root, indices);
  }

  /** The ML-KEM key pair of a mask seed: HKDF(salt sid, maskSeed, "sa1/mask-mlkem-seed" | idPk). */
  public MlKem768 maskKem(byte[] maskSeed, byte[] identityKey) {
    return kem(maskSeed, "sa1/mask-mlkem-seed", identityKey);
  }

  /** The ML-KEM key pair of the channels: HKDF(salt sid, seed, "sa1/chan-mlkem-seed" | idPk). */
  public MlKem768 channelKem(byte[] channelKemSeed, byte[] identityKey) {
    return kem(channelKemSeed, "sa1/chan-mlkem-seed", identityKey);
  }

  private MlKem768 kem(byte[] secret, String label, byte[] identityKey) {
    Hkdf hkdf = beforeRoster();
    byte[] seed = hkdf.derive(secret, Labels.message(label, identityKey), MlKem768.SEED);
    hkdf.wipe();
    MlKem768 pair = MlKem768.fromSeed(seed);
    Arrays.fill(seed, (byte) 0);
    return pair;
  }

  /** Coins of the mask ciphertext to j: HKDF(salt rosterRoot, maskSeed, "sa1/kem-encaps" | j). */
  public byte[] maskCoins(byte[] maskSeed, int j) {
    return coins(maskSeed, "sa1/kem-encaps", j);
  }

  /** Coins of the channel ciphertext to j: HKDF(salt rosterRoot, seed, "sa1/chan-encaps" | j). */
  public byte[] channelCoins(byte[] channelKemSeed, int j) {
    return coins(channelKemSeed, "sa1/chan-encaps", j);
  }

  private byte[] coins(byte[] secret, String label, int j) {
    Hkdf hkdf = afterRoster();
    byte[] coins = hkdf.derive(secret, Labels.message(label, Labels.u32(j)), MlKem768.SECRET);
    hkdf.wipe();
    return coins;
  }

  /**
   * Info of the key from src to dst: "sa1/chan" | sid | src | dst | [SHA-256(ciphertext)].
   *
   * @param ciphertextSha256 of src's channel ciphertext to dst; empty without ML-KEM
   */
  public byte[] channelInfo(int src, int dst, byte[] ciphertextSha256) {
    return Labels.message("sa1/chan", sid, Labels.u32(src), Labels.u32(dst), ciphertextSha256);
  }

  /**
   * Info of an edge seed: "sa1/mask" | sid | lo | hi | [SHA-256(ciphertext)].
   *
   * @param ciphertextSha256 of lo's mask ciphertext to hi; empty without ML-KEM
   */
  public byte[] edgeInfo(int i, int j, byte[] ciphertextSha256) {
    return Labels.message(
        "sa1/mask", sid, Labels.u32(Math.min(i, j)), Labels.u32(Math.max(i, j)), ciphertextSha256);
  }

  /** Info of the seed of a self mask: "sa1/self" | sid | i. */
  public byte[] selfInfo(int i) {
    return Labels.message("sa1/self", sid, Labels.u32(i));
  }

  /** Info of an AES key of a mask: "sa1/prg" | sid | vecId. */
  public byte[] prgInfo(int vector) {
    return Labels.message("sa1/prg", sid, Labels.u32(vector));
  }

  /**
   * AAD of a pair of shares: "sa1/share" | sid | rosterRoot | src | dst | t | x | [SHA-256(mask
   * ciphertext)].
   *
   * @param ciphertextSha256 of src's mask ciphertext to dst; empty without one
   */
  public byte[] shareData(int src, int dst, int threshold, int x, byte[] ciphertextSha256) {
    return Labels.message(
        "sa1/share",
        sid,
        root,
        Labels.u32(src),
        Labels.u32(dst),
        Labels.u32(threshold),
        Labels.u32(x),
        ciphertextSha256);
  }

  /**
   * R1 signature: "sa1/shares" | sid | rosterRoot | SHA-256(all ciphertexts), those of the shares
   * before those of the masks.
   */
  public byte[] shares(ShareKeys shares) {
    MessageDigest sha = Labels.newSha256();
    sha.update(shares.getCiphertexts().asReadOnlyByteBuffer());
    sha.update(shares.getMaskCiphertexts().asReadOnlyByteBuffer());
    return Labels.message("sa1/shares", sid, root, sha.digest());
  }

  /** R2 signature: "sa1/input" | sid | rosterRoot | SHA-256(U2) | SHA-256(packed vector). */
  public byte[] input(byte[] sharers, byte[] packedSha256) {
    return Labels.message("sa1/input", sid, root, Labels.sha256(sharers), packedSha256);
  }

  /** R3 signature: "sa1/survivors" | sid | rosterRoot | SHA-256(U2) | SHA-256(U3). */
  public byte[] survivors(byte[] sharers, byte[] survivors) {
    return Labels.message(
        "sa1/survivors", sid, root, Labels.sha256(sharers), Labels.sha256(survivors));
  }

  /**
   * A leaf of the commitment of a sampled quorum: "sa1/slot" | sid | rosterRoot | i | signature,
   * which is empty where member i has not signed.
   */
  public byte[] slotLeaf(int i, byte[] signature) {
    return Labels.message("sa1/slot", sid, root, Labels.u32(i), signature);
  }

  /** The receipt: SHA-256("sa1/receipt" | sid | salt | U3). */
  public byte[] receipt(byte[] salt, byte[] survivors) {
    return Labels.hash("sa1/receipt", sid, salt, survivors);
  }
}
