package dev.tributary.simulation.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlTest {
  @ParameterizedTest
  @CsvSource({
    "0,0.0 s",
    "119.94,119.9 s",
    "120,2 min 00 s",
    "7199.4,119 min 59 s",
    "7199.6,2 h 00 min",
    "73964,20 h 33 min",
    "172799,2 days 0 h",
    "1e7,115 days 17 h"
  })
  void seconds_haveTheUnitsThatFit(double seconds, String words) {
    assertThat(Html.seconds(seconds)).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0.0000",
        "-0.37851|-0.3785",
        "0.000012345|1.235e-05",
        "99.99999|100.0000",
        "193090.4|193,090.4",
        "-38200000000|-3.820e+10"
      })
  void figures_haveFourDigitsThatSaySomething(double value, String words) {
    assertThat(Html.figure(value)).isEqualTo(words);
  }
}
