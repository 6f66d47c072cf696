package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.crypto.EdgeKeys;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Masks;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.secagg.crypto.ShareBox;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Neighbours;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Neighbour;
import dev.tributary.wire.v1.ShareKeys;
import dev.tributary.wire.v1.Unmask;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a coordinator and its colluding members can find of one member's vector: they read every
 * message, and the colluders' secrets are theirs. It uses all shares that it can open or is given,
 * of both secrets of the victim, and the colluders' halves of its edges.
 */
public final class Eavesdropper {

  private final SumWorld world;
  private final int victim;
  private final int[] colluders;
  private final Map<Integer, Seed> invented = new HashMap<>();
  private final AdvertiseKeys[] keys;
  private final List<Integer> neighbours = new ArrayList<>();
  private final Map<Integer, List<Unmask>> answers = new TreeMap<>();
  private byte[] root = new byte[0];
  private BitSet sharers = new BitSet();
  private @Nullable ShareKeys dealt;
  private byte @Nullable [] masked;

  public Eavesdropper(SumWorld world, int victim, int... colluders) {
    this.world = world;
    this.victim = victim;
    this.colluders = colluders;
    this.keys = new AdvertiseKeys[world.parameters.clients()];
  }

  /** Reads along in a network. */
  public SumWorld.Network in(SumWorld.Network network) {
    return (from, send) -> {
      List<Effect.Send> carried = network.carry(from, send);
      if (from >= 0) {
        sent(from, send);
      } else {
        carried.stream().filter(one -> one.to() == victim).forEach(one -> shown(one.message()));
      }
      return carried;
    };
  }

  /** Takes in what a lying coordinator shows the victim beside the network. */
  public void shown(Envelope message) {
    if (message.hasRoster()) {
      root = message.getRoster().getRoot().toByteArray();
      for (int i = 0; i < message.getRoster().getMembersCount(); i++) {
        keys[i] = message.getRoster().getMembers(i);
        if (i != victim) {
          neighbours.add(i);
        }
      }
      message.getRoster().getNeighboursList().forEach(this::neighbour);
    } else if (message.hasNeighbours()) {
      message.getNeighbours().getMembersList().forEach(this::neighbour);
    } else if (message.hasShares()) {
      sharers = Bitmap.decode(message.getShares().getSharers(), keys.length);
    }
  }

  private void neighbour(Neighbour one) {
    neighbours.add(one.getIndex());
  }

  private void sent(int from, Effect.Send send) {
    Envelope message = send.message();
    if (message.hasAdvertiseKeys()) {
      keys[from] = message.getAdvertiseKeys();
    } else if (from == victim && message.hasShareKeys()) {
      dealt = message.getShareKeys();
    } else if (from == victim && message.hasMaskedInput()) {
      masked = Bend.bytes(send.body());
    }
    answered(from, message);
  }

  /** Takes in what a member answers, if this is an answer. */
  public void answered(int from, Envelope message) {
    if (message.hasUnmask()) {
      answers.computeIfAbsent(from, holder -> new ArrayList<>()).add(message.getUnmask());
    }
  }

  /** What a member advertised. */
  public AdvertiseKeys keys(int member) {
    return keys[member];
  }

  /** The victim's own input, or null if what was seen does not give it. */
  public int @Nullable [] vector(int[] holders) {
    byte @Nullable [] selfSeed = secret(holders, false);
    if (masked == null || selfSeed == null) {
      return null;
    }
    Transcript after = Transcript.of(world.sid).withRoot(root);
    EdgeKeys edgeKeys = new EdgeKeys(after);
    List<Masks.Mask> masks = new ArrayList<>();
    masks.add(new Masks.Mask(edgeKeys.self(selfSeed, victim), false));
    byte @Nullable [] maskSeed = secret(holders, true);
    for (int j : neighbours) {
      if (!sharers.get(j)) {
        continue;
      }
      byte[] edge = edge(after, edgeKeys, j, maskSeed);
      if (edge == null) {
        return null;
      }
      masks.add(new Masks.Mask(edge, j > victim)); // the opposite of its own sign
    }
    int bits = world.parameters.ringBits();
    int[] vector = new int[world.parameters.length()];
    RingPacking.unpack(masked, 0, vector, 0, vector.length, bits);
    Masks.apply(masks, vector, 0, vector.length);
    for (int e = 0; e < vector.length; e++) {
      vector[e] &= RingVector.mask(bits);
    }
    return vector;
  }

  /** The key of the edge between the victim and j, from either end's mask secret. */
  private byte @Nullable [] edge(
      Transcript after, EdgeKeys edgeKeys, int j, byte @Nullable [] maskSeed) {
    BitSet one = new BitSet();
    if (maskSeed != null) {
      one.set(j);
      byte[] secret = after.maskSecret(maskSeed, keys[victim].getIdentityKey().toByteArray());
      byte[][] theirs = {keys[j].getMaskKey().toByteArray()};
      return edgeKeys.edges(secret, victim, one, theirs, null)[0];
    }
    for (int colluder : colluders) {
      if (colluder == j) {
        one.set(victim);
        byte[] seed = secrets(j).maskSeed;
        byte[] secret = after.maskSecret(seed, keys[j].getIdentityKey().toByteArray());
        byte[][] theirs = {keys[victim].getMaskKey().toByteArray()};
        return edgeKeys.edges(secret, j, one, theirs, null)[0];
      }
    }
    return null;
  }

  private ClientSecrets secrets(int colluder) {
    Seed seed = invented.get(colluder);
    return new ClientSecrets(seed == null ? ((Event.Start) world.start(colluder)).seed() : seed);
  }

  /** The keys of a member with secrets of the coordinator's own in place of its own. */
  public AdvertiseKeys invented(int member) {
    return invented(member, keys[member].getIdentityKey());
  }

  /** The keys of somebody who does not exist, with its right signature. */
  public AdvertiseKeys sybil(int member) {
    Identity identity = Identity.fromSeed(Seed.of(new byte[Seed.LENGTH]).derive("sybil", member));
    AdvertiseKeys unsigned = invented(member, ByteString.copyFrom(identity.publicKey()));
    byte[] signed = Transcript.of(world.sid).advertise(unsigned);
    ByteString signature = ByteString.copyFrom(identity.signLabelled(signed));
    return unsigned.toBuilder().setSignature(signature).build();
  }

  private AdvertiseKeys invented(int member, ByteString identityKey) {
    Seed seed = Seed.of(new byte[Seed.LENGTH]).derive("invented", member);
    invented.put(member, seed);
    ClientSecrets secrets = new ClientSecrets(seed);
    byte[] maskSecret =
        Transcript.of(world.sid).maskSecret(secrets.maskSeed, identityKey.toByteArray());
    return keys[member].toBuilder()
        .setIdentityKey(identityKey)
        .setChannelKey(ByteString.copyFrom(KeyAgreement.publicKey(secrets.channelSecret)))
        .setMaskKey(ByteString.copyFrom(KeyAgreement.publicKey(maskSecret)))
        .build();
  }

  /** What an invented member seals for the victim, under the roster that the victim was shown. */
  public ByteString sealed(int member) {
    Map<Integer, Members.Member> known = new HashMap<>();
    for (int i = 0; i < keys.length; i++) {
      known.put(i, member(i));
    }
    Neighbours graph = Neighbours.complete(keys.length, member);
    Transcript after = Transcript.of(world.sid).withRoot(root);
    Members members = new Members(after, keys.length, member, known, graph);
    Dealer dealer = new Dealer(secrets(member), members, world.parameters);
    dealer.deal();
    int at = 100 * graph.place(victim);
    return dealer.dealt().getCiphertexts().substring(at, at + 100);
  }

  /** The victim's mask seed or self-mask seed, if t shares of it are known. */
  private byte @Nullable [] secret(int[] holders, boolean maskSeed) {
    Map<Integer, byte[]> shares = new TreeMap<>();
    for (int colluder : colluders) {
      byte[] pair = opened(holders, colluder);
      if (pair != null) {
        byte[] share = new byte[Shamir.SHARE_LENGTH];
        System.arraycopy(pair, maskSeed ? 4 : 4 + share.length, share, 0, share.length);
        shares.put(colluder + 1, share);
      }
    }
    answers.forEach(
        (holder, given) -> {
          for (Unmask answer : given) {
            ByteString dealers =
                maskSeed ? answer.getMaskSeedDealers() : answer.getSelfMaskDealers();
            ByteString all = maskSeed ? answer.getMaskSeedShares() : answer.getSelfMaskShares();
            BitSet named = Bitmap.decode(dealers, keys.length);
            if (named.get(victim)) {
              int at = Shamir.SHARE_LENGTH * named.get(0, victim).cardinality();
              shares.put(holder + 1, all.substring(at, at + Shamir.SHARE_LENGTH).toByteArray());
            }
          }
        });
    int threshold = world.parameters.threshold();
    if (shares.size() < threshold) {
      return null;
    }
    int[] points = shares.keySet().stream().mapToInt(x -> x).limit(threshold).toArray();
    byte[][] some = shares.values().stream().limit(threshold).toArray(byte[][]::new);
    return Shamir.combine(Shamir.weights(points), some);
  }

  /** The pair of shares that the victim sealed for a colluder, if it did. */
  private byte @Nullable [] opened(int[] holders, int colluder) {
    int place = java.util.Arrays.binarySearch(holders, colluder);
    if (dealt == null || place < 0 || dealt.getCiphertexts().size() < 100 * (place + 1)) {
      return null;
    }
    Transcript after = Transcript.of(world.sid).withRoot(root);
    Map<Integer, Members.Member> known = new HashMap<>();
    known.put(victim, member(victim));
    known.put(colluder, member(colluder));
    Members members =
        new Members(
            after,
            keys.length,
            colluder,
            known,
            Neighbours.symmetric(colluder, new int[] {victim}));
    Channels channels = new Channels(secrets(colluder), members, false);
    BitSet one = new BitSet();
    one.set(victim);
    channels.agree(one);
    byte[] sealed = dealt.getCiphertexts().substring(100 * place, 100 * place + 100).toByteArray();
    byte[] plaintext = new byte[ShareBox.PLAINTEXT];
    byte[] data =
        after.shareData(victim, colluder, world.parameters.threshold(), colluder + 1, new byte[0]);
    return new ShareBox().open(channels.incoming(victim, sealed, 0), data, sealed, 0, plaintext)
        ? plaintext
        : null;
  }

  private Members.Member member(int index) {
    byte[] identity = keys[index].getIdentityKey().toByteArray();
    return new Members.Member(keys[index], Signatures.decode(identity));
  }
}
