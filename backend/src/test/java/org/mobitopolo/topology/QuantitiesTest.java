// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {

  @ParameterizedTest
  @CsvSource({
    "85ms,85000",
    "250us,250",
    "250µs,250",
    "1.5s,1500000",
    "0ms,0",
    "0.001ms,1",
    "' 2 s ',2000000"
  })
  void durationsAreRead(String text, long micros) {
    assertThat(Quantities.toMicros(Quantities.parseDuration(text))).isEqualTo(micros);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 250, 999, 1000, 1001, 85_000, 999_999, 1_000_000, 1_500_001, 60_000_000})
  void durationsSurviveWritingAndReading(long micros) {
    Duration duration = Duration.ofNanos(micros * 1000);
    assertThat(Quantities.parseDuration(Quantities.format(duration))).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({"85000,85ms", "250,250us", "1500000,1.5s", "1500,1.5ms", "0,0ms"})
  void durationsAreWrittenInTheLargestUnitThatFits(long micros, String text) {
    assertThat(Quantities.format(Duration.ofNanos(micros * 1000))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "85", "ms", "-1ms", "1e3ms", "85 m", "1.5us", "1,5s", "99999999999s", "0x10s"})
  void whatIsNoDurationIsRefusedWithTheRightForm(String text) {
    refused(Quantities::parseDuration, text);
  }

  @ParameterizedTest
  @CsvSource({
    "8Mbit,8000000",
    "64kbit,64000",
    "1Gbit,1000000000",
    "1.5mbit,1500000",
    "300bit,300",
    "2Tbit,2000000000000",
    "unlimited,0"
  })
  void ratesAreRead(String text, long bitsPerSecond) {
    assertThat(Rate.parse(text).bitsPerSecond()).isEqualTo(bitsPerSecond);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 999, 1000, 1001, 1_500_000, 8_000_000, 123_456_789, 10_000_000_000L})
  void ratesSurviveWritingAndReading(long bitsPerSecond) {
    assertThat(Rate.parse(new Rate(bitsPerSecond).toString())).isEqualTo(new Rate(bitsPerSecond));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "8", "8M", "8MB", "-8Mbit", "0.5bit", "8 Mbit x", "99999999999999Tbit"})
  void whatIsNoRateIsRefusedWithTheRightForm(String text) {
    refused(Rate::parse, text);
  }

  @Test
  void theLowerRateWinsAndUnlimitedIsTheHighest() {
    assertThat(Rate.UNLIMITED.min(new Rate(5))).isEqualTo(new Rate(5));
    assertThat(new Rate(5).min(Rate.UNLIMITED)).isEqualTo(new Rate(5));
    assertThat(new Rate(7).min(new Rate(5))).isEqualTo(new Rate(5));
    assertThat(Rate.UNLIMITED.min(Rate.UNLIMITED)).isEqualTo(Rate.UNLIMITED);
  }

  @ParameterizedTest
  @CsvSource({
    "64MiB,67108864",
    "1GiB,1073741824",
    "1.5KiB,1536",
    "100B,100",
    "0B,0",
    "2 TiB,2199023255552",
    "64mib,67108864"
  })
  void sizesAreRead(String text, long bytes) {
    assertThat(Size.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1023, 1024, 1536, 67_108_864, 67_108_865, 1L << 40})
  void sizesSurviveWritingAndReading(long bytes) {
    assertThat(Size.parse(new Size(bytes).toString())).isEqualTo(new Size(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "64", "64M", "64MB", "-1B", "0.3B", "9999999999999TiB"})
  void whatIsNoSizeIsRefusedWithTheRightForm(String text) {
    refused(Size::parse, text);
  }

  @Test
  void mebibytesAreRoundedUp() {
    assertThat(Size.ofMiB(64).toMiB()).isEqualTo(64);
    assertThat(new Size((64L << 20) + 1).toMiB()).isEqualTo(65);
  }

  @ParameterizedTest
  @CsvSource({"0.5%,0.005", "100%,1", "0%,0", "33.3 %,0.333"})
  void probabilitiesAreRead(String text, double probability) {
    assertThat(Quantities.parseProbability(text)).isEqualTo(probability);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 0.005, 0.333, 0.000001, 0.1, 0.07})
  void probabilitiesSurviveWritingAndReading(double probability) {
    assertThat(Quantities.parseProbability(Quantities.formatProbability(probability)))
        .isEqualTo(probability);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0.5", "101%", "-1%", "100.0001%", "%"})
  void whatIsNoProbabilityIsRefusedWithTheRightForm(String text) {
    refused(Quantities::parseProbability, text);
  }

  private static void refused(Function<String, ?> parser, String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parser.apply(text))
        .withMessageContaining("\"" + text + "\"")
        .withMessageEndingWith(".");
  }
}
