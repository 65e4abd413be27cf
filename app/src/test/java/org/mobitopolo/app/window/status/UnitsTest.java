// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "900, 900 B",
    "1536, 1.5 KiB",
    "1048576, 1 MiB",
    "128000000, 122 MiB",
    "-5, 0 B"
  })
  void bytes(double value, String text) {
    assertThat(Units.bytes(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 bit/s",
    "15, 120 bit/s",
    "98700, 790 kbit/s",
    "124999, 1 Mbit/s",
    "1250000, 10 Mbit/s"
  })
  void bitRatesAreOfBytesASecond(double value, String text) {
    assertThat(Units.bitRate(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.5 ms", "24.3, 24.3 ms", "339.8, 340 ms", "9840, 9.84 s", "125000, 2 min 5 s"})
  void milliseconds(double value, String text) {
    assertThat(Units.milliseconds(value)).isEqualTo(text);
  }
}
