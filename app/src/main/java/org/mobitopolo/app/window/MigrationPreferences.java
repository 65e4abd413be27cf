// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.mobitopolo.app.window.document.Settings;
import org.mobitopolo.migration.MigrationLimits;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;

/** What the user lets migrations cost, as it is kept among the settings. */
final class MigrationPreferences {
  static final String DOWNTIME = "migration-downtime";
  static final String BANDWIDTH = "migration-bandwidth";
  static final String THROTTLE = "migration-throttle";

  /** What the preferences offer; a setting may have other values, written into the file by hand. */
  static final List<Duration> DOWNTIMES =
      List.of(Duration.ofMillis(50), Duration.ofMillis(100), MigrationLimits.DEFAULT.downtime(), Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(10));

  static final List<Rate> BANDWIDTHS =
      List.of(Rate.UNLIMITED, Rate.parse("1Gbit"), Rate.parse("100Mbit"), Rate.parse("50Mbit"), Rate.parse("20Mbit"), Rate.parse("8Mbit"), Rate.parse("2Mbit"));

  static final List<Integer> THROTTLES = List.of(0, 50, 75, 90, MigrationLimits.DEFAULT.throttle());

  private MigrationPreferences() {}

  /** The settings; what is not there, or makes no sense, is as usual. */
  static MigrationLimits limits(Settings settings) {
    MigrationLimits usual = MigrationLimits.DEFAULT;
    try {
      return new MigrationLimits(
          read(settings, DOWNTIME, Quantities::parseDuration, usual.downtime()),
          read(settings, BANDWIDTH, Rate::parse, usual.bandwidth()),
          read(settings, THROTTLE, Integer::parseInt, usual.throttle()));
    } catch (IllegalArgumentException e) {
      return usual;
    }
  }

  private static <T> T read(Settings settings, String key, Function<String, T> reader, T usual) {
    return settings.get(key).map(reader).orElse(usual);
  }
}
