package dev.tributary.secagg.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.client.Members.Member;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Neighbours;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.QuorumSignature;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignersTest {

  private static final byte[] SID = Labels.sha256(new byte[] {1});

  /** Row 16: an identity that stands in the roster twice signs once; so does this client's own. */
  @Test
  void row16_identityInTwoPlaces_countsOnce() {
    Identity[] identities = new Identity[4];
    for (int i = 0; i < 4; i++) {
      identities[i] = Identity.fromSeed(Seed.of(Labels.sha256(Labels.u32(i))));
    }
    // Places 1 and 2 are one member, 3 is another, 4 is this client's identity again.
    Identity[] places = {
      identities[0], identities[1], identities[1], identities[2], identities[0], identities[3]
    };
    List<AdvertiseKeys> keys = new ArrayList<>();
    List<byte[]> leaves = new ArrayList<>();
    Transcript before = Transcript.of(SID);
    for (int i = 0; i < places.length; i++) {
      keys.add(
          AdvertiseKeys.newBuilder()
              .setIdentityKey(ByteString.copyFrom(places[i].publicKey()))
              .setClientNonce(ByteString.copyFrom(Labels.sha256(Labels.u32(i))))
              .build());
      leaves.add(before.leaf(i, keys.get(i)));
    }
    Merkle tree = new Merkle(leaves);
    Transcript after = before.withRoot(tree.root());
    byte[] signed = after.survivors(new byte[] {63}, new byte[] {63});
    InjectedSa1 suite = new InjectedSa1();
    var parameters = InjectedSa1.parameters(Mode.MALICIOUS, 6, 0, 3, 3, 4, 5);
    SumSession session =
        SumSession.client(
            parameters,
            SID,
            0,
            identities[0],
            null,
            TrustAnchors.trustOnFirstUse().verifier(),
            Schedule.of(SumWorld.START, SumWorld.DEADLINE, suite.steps(parameters)));
    Signatures.PublicKey own = Signatures.decode(identities[0].publicKey());
    Members members =
        new Members(
            after,
            6,
            0,
            Map.of(0, new Member(keys.get(0), own)),
            Neighbours.symmetric(0, new int[] {1, 2, 3}));
    ByteString ownSignature = ByteString.copyFrom(identities[0].signLabelled(signed));
    List<QuorumSignature> all = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      all.add(
          QuorumSignature.newBuilder()
              .setIndex(i)
              .setSignature(ByteString.copyFrom(places[i].signLabelled(signed)))
              .setKeys(keys.get(i))
              .setPath(ByteString.copyFrom(tree.path(i)))
              .build());
    }
    assertThat(new Signers(session, members, signed, ownSignature).valid(all, SumWorld.START))
        .as("itself, 1 or 2, 3, 5")
        .isEqualTo(4);
    assertThat(
            new Signers(session, members, signed, ownSignature)
                .valid(List.of(all.get(1), all.get(3)), SumWorld.START))
        .isEqualTo(2);
  }
}
