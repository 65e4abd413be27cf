// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Link;

/** Sliders and presets of the impairment editor. */
class ScaleTest {
  @ParameterizedTest
  @CsvSource({
    "DELAY, 0, 0ms",
    "DELAY, 1, 2s",
    "RATE, 0, 10kbit",
    "RATE, 1, unlimited",
    "PROBABILITY, 0, 0%",
    "PROBABILITY, 1, 100%"
  })
  void theEndsAreTheExtremes(Scale scale, double position, String text) {
    assertThat(scale.textAt(position)).isEqualTo(text);
    assertThat(scale.positionOf(text)).isEqualTo(position);
  }

  @ParameterizedTest
  @EnumSource(Scale.class)
  void aPositionComesBackFromItsText(Scale scale) {
    for (double position = 0.05; position < 0.96; position += 0.01) {
      assertThat(scale.positionOf(scale.textAt(position))).isCloseTo(position, within(0.01));
    }
  }

  @Test
  void whatIsBeyondTheSliderLiesAtItsEndAndNonsenseNowhere() {
    assertThat(Scale.DELAY.positionOf("50s")).isEqualTo(1);
    assertThat(Scale.RATE.positionOf("1kbit")).isEqualTo(0);
    assertThatThrownBy(() -> Scale.RATE.positionOf("fast"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource(Presets.class)
  void aPresetIsRecognisedWhicheverEndIsTheSubscribers(Presets preset) {
    Link link = Link.create("l", new End("a", "eth0"), new End("b", "eth0"));
    Link applied = preset.applyTo(link);
    assertThat(Presets.of(applied)).contains(preset);
    assertThat(Presets.of(Presets.swapped(applied))).contains(preset);
    assertThat(applied.ab().equals(applied.ba())).isNotEqualTo(preset.isAsymmetric());
    assertThat(Presets.of(applied.withImpairments(applied.ab().withCorrupt(0.5), applied.ba())))
        .isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @EnumSource(Distances.class)
  void aDistanceIsRecognised(Distances distance) {
    assertThat(Distances.of(distance.between("a", "b"))).contains(distance);
  }
}
