// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.app.cli.CommandLineProgram;
import org.mobitopolo.app.cli.Session;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Table;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code bench migrate}: a VM moves there and back between two regions of this computer, while the
 * other VM sends it a datagram each millisecond and both exchange a TCP stream whose every byte is
 * checked. The gap is the longest time without an answer that the other VM saw around a migration;
 * the downtime is what the hosts report.
 */
@Command(
    name = "migrate",
    description =
        "Migrate a VM there and back between two regions of this computer, while another VM talks to"
            + " it by a checked TCP stream and a datagram each millisecond.")
final class MigrationBench extends Bench {

  private static final String STREAM_PORT = "4000";
  private static final String PROBE_PORT = "4001";
  private static final String STREAM_BYTES_A_SECOND = "200000";

  /** The probe runs for so long before and after each migration. */
  private static final long CALM_MS = 400;

  @Spec private CommandSpec spec;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many migrations, there and back in turns (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--wan-delay",
      paramLabel = "TIME",
      defaultValue = "0ms",
      converter = Quantity.OfTime.class,
      description = "Distance between the regions, one way, such as 85ms (default: none).")
  private Duration wanDelay;

  @Option(
      names = "--wan-rate",
      paramLabel = "RATE",
      defaultValue = "unlimited",
      converter = Quantity.OfRate.class,
      description = "What passes between the regions, such as 8Mbit (default: unlimited).")
  private Rate wanRate;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      converter = Quantity.OfSize.class,
      description = "Memory of each VM (default: ${DEFAULT-VALUE}).")
  private Size memory;

  @Option(
      names = "--dirty",
      paramLabel = "MB/s",
      defaultValue = "0",
      description =
          "Pages that the migrating VM writes to, in a quarter of its memory (default: no more than"
              + " it does by itself).")
  private int dirty;

  private final Figures gaps = new Figures();
  private final Figures downtimes = new Figures();
  private final Figures differences = new Figures();
  private final Figures totals = new Figures();
  private final Figures bytes = new Figures();
  private final Figures passes = new Figures();
  private long sent;
  private long lost;

  MigrationBench(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  Topology topology(String id, HostUrl host) {
    if (count < 1 || dirty < 0) {
      throw new ParameterException(
          spec.commandLine(), "--count must be at least 1, --dirty not negative.");
    }
    Topology pair = BenchLabs.pair(id, host, memory);
    return wanDelay.isZero() && wanRate.isUnlimited()
        ? pair
        : pair.withWans(List.of(new Wan(BenchLabs.HERE, BenchLabs.THERE, wanDelay, wanRate)));
  }

  @Override
  int measure(Session session, Lab lab) throws Exception {
    session.follow(lab.start(List.of(BenchLabs.LEFT, BenchLabs.RIGHT)));
    GuestProgram stream = install(lab, "stream", BenchLabs.LEFT, BenchLabs.RIGHT);
    GuestProgram probe = install(lab, "probe", BenchLabs.LEFT, BenchLabs.RIGHT);
    try (GuestProgram.Running streamServer = stream.start(lab, BenchLabs.RIGHT, "serve", STREAM_PORT);
        GuestProgram.Running probeServer = probe.start(lab, BenchLabs.RIGHT, "echo", PROBE_PORT)) {
      expect(streamServer, "listening");
      expect(probeServer, "listening");
      Optional<GuestProgram.Running> writer = startWriter(lab);
      String verdict;
      try (GuestProgram.Running connection =
              stream.start(
                  lab, BenchLabs.LEFT, "run", BenchLabs.RIGHT_ADDRESS, STREAM_PORT, STREAM_BYTES_A_SECOND);
          GuestProgram.Running prober =
              probe.start(lab, BenchLabs.LEFT, "run", BenchLabs.RIGHT_ADDRESS, PROBE_PORT)) {
        expect(connection, "connected");
        for (int round = 0; round < count; round++) {
          migrate(session, lab, prober, round % 2 == 0 ? BenchLabs.THERE : BenchLabs.HERE);
        }
        connection.endInput();
        verdict = connection.line();
      } finally {
        writer.ifPresent(GuestProgram.Running::close);
      }
      return report(verdict);
    }
  }

  private Optional<GuestProgram.Running> startWriter(Lab lab)
      throws IOException, InterruptedException {
    if (dirty == 0) {
      return Optional.empty();
    }
    String megabytes = String.valueOf(Math.max(1, memory.toMiB() / 4));
    return Optional.of(
        install(lab, "load", BenchLabs.RIGHT)
            .start(lab, BenchLabs.RIGHT, "dirty", megabytes, String.valueOf(dirty)));
  }

  private static void expect(GuestProgram.Running program, String word)
      throws IOException, CliException {
    String line = program.line();
    if (!line.equals(word)) {
      throw new CliException("A measuring program in a guest could not begin: " + line + ".");
    }
  }

  private void migrate(Session session, Lab lab, GuestProgram.Running prober, String region)
      throws IOException, InterruptedException {
    long pauseMs = CALM_MS + 4 * wanDelay.toMillis();
    Thread.sleep(pauseMs);
    prober.say("before");
    prober.line();
    session.follow(lab.migrate(BenchLabs.RIGHT, region));
    MigrationProgress progress = lab.state().vm(BenchLabs.RIGHT).migration().orElseThrow();
    Thread.sleep(pauseMs);
    prober.say("after");
    // gap MILLISECONDS sent N lost N ...
    String[] words = prober.line().split(" ");
    double gap = Double.parseDouble(words[1]);
    double downtime = progress.downtimeMs().orElseThrow();
    gaps.add(gap);
    downtimes.add(downtime);
    differences.add(gap - downtime);
    totals.add(progress.totalMs().orElseThrow());
    bytes.add(progress.transferred());
    passes.add(progress.pass());
    sent += Long.parseLong(words[3]);
    lost += Long.parseLong(words[5]);
    say(
        session,
        "gap "
            + Units.milliseconds(gap)
            + ", downtime "
            + Units.milliseconds(downtime)
            + ", all "
            + Units.milliseconds(progress.totalMs().orElseThrow()));
  }

  /** The verdict is {@code ok BYTES} or {@code broken AT REASON}. */
  private int report(String verdict) {
    boolean intact = verdict.startsWith("ok ");
    if (output().json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("migrations", count);
      report.put("memory", memory.toString());
      report.put("wanDelay", Quantities.format(wanDelay));
      report.put("wanRate", wanRate.toString());
      report.put("dirtyMBps", dirty);
      report.put("gapMs", gaps.json());
      report.put("downtimeMs", downtimes.json());
      report.put("differenceMs", differences.json());
      report.put("totalMs", totals.json());
      report.put("bytes", bytes.json());
      report.put("passes", passes.json());
      report.put("datagrams", sent);
      report.put("datagramsLost", lost);
      report.put("streamOk", intact);
      report.put("stream", verdict);
      printJson(report);
    } else {
      Table table = Figures.table();
      gaps.print(table, "gap seen by the probe", Units::milliseconds);
      downtimes.print(table, "downtime reported", Units::milliseconds);
      differences.print(table, "difference", value -> String.format("%.1f ms", value));
      totals.print(table, "whole migration", Units::milliseconds);
      bytes.print(table, "transferred", Units::bytes);
      passes.print(table, "passes", value -> String.valueOf((int) value));
      table.print(out());
      out().println("Datagrams: " + sent + " sent around the migrations, " + lost + " lost.");
      out()
          .println(
              intact
                  ? "The TCP stream was never interrupted; all " + verdict.substring(3) + " bytes were right."
                  : "The TCP stream is BROKEN: " + verdict + ".");
    }
    return intact ? 0 : CommandLineProgram.FAILED;
  }
}
