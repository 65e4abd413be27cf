// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LinkMeterTest {
  private final LinkMeter meter = new LinkMeter();

  private void report(String instance, long atUs, long txBytes, long aliveUs) {
    JsonNode event =
        JsonMapper.shared()
            .readTree(
                """
                {"event":"links","instance":"%s","atUs":%d,"links":[{"nic":0,"link":"l1","txFrames":%d,"txBytes":%d,"rxFrames":0,"rxBytes":0,
                 "drops":{"queue":2,"loss":3},"rttUs":1500,"peer":"127.0.0.1:1","aliveUs":%d}]}
                """
                    .formatted(instance, atUs, txBytes / 100, txBytes, aliveUs));
    meter.accept("n", event);
  }

  @Test
  void ratesComeFromTheHostsClock() {
    report("a", 1_000_000, 1000, 10);
    assertThat(meter.side("n", 0, "l1").txBytesPerSecond()).isZero();
    report("a", 1_500_000, 3000, 10);
    LinkSide side = meter.side("n", 0, "l1");
    assertThat(side.txBytesPerSecond()).isEqualTo(4000);
    assertThat(side.txFramesPerSecond()).isEqualTo(40);
    assertThat(side.up()).isTrue();
    assertThat(side.roundTrip().orElseThrow().toNanos()).isEqualTo(1_500_000);
    assertThat(side.dropped()).isEqualTo(5);
  }

  @Test
  void aMigrationToAHostWithAnotherClockMakesNoSpike() {
    report("a", 1_000_000, 1000, 10);
    report("a", 2_000_000, 2000, 10);
    report("b", 5, 2100, 10);
    assertThat(meter.side("n", 0, "l1").txBytesPerSecond()).isEqualTo(1000);
    report("b", 1_000_005, 2600, 10);
    assertThat(meter.side("n", 0, "l1").txBytesPerSecond()).isEqualTo(500);
  }

  @Test
  void reportsThatComeTooFastAreNotMeasured() {
    report("a", 1_000_000, 0, 10);
    report("a", 2_000_000, 1000, 10);
    report("a", 2_000_001, 2000, 10);
    assertThat(meter.side("n", 0, "l1").txBytesPerSecond()).isEqualTo(1000);
  }

  @Test
  void aLinkIsDownWhenItsPeerIsSilentOrUnknown() {
    report("a", 1_000_000, 0, -1);
    assertThat(meter.side("n", 0, "l1").up()).isFalse();
    report("a", 2_000_000, 0, 6_000_000);
    assertThat(meter.side("n", 0, "l1").up()).isFalse();
    assertThat(meter.side("n", 0, "another")).isEqualTo(LinkSide.DOWN);
    meter.forget("n");
    assertThat(meter.side("n", 0, "l1")).isEqualTo(LinkSide.DOWN);
  }
}
