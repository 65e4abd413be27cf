// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.app.cli.Table;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A link alone, between two processes without VMs: how many frames it carries, on one host and with datagrams as small as between two, how exactly it keeps delay and rate, and a plain
 * forwarder that receives one datagram and sends one, to compare with. What a frame comes later than its delay asks for contains what the host's scheduling costs; the case without an
 * impairment shows that alone.
 */
final class WireBench {
  private final List<JsonNode> cases = new ArrayList<>();

  /** Runs the program; each case takes {@code seconds}. */
  void measure(Path program, int seconds) throws IOException, InterruptedException, CliException {
    Process process =
        new ProcessBuilder(program.toString(), "--json", String.valueOf(seconds))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        cases.add(JsonMapper.shared().readTree(line));
      }
      if (process.waitFor() != 0) {
        throw new CliException("The benchmark of the link alone did not run to its end.");
      }
    } finally {
      process.destroyForcibly();
    }
  }

  void print(PrintStream out) {
    Table table =
        new Table("LINK ALONE", "FRAMES/S", "BITS/S", "LOST", "CPU A FRAME", "LATE P50", "P99", "MAX", "RATE OFF");
    for (JsonNode each : cases) {
      JsonNode over = each.path("over");
      table.row(
          each.path("case").asString(""),
          String.format(Locale.ROOT, "%,.0f", each.path("framesPerSecond").asDouble(0)),
          String.format(Locale.ROOT, "%,.0fM", each.path("bitsPerSecond").asDouble(0) / 1e6),
          String.format(Locale.ROOT, "%.2f%%", 100 * each.path("lost").asDouble(0)),
          String.format(Locale.ROOT, "%.2f µs", each.path("cpuUsPerFrame").asDouble(0)),
          milliseconds(over.path("p50")),
          milliseconds(over.path("p99")),
          milliseconds(over.path("max")),
          rateOff(each));
    }
    table.print(out);
  }

  private static String milliseconds(JsonNode micros) {
    return String.format(Locale.ROOT, "%.2f ms", micros.asDouble(0) / 1000);
  }

  private static String rateOff(JsonNode each) {
    double wanted = each.path("wantedBitsPerSecond").asDouble(0);
    double off = wanted > 0 ? each.path("bitsPerSecond").asDouble(0) / wanted - 1 : 0;
    return wanted > 0 ? String.format(Locale.ROOT, "%+.2f%%", 100 * off) : "-";
  }

  /** The cases by name, as the program reports them. */
  Map<String, Object> json() {
    Map<String, Object> report = new LinkedHashMap<>();
    cases.forEach(each -> report.put(each.path("case").asString(""), each));
    return report;
  }
}
