// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import org.mobitopolo.app.cli.Table;

/** Repeated measurements of one thing. */
final class Figures {

  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  /**
   * The least measured value that so many percent of the values do not exceed.
   *
   * @param percent above 0, at most 100
   * @throws IllegalStateException when nothing was measured
   */
  double percentile(double percent) {
    if (values.isEmpty()) {
      throw new IllegalStateException("nothing was measured");
    }
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get((int) Math.ceil(sorted.size() * percent / 100) - 1);
  }

  static Table table() {
    return new Table("", "P50", "P95", "MAX");
  }

  void print(Table table, String name, DoubleFunction<String> words) {
    table.row(
        name,
        words.apply(percentile(50)),
        words.apply(percentile(95)),
        words.apply(percentile(100)));
  }

  Map<String, Object> json() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("p50", rounded(percentile(50)));
    report.put("p95", rounded(percentile(95)));
    report.put("max", rounded(percentile(100)));
    return report;
  }

  private static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
