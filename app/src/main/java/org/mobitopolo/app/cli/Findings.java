// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobitopolo.interchange.Finding;

/** How imports and exports tell what became of a lab's elements. */
final class Findings {

  private Findings() {}

  /** Two tables, what changed and what was left out; what came over as it was is counted only. */
  static void print(List<Finding> findings, PrintStream out) {
    table(findings, Finding.Outcome.CHANGED, "Changed", "BECAME", out);
    table(findings, Finding.Outcome.LEFT_OUT, "Left out", "", out);
    long same = of(findings, Finding.Outcome.MAPPED).size();
    out.println();
    out.println(count(same, "other thing") + " came over as " + (same == 1 ? "it was." : "they were."));
  }

  private static List<Finding> of(List<Finding> findings, Finding.Outcome outcome) {
    return findings.stream().filter(finding -> finding.outcome() == outcome).toList();
  }

  private static void table(
      List<Finding> findings, Finding.Outcome outcome, String title, String became, PrintStream out) {
    List<Finding> rows = of(findings, outcome);
    if (rows.isEmpty()) {
      return;
    }
    out.println();
    out.println(title + ":");
    Table table =
        became.isEmpty()
            ? new Table("ELEMENT", "WHAT", "BECAUSE")
            : new Table("ELEMENT", "WHAT", became, "BECAUSE");
    for (Finding row : rows) {
      if (became.isEmpty()) {
        table.row(line(row.element()), line(row.subject()), line(row.reason()));
      } else {
        table.row(
            line(row.element()), line(row.subject()), line(row.became()), line(row.reason()));
      }
    }
    table.print(out);
  }

  /** Texts of strangers on a terminal: no control characters, not endless. */
  private static String line(String text) {
    String plain = text.replaceAll("\\p{Cntrl}+", " ");
    return plain.length() > 120 ? plain.substring(0, 117) + "..." : plain;
  }

  static List<Map<String, Object>> json(List<Finding> findings) {
    return findings.stream().map(Findings::json).toList();
  }

  private static Map<String, Object> json(Finding finding) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("outcome", Words.lower(finding.outcome()));
    entry.put("element", finding.element());
    entry.put("what", finding.subject());
    entry.put("became", finding.became());
    entry.put("because", finding.reason());
    return entry;
  }

  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
