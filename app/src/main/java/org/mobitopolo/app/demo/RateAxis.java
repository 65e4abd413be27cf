// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * A logarithmic axis of bandwidth, as rates before and after a migration differ by an order of
 * magnitude and both are to be read.
 *
 * @param lowest lower end, kilobits a second, a power of ten
 * @param highest upper end, kilobits a second
 */
record RateAxis(double lowest, double highest) {

  private static final double[] STEPS = {1, 2, 5};

  /** An axis on which all rates can be told from its foot, where those below 10 kbit/s lie. */
  static RateAxis of(Collection<Double> rates) {
    double most = rates.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    double least =
        rates.stream().filter(rate -> rate >= 10).mapToDouble(Double::doubleValue).min().orElse(10);
    double foot = Math.pow(10, Math.floor(Math.log10(least / 2)));
    return new RateAxis(foot, Math.max(foot * 10, most * 1.15));
  }

  /** Place of a rate: 0 at the foot, 1 at the top. */
  double place(double kbps) {
    return kbps <= lowest ? 0 : Math.min(1, Math.log(kbps / lowest) / Math.log(highest / lowest));
  }

  /** Round rates along the axis, rising. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    for (double decade = lowest; decade <= highest; decade *= 10) {
      for (double step : STEPS) {
        if (decade * step <= highest) {
          ticks.add(decade * step);
        }
      }
    }
    return ticks;
  }

  /** A round rate in words: {@code 200 kbit/s}, {@code 5 Mbit/s}. */
  static String label(double kbps) {
    return kbps >= 1000
        ? String.format(Locale.ROOT, "%.0f Mbit/s", kbps / 1000)
        : String.format(Locale.ROOT, "%.0f kbit/s", kbps);
  }
}
