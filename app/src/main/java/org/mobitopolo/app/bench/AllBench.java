// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.app.cli.CommandLineProgram;
import org.mobitopolo.app.cli.OutputOptions;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Table;
import org.mobitopolo.app.window.status.Units;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code bench all}: the others, one after the other, in one table. */
@Command(
    name = "all",
    description = {
      "Run the other benchmarks, one after the other, and print one table: what this program needs, what QEMU needs for the same on this computer, and what is promised (docs/spec.md).",
      "A time is the middle one (p50), in parentheses the one that 95 of 100 are below (p95). QEMU, version 10 or later, is fetched from Debian into the cache; how many times as long as ours it takes stands behind."
          + " KVM is used besides its emulation (tcg) where guests really run on it. The canvas is measured where there is a display. Takes about ten minutes."
    })
final class AllBench implements Callable<Integer> {
  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final List<String> PARTS = List.of("boot", "migrate", "links", "snapshot", "replicate", "reconcile", "canvas");

  private final Surroundings surroundings;
  private final CanvasMeter canvas;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often boots, migrations and snapshots are done (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--copies",
      paramLabel = "N",
      defaultValue = "24",
      description = "How many copies of a lab of three VMs (default: ${DEFAULT-VALUE}).")
  private int copies;

  @Option(names = "--no-qemu", description = "Compare with nothing.")
  private boolean alone;

  @Mixin private OutputOptions output = new OutputOptions();

  private final Table table = new Table("WHAT", "MOBITOPOLO", "QEMU", "TIMES OURS", "PROMISED");
  private final Map<String, Object> report = new LinkedHashMap<>();
  private boolean failed;

  AllBench(Surroundings surroundings, CanvasMeter canvas) {
    this.surroundings = surroundings;
    this.canvas = canvas;
  }

  @Override
  public Integer call() throws Exception {
    if (count < 1 || copies < 1) {
      throw new CliException("--count and --copies must be at least 1.");
    }
    Optional<Qemu> qemu = alone ? Optional.empty() : Optional.of(Qemu.find(surroundings.installation(), ""));
    boots(qemu);
    migrations(qemu);
    part("links").ifPresent(this::links);
    part("snapshot", "--count", String.valueOf(count)).ifPresent(this::snapshots);
    part("replicate", "--copies", String.valueOf(copies)).ifPresent(this::copies);
    part("reconcile").ifPresent(this::plans);
    if (surroundings.hasDisplay()) {
      part("canvas").ifPresent(this::frames);
    } else {
      table.row("canvas with 1000 nodes", "no display", "", "", "");
    }
    if (output.json()) {
      OutputOptions.printJson(surroundings.out(), report);
    } else {
      table.print(surroundings.out());
    }
    return failed ? CommandLineProgram.FAILED : 0;
  }

  /** What a benchmark reports; empty, and told in the table, when it failed. */
  private Optional<JsonNode> part(String name, String... options) throws InterruptedException {
    tell(PARTS.indexOf(name) + 1 + " of " + PARTS.size() + ": bench " + name + " ...");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream captured = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    Surroundings own =
        new Surroundings(
            surroundings.installation(),
            surroundings.folders(),
            surroundings.environment(),
            surroundings.terminal(),
            surroundings.in(),
            captured,
            surroundings.err(),
            surroundings.window());
    List<String> line = new ArrayList<>(List.of("bench", name, "--json"));
    line.addAll(List.of(options));
    int status = new CommandLineProgram(own, BenchCommand.in(own, canvas)).run(line.toArray(String[]::new));
    if (status == CommandLineProgram.INTERRUPTED) {
      throw new InterruptedException("bench " + name);
    }
    String said = bytes.toString(StandardCharsets.UTF_8).strip();
    JsonNode result = MAPPER.readTree(said.isEmpty() ? "{}" : said.substring(said.lastIndexOf('\n') + 1));
    if (status != 0 || result.has("error")) {
      failed = true;
      String why = result.path("error").path("message").asString("status " + status);
      table.row("bench " + name + " failed", why, "", "", "");
      report.put(name, Map.of("error", why));
      return Optional.empty();
    }
    report.put(name, result);
    return Optional.of(result);
  }

  private void tell(String line) {
    if (output.showsProgress()) {
      surroundings.err().println(line);
    }
  }

  private void boots(Optional<Qemu> qemu) throws Exception {
    Optional<JsonNode> ours = part("boot", "--count", String.valueOf(count));
    double oursMs = ours.map(boot -> boot.path("askedToRunningMs").path("p50").asDouble(0)).orElse(0.0);
    List<String> theirs = new ArrayList<>();
    List<String> times = new ArrayList<>();
    if (qemu.isPresent()) {
      Map<String, Object> figures = new LinkedHashMap<>();
      for (String accelerator : Qemu.accelerators()) {
        tell("        boots of QEMU, " + accelerator + " ...");
        try {
          Figures took = QemuBoots.measure(qemu.get(), accelerator, count);
          figures.put(accelerator, took.json());
          theirs.add(accelerator + " " + shown(took.percentile(50), took.percentile(95)));
          times.add(times(took.percentile(50), oursMs));
        } catch (CliException e) {
          figures.put(accelerator, Map.of("failure", e.getMessage()));
          theirs.add(accelerator + " did not boot");
        }
      }
      report.put("qemuBootMs", figures);
    }
    ours.ifPresent(
        boot -> table.row("new VM, asked for to running", milliseconds(boot, "askedToRunningMs"), String.join(", ", theirs), String.join(", ", times), "under a second"));
  }

  private void migrations(Optional<Qemu> qemu) throws InterruptedException {
    List<String> options = new ArrayList<>(List.of("--count", String.valueOf(count), "--memory", "128MiB", "--dirty", "0,10"));
    if (qemu.isPresent()) {
      options.add("--qemu=" + qemu.get().program());
    }
    part("migrate", options.toArray(String[]::new)).ifPresent(result -> migrations(result.path("results")));
  }

  private void migrations(JsonNode results) {
    for (JsonNode ours : results.values()) {
      if (!ours.path("who").asString("").equals("Mobitopolo")) {
        continue;
      }
      List<JsonNode> theirs = new ArrayList<>();
      for (JsonNode other : results.values()) {
        if (other != ours && other.path("dirtyMBps").equals(ours.path("dirtyMBps"))) {
          theirs.add(other);
        }
      }
      String load = ours.path("dirtyMBps").asInt(0) == 0 ? "idle" : ours.path("dirtyMBps").asInt(0) + " MB/s written";
      String what = "migration, " + ours.path("memory").asString("").replace("MiB", " MiB") + ", " + load;
      table.row(what + ": gap", milliseconds(ours, "gapMs"), each(theirs, "gapMs"), times(theirs, ours, "gapMs"), "p95 at most 100 ms");
      table.row(what + ": in all", milliseconds(ours, "totalMs"), each(theirs, "totalMs"), times(theirs, ours, "totalMs"), "");
    }
  }

  private static String each(List<JsonNode> results, String figure) {
    List<String> words = new ArrayList<>();
    for (JsonNode result : results) {
      String who = result.path("who").asString("").replaceAll("^QEMU \\S+ ", "");
      words.add(who + " " + (result.has("failure") ? result.path("failure").asString("") : milliseconds(result, figure)));
    }
    return String.join(", ", words);
  }

  private static String times(List<JsonNode> theirs, JsonNode ours, String figure) {
    return theirs.stream()
        .filter(result -> !result.has("failure"))
        .map(result -> times(middle(result, figure), middle(ours, figure)))
        .collect(Collectors.joining(", "));
  }

  /** How many times as much as ours. */
  private static String times(double theirs, double ours) {
    return ours > 0 ? String.format(Locale.ROOT, theirs < 10 * ours ? "%.1f" : "%.0f", theirs / ours) : "-";
  }

  private void links(JsonNode result) {
    table.row("link, TCP of one stream", Math.round(middle(result, "tcpMbitPerSecond")) + " Mbit/s", "", "", "2 Gbit/s");
    table.row("link, round trip", Math.round(middle(result, "roundTripUs")) + " µs", "", "", "");
  }

  private void snapshots(JsonNode result) {
    table.row("snapshot, three busy VMs: stand-still", milliseconds(result, "longestDowntimeMs"), "", "", "at most 50 ms");
    table.row("bundle of three fresh VMs", Units.bytes(result.path("freshBundleBytes").asLong(0)), "", "", "at most 25 MB");
    table.row("restoring it", Units.milliseconds(result.path("freshRestoreMs").asDouble(0)), "", "", "");
  }

  private void copies(JsonNode result) {
    String what = result.path("copies").asInt(0) + " copies of three VMs";
    table.row(what + ": until all run", Units.milliseconds(result.path("runningMs").asDouble(0)), "", "", "24 within 20 s");
    table.row(what + ": memory", Units.bytes(result.path("memoryBytes").asLong(0)), "", "", "24 in 6 GB");
  }

  private void plans(JsonNode result) {
    double longest = 0;
    for (JsonNode step : result.path("steps").values()) {
      longest = Math.max(longest, step.path("firstPlanMs").asDouble(0));
    }
    table.row("plan for " + result.path("vms").asInt(0) + " VMs on " + result.path("hosts").asInt(0) + " hosts", Units.milliseconds(longest), "", "", "at most 1 s");
  }

  private void frames(JsonNode result) {
    String what = "canvas with " + result.path("nodes").asInt(0) + " nodes: ";
    table.row(what + "opened", Units.milliseconds(result.path("openMs").asDouble(0)), "", "", "at most 2 s");
    double fewest = Double.MAX_VALUE;
    double longest = 0;
    for (JsonNode frames : result.path("frames").values()) {
      fewest = Math.min(fewest, frames.path("framesPerSecond").asDouble(0));
      longest = Math.max(longest, frames.path("longestMs").asDouble(0));
    }
    table.row(what + "slowest", Math.round(fewest) + " frames/s", "", "", "60 frames/s");
    table.row(what + "longest turn", Units.milliseconds(longest), "", "", "at most 16 ms");
  }

  private static String milliseconds(JsonNode result, String figure) {
    return shown(middle(result, figure), result.path(figure).path("p95").asDouble(0));
  }

  private static String shown(double middle, double p95) {
    return Units.milliseconds(middle) + " (" + Units.milliseconds(p95) + ")";
  }

  private static double middle(JsonNode result, String figure) {
    return result.path(figure).path("p50").asDouble(0);
  }
}
