// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.ExportSnapshot;
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
    description = "List the snapshots that a lab's hosts keep; delete one, or write one into a bundle.")
final class SnapshotsCommand extends LabCommand {

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "With --export: the bundle to write.")
  private Path file;

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
    if (delete != null && export != null || (export != null) != (file != null)) {
      throw new ParameterException(
          spec.commandLine(), "Say --delete SNAPSHOT, or --export SNAPSHOT and a FILE, or neither.");
    }
    if (file != null) {
      SnapshotCommand.requireFree(file, force);
    }
    Topology topology = new LabFinder(session).find(lab).topology();
    Set<HostUrl> urls = new LinkedHashSet<>();
    topology.regions().forEach(region -> urls.add(region.host()));
    StoredSnapshots snapshots = new StoredSnapshots(session.hosts(), urls, topology.id());
    if (delete != null) {
      snapshots.delete(delete);
      tell("deleted", delete, "The hosts keep the snapshot " + delete + " no longer.");
    } else if (export != null) {
      export(session, topology, snapshots);
    } else {
      list(snapshots.list());
    }
    return 0;
  }

  private void export(Session session, Topology topology, StoredSnapshots snapshots) {
    ExportSnapshot work =
        new ExportSnapshot(
            snapshots,
            export,
            topology,
            session.hosts(),
            file,
            new BundleOptions(images, Optional.empty()));
    session.follow(session.tasks().run("Write " + file.getFileName(), work));
    tell("exported", export, file + " has " + Units.bytes(work.size()) + ".");
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
    Table table = new Table("SNAPSHOT", "TAKEN", "SIZE", "HOSTS", "VMS");
    for (Stored snapshot : stored) {
      table.row(
          snapshot.id(),
          snapshot.complete() ? Words.time(snapshot.cutAt()) : "incomplete",
          Units.bytes(snapshot.bytes()),
          snapshot.where().stream().map(HostUrl::displayName).collect(Collectors.joining(", ")),
          String.join(", ", snapshot.machines()));
    }
    table.print(out());
  }

  private static Map<String, Object> json(Stored snapshot) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("snapshot", snapshot.id());
    entry.put("cutAt", snapshot.cutAt().toString());
    entry.put("complete", snapshot.complete());
    entry.put("bytes", snapshot.bytes());
    entry.put("hosts", snapshot.where().stream().map(HostUrl::toString).toList());
    entry.put("vms", snapshot.machines());
    return entry;
  }
}
