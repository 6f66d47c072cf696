package dev.tributary.secagg.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.crypto.Masks;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.Wiped;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Row 22: secrets are wiped, and nothing that is printed holds one. */
class ClientSecretsTest {

  private static final byte[] NOTHING = new byte[32];

  @Test
  void row22_toString_anywhere_showsNoSecret() {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) 0xA5);
    String hex = HexFormat.of().formatHex(bytes, 0, 4);
    Seed seed = Seed.of(bytes);
    ClientSecrets secrets = new ClientSecrets(seed);
    Holdings holdings = new Holdings(0, bytes.clone());
    for (Object holder :
        new Object[] {
          seed, secrets, holdings, Identity.fromSeed(seed), new Masks.Mask(bytes.clone(), true)
        }) {
      assertThat(holder.toString())
          .doesNotContainIgnoringCase(hex)
          .doesNotContain("-91")
          .doesNotContain("[B@");
    }
    assertThat(secrets.toString()).contains("redacted");
    assertThat(holdings.toString()).contains("redacted");
  }

  @Test
  void row22_destroy_wipesEverySecret() {
    ClientSecrets secrets = new ClientSecrets(Seed.of(new byte[32]));
    assertThat(secrets.maskSeed).isNotEqualTo(NOTHING).isNotEqualTo(secrets.selfSeed);
    secrets.wipeAfterSharing();
    assertThat(secrets.channelSecret).isEqualTo(NOTHING);
    assertThat(secrets.coefficientKey).isEqualTo(NOTHING);
    assertThat(secrets.maskSeed).isNotEqualTo(NOTHING);
    assertThat(secrets.choiceKey).isEqualTo(NOTHING);
    secrets.wipeAfterMasking();
    assertThat(secrets.maskSeed).isEqualTo(NOTHING);
    assertThat(secrets.selfSeed).isEqualTo(NOTHING);
    assertThat(secrets.sampleKey).isNotEqualTo(NOTHING);
    secrets.destroy();
    assertThat(secrets.sampleKey).isEqualTo(NOTHING);
  }

  /** At whatever point a session ends; the nonce is public. */
  @Test
  void row22_destroyAtOnce_wipesEverySecret() {
    ClientSecrets secrets = new ClientSecrets(Seed.of(new byte[32]));
    String[] all = {
      "channelSecret",
      "channelKemSeed",
      "maskSeed",
      "selfSeed",
      "coefficientKey",
      "choiceKey",
      "sampleKey"
    };
    Wiped.assertNotZero(secrets, all);
    assertThat(ClientSecrets.class.getDeclaredFields())
        .filteredOn(field -> field.getType() == byte[].class)
        .as("these and the nonce")
        .hasSize(all.length + 1);
    secrets.destroy();
    Wiped.assertZero(secrets, all);
    secrets = new ClientSecrets(Seed.of(new byte[32]));
    secrets.wipeAfterMasking();
    Wiped.assertZero(secrets, Arrays.copyOf(all, 6));
  }

  @Test
  void row22_machine_onceItsInputIsSent_holdsNoSecret() throws Exception {
    SumParameters p = SumParameters.derive("sa1", Mode.CURIOUS, 4, 0, 0, 2, 0, 8, 5);
    SumWorld world = new SumWorld(new Sa1(), p, 1);
    world.run();
    for (Machine client : world.clients) {
      ClientSecrets secrets = secrets(client);
      assertThat(secrets.maskSeed).isEqualTo(NOTHING);
      assertThat(secrets.selfSeed).isEqualTo(NOTHING);
      assertThat(secrets.channelSecret).isEqualTo(NOTHING);
      assertThat(secrets.sampleKey).isEqualTo(NOTHING);
    }
  }

  @Test
  void row22_machine_stopped_holdsNoSecret() throws Exception {
    SumParameters p = SumParameters.derive("sa1", Mode.CURIOUS, 4, 0, 0, 2, 0, 8, 5);
    SumWorld world = new SumWorld(new Sa1(), p, 1);
    Machine client = world.clients[0];
    client.on(SumWorld.START, new Event.Start(Seed.of(new byte[32])));
    assertThat(secrets(client).maskSeed).isNotEqualTo(NOTHING);
    client.on(SumWorld.START, new Event.Stop("over"));
    assertThat(secrets(client).maskSeed).isEqualTo(NOTHING);
  }

  private static ClientSecrets secrets(Machine client) throws Exception {
    Field field = SumClient.class.getDeclaredField("state");
    field.setAccessible(true);
    return ((ClientState) field.get(client)).secrets;
  }
}
