// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.app.cli.CommandLineProgram;
import org.mobitopolo.app.cli.Quantity;
import org.mobitopolo.app.cli.Session;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.replicate.Copy;
import org.mobitopolo.replicate.CopyResult;
import org.mobitopolo.replicate.Experiment;
import org.mobitopolo.replicate.ParameterGrid;
import org.mobitopolo.replicate.ReplicateLab;
import org.mobitopolo.replicate.RunInCopies;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.SaveLab;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench replicate}: many copies of a lab of three VMs at once. */
@Command(
    name = "replicate",
    description =
        "Save a lab of three VMs and make copies of it: how long until all run and reach each other,"
            + " and how much memory they take.")
final class ReplicateBench extends Bench {

  private static final List<String> NODES = List.of("vm-1", "vm-2", "vm-3");
  private static final long KIB = 1024;

  @Option(
      names = "--copies",
      paramLabel = "N",
      defaultValue = "24",
      description = "How many copies (default: ${DEFAULT-VALUE}).")
  private int copies;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      converter = Quantity.OfSize.class,
      description = "Memory of each VM (default: ${DEFAULT-VALUE}).")
  private Size memory;

  ReplicateBench(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  Topology topology(String id, HostUrl host) {
    require(copies >= 1, "--copies must be at least 1.");
    return BenchLabs.row(id, host, memory);
  }

  @Override
  int measure(Session session, Lab lab) throws Exception {
    session.follow(lab.start(NODES));
    session.follow(lab.settle());
    try (ExecStream ping = lab.exec("vm-1", ExecRequest.shell("until ping -c 1 -W 1 10.0.1.2; do :; done"))) {
      ping.exit().join();
    }
    return withBundleFile(
        file -> {
          session.follow(session.tasks().run("Save", new SaveLab(lab, session.hosts(), file, BundleOptions.PLAIN)));
          try (Bundle bundle = Bundle.open(file)) {
            return replicate(session, lab, bundle);
          }
        });
  }

  private int replicate(Session session, Lab lab, Bundle bundle) throws Exception {
    List<HostUrl> hosts = List.of(lab.topology().regions().getFirst().host());
    long before = availableMemory();
    long begin = System.nanoTime();
    ReplicateLab work = new ReplicateLab(bundle, copies, ParameterGrid.NONE, hosts, session.hosts());
    session.follow(session.tasks().run("Make " + copies + " copies", work));
    double tookMs = (System.nanoTime() - begin) / 1e6;
    List<Lab> labs = new ArrayList<>();
    try {
      for (Copy copy : work.copies()) {
        labs.add(session.open(copy.topology(), Optional.empty()));
      }
      RunInCopies check =
          new RunInCopies(work.copies(), labs, new Experiment("vm-1", "ping -c 1 -W 10 10.0.1.2 > /dev/null && echo memory=$(awk '/MemFree/ {print $2}' /proc/meminfo)"));
      session.follow(session.tasks().run("See whether they reach each other", check));
      double allMs = (System.nanoTime() - begin) / 1e6;
      long reach = check.results().stream().filter(CopyResult::succeeded).count();
      report(tookMs, allMs, before - availableMemory(), reach);
      return reach == copies ? 0 : CommandLineProgram.FAILED;
    } finally {
      List<Task> removals = labs.stream().map(Lab::destroy).toList();
      removals.forEach(session::follow);
      labs.forEach(copy -> surroundings().knownLabs().forget(copy.topology().id()));
    }
  }

  private void report(double tookMs, double allMs, long bytes, long reach) {
    if (output().json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("copies", copies);
      report.put("vms", copies * NODES.size());
      report.put("memory", memory.toString());
      report.put("runningMs", tookMs);
      report.put("checkedMs", allMs);
      report.put("memoryBytes", bytes);
      report.put("reachEachOther", reach);
      printJson(report);
      return;
    }
    out()
        .println(
            copies
                + " copies with "
                + copies * NODES.size()
                + " VMs ran after "
                + Units.milliseconds(tookMs)
                + " and take "
                + Units.bytes(bytes)
                + "; in "
                + reach
                + " the VMs reach each other ("
                + Units.milliseconds(allMs)
                + ").");
  }

  /** Bytes that this computer has left for programs. */
  private static long availableMemory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemAvailable:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
      }
    }
    throw new IOException("/proc/meminfo does not tell the memory that is available.");
  }
}
