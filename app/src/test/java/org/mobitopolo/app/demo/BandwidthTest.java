// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class BandwidthTest {

  /** 1000 bytes a second for 10 s, nothing for 2 s, then 10000 bytes a second for 5 s. */
  private static final Bandwidth STEP =
      new Bandwidth(
          List.of(
              new Sample(0, 0),
              new Sample(5, 5000),
              new Sample(10, 10_000),
              new Sample(12, 10_000),
              new Sample(17, 60_000),
              new Sample(18, 60_000)));

  @Test
  void ratesAreKilobitsASecond() {
    assertThat(STEP.kbps(0, 10)).isEqualTo(8, within(1e-9));
    assertThat(STEP.kbps(12, 17)).isEqualTo(80, within(1e-9));
  }

  @Test
  void aRateNeedsTwoSamples() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> STEP.kbps(6, 9))
        .withMessageContaining("too little");
    assertThatIllegalArgumentException().isThrownBy(() -> new Bandwidth(List.of()).kbps(0, 1));
  }

  @Test
  void theEndIsWhenTheLastByteHadArrived() {
    assertThat(STEP.end()).isEqualTo(17);
  }

  @Test
  void theLongestGapIsFromGrowthToGrowth() {
    assertThat(STEP.longestGap()).isEqualTo(7);
    assertThat(
            new Bandwidth(
                    List.of(
                        new Sample(0, 0), new Sample(9, 0), new Sample(10, 5), new Sample(11, 9)))
                .longestGap())
        .isEqualTo(1);
  }

  @Test
  void slicesShareOutAllBytes() {
    List<Double> rates = STEP.slices(34, 17);
    assertThat(rates).hasSize(34);
    assertThat(rates.getFirst()).isEqualTo(8, within(1e-9));
    assertThat(rates.get(21)).isZero();
    assertThat(rates.getLast()).isEqualTo(80, within(1e-9));
    assertThat(rates.stream().mapToDouble(rate -> rate * 1000 / 8 * 0.5).sum())
        .isEqualTo(60_000, within(1e-6));
  }
}
