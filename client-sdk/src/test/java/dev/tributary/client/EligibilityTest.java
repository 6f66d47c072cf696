package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
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
  void freeMemory_isWhatTheMachineAndTheHeapHaveLeft() throws IOException {
    Path meminfo = supplies.resolve("meminfo");
    Files.writeString(meminfo, "MemTotal:  100 kB\nMemAvailable:      3 kB\nCached: 7 kB\n");
    assertThat(new FreeMemory(meminfo).available()).isEqualTo(3072);
    long unused = Runtime.getRuntime().maxMemory();
    assertThat(new FreeMemory(meminfo).bytes()).isLessThanOrEqualTo(3072 + unused);
    assertThat(new FreeMemory(supplies.resolve("none")).available()).isEqualTo(Long.MAX_VALUE);
    assertThat(new FreeMemory(supplies.resolve("none")).bytes()).isBetween(1L, unused);
    assertThat(Eligibility.freeMemory(1).mayTrain()).isTrue();
    assertThat(Eligibility.freeMemory(Long.MAX_VALUE).mayTrain()).isFalse();
  }

  @Test
  void between_twoTimesOfTheDay_alsoPastMidnight() {
    assertThat(between("08:00", "17:00", "12:00")).isTrue();
    assertThat(between("08:00", "17:00", "08:00")).isTrue();
    assertThat(between("08:00", "17:00", "17:00")).isFalse();
    assertThat(between("22:00", "06:00", "23:00")).isTrue();
    assertThat(between("22:00", "06:00", "05:59")).isTrue();
    assertThat(between("22:00", "06:00", "12:00")).isFalse();
  }

  private static boolean between(String from, String to, String now) {
    Clock clock = Clock.fixed(Instant.parse("2026-01-01T" + now + ":00Z"), ZoneOffset.UTC);
    return Eligibility.between(LocalTime.parse(from), LocalTime.parse(to), clock).mayTrain();
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
