// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.ExportSnapshot;
import org.mobitopolo.snapshot.RollBack;
import org.mobitopolo.snapshot.StoredSnapshots;
import org.mobitopolo.snapshot.StoredSnapshots.Stored;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code snapshots}: those that the hosts of a lab keep. */
@Command(
    name = "snapshots",
    description =
        "List the snapshots that a lab's hosts keep; let the lab go on from one, write one into a"
            + " bundle, rename or delete one. A SNAPSHOT is told by its id, the beginning of it, or its"
            + " name.")
final class SnapshotsCommand extends LabCommand {

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "With --export: the bundle to write. With --rename: the name.")
  private String file;

  @Option(
      names = "--restore",
      paramLabel = "SNAPSHOT",
      description =
          "Roll back: the lab goes on from this one, and its VMs that run now give way. It must not"
              + " be open in a window.")
  private String restore;

  @Option(
      names = "--keep-clock",
      description =
          "With --restore: let the guests' clocks go on where they were cut, instead of showing the"
              + " time.")
  private boolean keepClock;

  @Option(names = "--rename", paramLabel = "SNAPSHOT", description = "Call this one otherwise.")
  private String rename;

  @Option(
      names = "--delete",
      paramLabel = "SNAPSHOT",
      description = "Delete this one from all its hosts.")
  private String delete;

  @Option(
      names = "--export",
      paramLabel = "SNAPSHOT",
      description = "Write this one into the bundle FILE. The hosts keep it.")
  private String export;

  @Option(names = "--images", description = "With --export: put the base images into the bundle.")
  private boolean images;

  @Option(
      names = {"-f", "--force"},
      description = "With --export: replace FILE if it exists.")
  private boolean force;

  SnapshotsCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    long actions = Stream.of(delete, export, restore, rename).filter(Objects::nonNull).count();
    if (actions > 1 || (export != null || rename != null) != (file != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "Say --restore or --delete SNAPSHOT, --export SNAPSHOT and a FILE, --rename SNAPSHOT and a"
              + " name, or none of them.");
    }
    if (export != null) {
      SnapshotCommand.requireFree(Path.of(file), force);
    }
    Topology topology = new LabFinder(session).find(lab).topology();
    Set<HostUrl> urls = new LinkedHashSet<>();
    topology.regions().forEach(region -> urls.add(region.host()));
    StoredSnapshots snapshots = new StoredSnapshots(session.hosts(), urls, topology.id());
    if (delete != null) {
      String id = find(snapshots, delete);
      snapshots.delete(id);
      tell("deleted", id, "The hosts keep the snapshot " + delete + " no longer.");
    } else if (rename != null) {
      String id = find(snapshots, rename);
      snapshots.rename(id, file);
      tell("renamed", id, "The snapshot " + id + " is called \"" + file + "\".");
    } else if (export != null) {
      export(session, topology, snapshots);
    } else if (restore != null) {
      return restore(session, topology, snapshots);
    } else {
      list(snapshots.list());
    }
    return 0;
  }

  private static String find(StoredSnapshots snapshots, String wanted) throws Exception {
    List<Stored> all = snapshots.list();
    List<Stored> found =
        all.stream().filter(each -> each.label().equalsIgnoreCase(wanted)).toList();
    if (found.isEmpty()) {
      found = all.stream().filter(each -> each.id().startsWith(wanted)).toList();
    }
    if (found.size() == 1) {
      return found.getFirst().id();
    }
    throw new CliException(
        found.isEmpty()
            ? "The hosts keep no snapshot \"" + wanted + "\" of this lab. See \"mobitopolo snapshots\"."
            : "\"" + wanted + "\" may be any of " + found.size() + " snapshots; say more of its id.");
  }

  private int restore(Session session, Topology topology, StoredSnapshots snapshots)
      throws Exception {
    RollBack work =
        new RollBack(snapshots, find(snapshots, restore), topology, session.hosts(), keepClock);
    session.follow(session.tasks().run("Roll back " + topology.name(), work));
    Lab lab = session.open(work.topology(), Optional.empty());
    session.follow(lab.settle());
    return StatusCommand.report(this, lab);
  }

  private void export(Session session, Topology topology, StoredSnapshots snapshots)
      throws Exception {
    Path target = Path.of(file);
    String id = find(snapshots, export);
    ExportSnapshot work =
        new ExportSnapshot(
            snapshots,
            id,
            topology,
            session.hosts(),
            target,
            new BundleOptions(images, Optional.empty()));
    session.follow(session.tasks().run("Write " + target.getFileName(), work));
    tell("exported", id, file + " has " + Units.bytes(work.size()) + ".");
  }

  private void tell(String what, String snapshot, String sentence) {
    if (output().json()) {
      OutputOptions.printJson(out(), Map.of(what, snapshot));
    } else {
      out().println(sentence);
    }
  }

  private void list(List<Stored> stored) {
    if (output().json()) {
      OutputOptions.printJson(
          out(), Map.of("snapshots", stored.stream().map(SnapshotsCommand::json).toList()));
      return;
    }
    if (stored.isEmpty()) {
      out().println("The hosts keep no snapshots of this lab.");
      return;
    }
    Table table = new Table("SNAPSHOT", "NAME", "TAKEN", "SIZE", "HOSTS", "VMS");
    for (Stored snapshot : stored) {
      table.row(
          snapshot.id(),
          name(snapshot),
          snapshot.complete() ? Words.time(snapshot.cutAt()) : "incomplete",
          Units.bytes(snapshot.bytes()),
          snapshot.where().stream().map(HostUrl::displayName).collect(Collectors.joining(", ")),
          String.join(", ", snapshot.machines()));
    }
    table.print(out());
  }

  private static String name(Stored snapshot) {
    return snapshot.label().isEmpty() && snapshot.automatic() ? "(automatic)" : snapshot.label();
  }

  private static Map<String, Object> json(Stored snapshot) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("snapshot", snapshot.id());
    entry.put("name", snapshot.label());
    entry.put("automatic", snapshot.automatic());
    entry.put("cutAt", snapshot.cutAt().toString());
    entry.put("complete", snapshot.complete());
    entry.put("bytes", snapshot.bytes());
    entry.put("hosts", snapshot.where().stream().map(HostUrl::toString).toList());
    entry.put("vms", snapshot.machines());
    return entry;
  }
}
