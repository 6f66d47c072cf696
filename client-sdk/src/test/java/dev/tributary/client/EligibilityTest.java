package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EligibilityTest {
  @TempDir Path supplies;

  private void supply(String name, String type, String status) throws IOException {
    Path directory = Files.createDirectory(supplies.resolve(name));
    Files.writeString(directory.resolve("type"), type + "\n");
    if (!status.isEmpty()) {
      Files.writeString(directory.resolve("status"), status + "\n");
    }
  }

  @Test
  void charging_isNoOnlyWhileABatteryDischarges() throws IOException {
    Power power = new Power(supplies);
    assertThat(power.charging()).isTrue();
    supply("AC", "Mains", "");
    supply("BAT0", "Battery", "Full");
    assertThat(power.charging()).isTrue();
    supply("BAT1", "Battery", "Discharging");
    assertThat(power.charging()).isFalse();
  }

  @Test
  void charging_whereNothingTells_isYes() {
    assertThat(new Power(supplies.resolve("none")).charging()).isTrue();
  }

  @Test
  void unmetered_isNoOnlyOnMobileNetworksAlone() {
    assertThat(Network.unmetered(List.of("eth0"))).isTrue();
    assertThat(Network.unmetered(List.of("wwan0"))).isFalse();
    assertThat(Network.unmetered(List.of("rmnet_data0", "ppp0"))).isFalse();
    assertThat(Network.unmetered(List.of("wwan0", "wlan0"))).isTrue();
    assertThat(Network.unmetered(List.of())).isTrue();
  }

  @Test
  void conditions_combine() {
    Eligibility yes = Eligibility.always();
    Eligibility no = () -> false;
    assertThat(yes.and(no).mayTrain()).isFalse();
    assertThat(yes.or(no).mayTrain()).isTrue();
    assertThat(Eligibility.charging().and(Eligibility.unmeteredNetwork()).or(yes).mayTrain())
        .isTrue();
  }
}
