// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.mobitopolo.app.cli.CommandLineProgram;
import org.mobitopolo.app.cli.Quantity;
import org.mobitopolo.app.cli.Session;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Table;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.Placement;
import org.mobitopolo.snapshot.RestoreLab;
import org.mobitopolo.snapshot.RestoreOptions;
import org.mobitopolo.snapshot.SaveLab;
import org.mobitopolo.snapshot.SnapshotReport;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code bench snapshot}: three VMs, freshly booted, are saved once for the size of the bundle; then they write to memory and exchange a TCP
 * stream whose every byte is checked, while they are saved again and again. Each bundle is restored beside the lab, for the time that takes.
 */
@Command(
    name = "snapshot",
    description =
        "Save a lab of three VMs freshly booted, then again and again while they are busy, and"
            + " restore each bundle: how long VMs stood still, how large bundles are, how long"
            + " restoring takes.")
final class SnapshotBench extends Bench {

  private static final List<String> NODES = List.of("vm-1", "vm-2", "vm-3");
  private static final int STREAM_BYTES_A_SECOND = 1_000_000;
  private static final int DIRTY_PART = 8;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many snapshots of the busy lab (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "256MiB",
      converter = Quantity.OfSize.class,
      description = "Memory of each VM (default: ${DEFAULT-VALUE}).")
  private Size memory;

  @Option(
      names = "--dirty",
      paramLabel = "MB/s",
      defaultValue = "20",
      description = "Pages that each VM writes to, in an eighth of its memory (default: ${DEFAULT-VALUE}).")
  private int dirty;

  private final Figures downtimes = new Figures();
  private final Figures longest = new Figures();
  private final Figures saving = new Figures();
  private final Figures restoring = new Figures();
  private final Figures sizes = new Figures();
  private double freshBytes;
  private double freshRestoreMs;

  SnapshotBench(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  Topology topology(String id, HostUrl host) {
    require(count >= 1 && dirty >= 0, "--count must be at least 1, --dirty not negative.");
    return BenchLabs.row(id, host, memory);
  }

  @Override
  int measure(Session session, Lab lab) throws Exception {
    session.follow(lab.start(NODES));
    session.follow(lab.settle());
    return withBundleFile(
        file -> {
          freshBytes = save(session, lab, file).file();
          freshRestoreMs = restore(session, lab, file);
          return busy(session, lab, file);
        });
  }

  private int busy(Session session, Lab lab, Path file) throws Exception {
    GuestProgram stream = install(lab, "stream", "vm-1", "vm-2");
    GuestProgram load = install(lab, "load", NODES.toArray(String[]::new));
    try (Writers _ = new Writers(lab, load, NODES, new Size(memory.bytes() / DIRTY_PART), dirty);
        CheckedStream connection = CheckedStream.begin(lab, stream, "vm-1", "vm-2", "10.0.1.2", STREAM_BYTES_A_SECOND)) {
      for (int i = 0; i < count; i++) {
        long begin = System.nanoTime();
        SnapshotReport report = save(session, lab, file);
        saving.add((System.nanoTime() - begin) / 1e6);
        report.machines().forEach(machine -> downtimes.add(machine.downtimeMs()));
        longest.add(report.longestDowntimeMs());
        sizes.add(report.file());
        restoring.add(restore(session, lab, file));
        say(
            session,
            "longest stand-still " + Units.milliseconds(report.longestDowntimeMs()) + ", bundle " + Units.bytes(report.file()));
      }
      return report(connection.end());
    }
  }

  private static SnapshotReport save(Session session, Lab lab, Path file) {
    SaveLab work = new SaveLab(lab, session.hosts(), file, BundleOptions.PLAIN);
    session.follow(session.tasks().run("Save", work));
    return work.report();
  }

  /** Restores it as a lab of its own, which is removed again; milliseconds until all its VMs ran. */
  private double restore(Session session, Lab lab, Path file) throws Exception {
    HostUrl host = lab.topology().regions().getFirst().host();
    try (Bundle bundle = Bundle.open(file)) {
      Topology copy =
          Placement.onto(bundle.manifest(), region -> host)
              .withId("bench-" + UUID.randomUUID().toString().substring(0, 8));
      long begin = System.nanoTime();
      session.follow(
          session.tasks().run("Restore", new RestoreLab(bundle, List.of(copy), session.hosts(), RestoreOptions.PLAIN)));
      double tookMs = (System.nanoTime() - begin) / 1e6;
      Lab restored = session.open(copy, Optional.empty());
      session.follow(restored.destroy());
      surroundings().knownLabs().forget(copy.id());
      return tookMs;
    }
  }

  private int report(CheckedStream.Verdict verdict) {
    if (output().json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("snapshots", count);
      report.put("memory", memory.toString());
      report.put("dirtyMBps", dirty);
      report.put("downtimeMs", downtimes.json());
      report.put("longestDowntimeMs", longest.json());
      report.put("savingMs", saving.json());
      report.put("bundleBytes", sizes.json());
      report.put("restoreMs", restoring.json());
      report.put("freshBundleBytes", freshBytes);
      report.put("freshRestoreMs", freshRestoreMs);
      verdict.put(report);
      printJson(report);
    } else {
      Table table = Figures.table();
      downtimes.print(table, "a VM stood still", Units::milliseconds);
      longest.print(table, "longest of a snapshot", Units::milliseconds);
      saving.print(table, "saving", Units::milliseconds);
      sizes.print(table, "bundle", Units::bytes);
      restoring.print(table, "restoring", Units::milliseconds);
      table.print(out());
      out()
          .println(
              "Three VMs freshly booted: bundle "
                  + Units.bytes(freshBytes)
                  + ", restored in "
                  + Units.milliseconds(freshRestoreMs)
                  + ".");
      verdict.print(out());
    }
    return verdict.intact() ? 0 : CommandLineProgram.FAILED;
  }
}
