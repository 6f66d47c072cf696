package dev.tributary.simulation.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.cli.ErrorCode;
import org.junit.jupiter.api.Test;

/** What the command prints; how fast it is, no test says. */
final class PrivacyBenchTest {
  @Test
  void privacy_printsRatesAndRatios() {
    CommandRun run = CommandRun.of("bench", "privacy", "--length", "2000", "--turns", "1");
    String[] lines = run.succeeded().out().split("\\R");
    assertThat(lines).hasSize(8);
    assertThat(lines[6]).matches("ledger, after 100 rounds +[0-9.]+ ms");
    assertThat(lines[7])
        .matches("ledger, after 10,000 rounds +[0-9.]+ ms +[0-9.]+ times that after 100");
    assertThat(lines[0]).matches("SecureRandom.nextGaussian +[0-9.]+ M/s");
    assertThat(lines[1]).matches("AES-256-CTR, 64-bit words +[0-9.]+ M/s");
    assertThat(lines[2])
        .matches("discrete Gaussian, sigma 10\\^4 +[0-9.]+ M/s +[0-9.]+ times nextGaussian");
    assertThat(lines[3])
        .matches("discrete Gaussian, sigma 10\\^6 +[0-9.]+ M/s +[0-9.]+ times nextGaussian");
    assertThat(lines[4]).matches("noise of 2,048 integers +[0-9.]+ ms");
    assertThat(lines[5]).matches("encode 2,000 floats +[0-9.]+ ms +[0-9.]+ times its noise");
  }

  @Test
  void privacy_lengthThatIsNone_isMisuse() {
    CommandRun.of("bench", "privacy", "--length", "0").failedWith(ErrorCode.USAGE);
  }
}
