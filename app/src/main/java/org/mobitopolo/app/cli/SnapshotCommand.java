// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.snapshot.AutomaticSnapshots;
import org.mobitopolo.snapshot.AutomaticSnapshots.Plan;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.KeepSnapshot;
import org.mobitopolo.snapshot.SaveLab;
import org.mobitopolo.snapshot.SnapshotNote;
import org.mobitopolo.snapshot.SnapshotReport;
import org.mobitopolo.task.LabException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code snapshot}: saves a running lab. */
@Command(
    name = "snapshot",
    description =
        "Save a running lab while it runs: all its VMs with memory and disks, and the frames between"
            + " them, at one consistent moment. With FILE into a bundle that \"restore\" and"
            + " \"replicate\" read; without it on the lab's hosts. ^C cancels; the lab goes on in any"
            + " case.")
final class SnapshotCommand extends LabCommand {

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The bundle to write, such as lab.mobitopolo.")
  private Path file;

  @Option(
      names = "--images",
      description = "Put the base images into the bundle, for programs that do not have them.")
  private boolean images;

  @Option(
      names = {"-f", "--force"},
      description = "Replace FILE if it exists.")
  private boolean force;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Without FILE: what the list of snapshots calls it.")
  private String name = "";

  @Option(
      names = "--every",
      paramLabel = "TIME",
      description =
          "Without FILE: take one again and again until ^C, such as every 10m. Older ones that were"
              + " taken so are deleted.")
  private String every;

  @Option(
      names = "--keep",
      paramLabel = "COUNT",
      defaultValue = "6",
      description = "With --every: how many are kept (${DEFAULT-VALUE}).")
  private int keep;

  SnapshotCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    if (file != null && (every != null || !name.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(), "--every and --name belong to snapshots that hosts keep: leave FILE out.");
    }
    if (file != null) {
      requireFree(file, force);
    }
    Optional<Plan> plan = plan();
    LabTarget target = new LabFinder(session).find(lab);
    Lab open = session.open(target.topology(), target.file());
    if (plan.isPresent()) {
      return again(session, open, plan.get());
    }
    SnapshotReport report = file == null ? keep(session, open) : save(session, open);
    if (output().json()) {
      OutputOptions.printJson(out(), json(open, report));
    } else {
      print(out(), report);
    }
    return 0;
  }

  /** A bundle may be all that is left of a lab, so it is not written over by accident. */
  static void requireFree(Path file, boolean force) throws CliException {
    if (!force && Files.exists(file)) {
      throw new CliException(file + " exists. Choose another name, or say --force to replace it.");
    }
  }

  private SnapshotReport keep(Session session, Lab lab) {
    KeepSnapshot work =
        new KeepSnapshot(lab, session.hosts(), SnapshotNote.labelled(name));
    session.follow(
        session.tasks().run("Take a snapshot of " + lab.topology().name(), work));
    return work.report();
  }

  private Optional<Plan> plan() {
    try {
      return every == null
          ? Optional.empty()
          : Optional.of(new Plan(Words.span(every), keep));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  /** Tells each as it is taken, until ^C. */
  private int again(Session session, Lab lab, Plan plan) {
    AutomaticSnapshots.Listener listener =
        new AutomaticSnapshots.Listener() {
          @Override
          public void taken(SnapshotReport report) {
            if (output().json()) {
              OutputOptions.printJson(out(), json(lab, report));
            } else {
              out()
                  .println(
                      Words.time(report.cutAt())
                          + "  "
                          + report.snapshot()
                          + "  stood still "
                          + Units.milliseconds(report.longestDowntimeMs()));
            }
          }

          @Override
          public void failed(LabException why) {
            surroundings().err().println(why.getMessage());
          }
        };
    try (AutomaticSnapshots _ =
        AutomaticSnapshots.start(
            lab, session.hosts(), session.tasks(), plan, Optional::empty, listener)) {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // ^C is how it ends
    }
    return 0;
  }

  private SnapshotReport save(Session session, Lab lab) {
    SaveLab work =
        new SaveLab(lab, session.hosts(), file, new BundleOptions(images, Optional.empty()));
    session.follow(
        session.tasks().run("Save " + lab.topology().name() + " to " + file.getFileName(), work));
    return work.report();
  }

  private Map<String, Object> json(Lab lab, SnapshotReport report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("lab", lab.topology().id());
    if (file == null) {
      json.put("snapshot", report.snapshot());
    } else {
      json.put("file", file.toString());
      json.put("fileBytes", report.file());
    }
    json.put("cutAt", report.cutAt().toString());
    json.put("longestDowntimeMs", report.longestDowntimeMs());
    List<Object> machines = new ArrayList<>();
    for (SnapshotReport.Machine machine : report.machines()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", machine.name());
      entry.put("downtimeMs", machine.downtimeMs());
      entry.put("bytes", machine.bytes());
      entry.put("frames", machine.frames());
      entry.put("complete", machine.complete());
      machines.add(entry);
    }
    json.put("vms", machines);
    return json;
  }

  private void print(PrintStream out, SnapshotReport report) {
    Table table = new Table("VM", "STOOD STILL", "SIZE", "FRAMES");
    for (SnapshotReport.Machine machine : report.machines()) {
      table.row(
          machine.name(),
          Units.milliseconds(machine.downtimeMs()),
          Units.bytes(machine.bytes()),
          String.valueOf(machine.frames()));
    }
    table.print(out);
    out.println();
    out.println(
        file == null
            ? "Its hosts keep the snapshot " + report.snapshot() + "."
            : file + " has " + Units.bytes(report.file()) + ".");
    if (report.machines().stream().anyMatch(machine -> !machine.complete())) {
      out.println("Frames that were on their way at the cut did not all come; guests see them as lost.");
    }
  }
}
