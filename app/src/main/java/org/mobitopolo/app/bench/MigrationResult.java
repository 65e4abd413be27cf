// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.app.cli.Table;
import org.mobitopolo.app.window.status.Units;

/** What one contender needed for the migrations of one case. */
final class MigrationResult {
  private final MigrationCase measured;
  private final String who;
  private final Figures gaps = new Figures();
  private final Figures downtimes = new Figures();
  private final Figures totals = new Figures();
  private final Figures bytes = new Figures();
  private final Figures passes = new Figures();
  private Optional<String> failure = Optional.empty();

  MigrationResult(MigrationCase measured, String who) {
    this.measured = measured;
    this.who = who;
  }

  @Override
  public String toString() {
    return who + ", " + measured.memory() + ", " + measured.dirty() + " MB/s, " + measured.network();
  }

  MigrationCase measured() {
    return measured;
  }

  void add(MigrationCase.Sample sample) {
    gaps.add(sample.gap());
    downtimes.add(sample.downtime());
    totals.add(sample.total());
    bytes.add(sample.bytes());
    passes.add(sample.passes());
  }

  /** It could not be measured to the end; a few words why. */
  void failed(String words) {
    failure = Optional.of(words);
  }

  boolean isComplete() {
    return failure.isEmpty() && !gaps.isEmpty();
  }

  static Table table() {
    return new Table("MEMORY", "WRITES", "NETWORK", "WHO", "GAP P50", "MAX", "DOWNTIME P50", "ALL P50", "BYTES P50", "PASSES", "GAP : OURS", "ALL : OURS");
  }

  /**
   * One line of the table.
   *
   * @param ours what this is compared with; itself, if it is ours
   */
  void print(Table table, MigrationResult ours) {
    String writes = measured.dirty() == 0 ? "-" : measured.dirty() + " MB/s in " + measured.workingSet();
    if (!isComplete()) {
      table.row(measured.memory().toString(), writes, measured.network().toString(), who, failure.orElse("-"), "", "", "", "", "", "", "");
      return;
    }
    table.row(
        measured.memory().toString(),
        writes,
        measured.network().toString(),
        who,
        Units.milliseconds(gaps.percentile(50)),
        Units.milliseconds(gaps.percentile(100)),
        Units.milliseconds(downtimes.percentile(50)),
        Units.milliseconds(totals.percentile(50)),
        Units.bytes(bytes.percentile(50)),
        String.valueOf((int) passes.percentile(50)),
        ratio(gaps, ours.gaps, ours),
        ratio(totals, ours.totals, ours));
  }

  private String ratio(Figures these, Figures those, MigrationResult ours) {
    return ours == this || !ours.isComplete() ? "" : String.format("%.1f", these.percentile(50) / those.percentile(50));
  }

  Map<String, Object> json() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("memory", measured.memory().toString());
    report.put("workingSet", measured.workingSet().toString());
    report.put("dirtyMBps", measured.dirty());
    report.put("network", measured.network().toString());
    report.put("who", who);
    failure.ifPresent(words -> report.put("failure", words));
    if (!gaps.isEmpty()) {
      report.put("gapMs", gaps.json());
      report.put("downtimeMs", downtimes.json());
      report.put("totalMs", totals.json());
      report.put("bytes", bytes.json());
      report.put("passes", passes.json());
    }
    return report;
  }
}
