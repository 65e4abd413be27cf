// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.app.window.document.Settings;
import org.mobitopolo.migration.MigrationLimits;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;

class MigrationPreferencesTest {
  @TempDir Path folder;

  private Settings settings;

  @BeforeEach
  void open() {
    settings = new Settings(folder);
  }

  @Test
  void usualUnlessChosenOtherwise() {
    assertThat(MigrationPreferences.limits(settings)).isEqualTo(MigrationLimits.DEFAULT);
  }

  @Test
  void whatWasChosenIsKept() {
    settings.put(MigrationPreferences.DOWNTIME, "1s");
    settings.put(MigrationPreferences.BANDWIDTH, "8Mbit");
    settings.put(MigrationPreferences.THROTTLE, "0");
    assertThat(MigrationPreferences.limits(new Settings(folder)))
        .isEqualTo(new MigrationLimits(Duration.ofSeconds(1), Rate.parse("8Mbit"), 0));
  }

  @Test
  void whatMakesNoSenseIsAsUsual() {
    settings.put(MigrationPreferences.DOWNTIME, "a while");
    assertThat(MigrationPreferences.limits(settings)).isEqualTo(MigrationLimits.DEFAULT);
    settings.put(MigrationPreferences.DOWNTIME, "1s");
    settings.put(MigrationPreferences.THROTTLE, "100");
    assertThat(MigrationPreferences.limits(settings)).isEqualTo(MigrationLimits.DEFAULT);
  }

  @Test
  void everyChoiceIsReadBackAsItIsWritten() {
    MigrationPreferences.BANDWIDTHS.forEach(rate -> assertThat(Rate.parse(rate.toString())).isEqualTo(rate));
    MigrationPreferences.DOWNTIMES.forEach(
        time -> {
          settings.put(MigrationPreferences.DOWNTIME, Quantities.format(time));
          assertThat(MigrationPreferences.limits(settings).downtime()).isEqualTo(time);
        });
  }
}
