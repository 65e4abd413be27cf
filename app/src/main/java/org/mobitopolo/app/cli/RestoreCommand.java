// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.snapshot.Placement;
import org.mobitopolo.snapshot.RestoreLab;
import org.mobitopolo.snapshot.RestoreOptions;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code restore}: lets a saved lab go on. */
@Command(
    name = "restore",
    description =
        "Let a lab go on that \"snapshot\" has saved: its VMs, their programs and connections"
            + " continue where they were cut. On this computer unless hosts are named. Nothing is left"
            + " behind when it fails or ^C cancels it.")
final class RestoreCommand extends LabCommand {

  @Parameters(
      paramLabel = "FILE|URL",
      description = "The bundle, or its address on a web server.")
  private String source;

  @Option(
      names = "--on",
      paramLabel = "HOST",
      description =
          "Hosts to use, such as ssh://user@host. One takes all regions; of several those with"
              + " most memory free.")
  private List<String> on = List.of();

  @Option(
      names = "--region",
      paramLabel = "NAME=HOST",
      description = "The host of one region. May be repeated.")
  private Map<String, String> regions = Map.of();

  @Option(
      names = "--like",
      paramLabel = "LAB",
      description = "Regions lie on the hosts where this lab has regions of the same name.")
  private String like;

  @Option(names = "--as-new", description = "Make a new lab of it, beside the one that was saved.")
  private boolean asNew;

  @Option(names = "--name", paramLabel = "NAME", description = "Another name for the lab.")
  private String name;

  @Option(
      names = "--replace",
      description = "Roll back: VMs that its hosts hold for the same lab give way.")
  private boolean replace;

  @Option(
      names = "--keep-clock",
      description = "Let the guests' clocks go on where they were cut, instead of showing the time.")
  private boolean keepClock;

  @Option(names = "--show", description = "Only say what the bundle holds.")
  private boolean show;

  RestoreCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    try (BundleArgument argument = BundleArgument.open(session, source)) {
      Manifest manifest = argument.bundle().manifest();
      if (show) {
        show(manifest, argument.bundle().size());
        return 0;
      }
      Topology topology = named(placed(session, manifest));
      RestoreOptions options = new RestoreOptions(keepClock, replace);
      RestoreLab work =
          new RestoreLab(argument.bundle(), List.of(topology), session.hosts(), options);
      session.follow(session.tasks().run("Restore " + topology.name(), work));
      Lab lab = session.open(topology, Optional.empty());
      session.follow(lab.settle());
      session.followImages(lab);
      return StatusCommand.report(this, lab);
    }
  }

  private Topology placed(Session session, Manifest manifest) throws Exception {
    List<HostUrl> hosts = hosts(on);
    if (regions.isEmpty() && like == null && hosts.size() > 1) {
      return new Placement(manifest, session.hosts(), hosts).next();
    }
    HostUrl otherwise = hosts.isEmpty() ? HostUrl.LOCAL : hosts.getFirst();
    Map<String, HostUrl> chosen = new LinkedHashMap<>();
    if (like != null) {
      Topology model = new LabFinder(session).find(like).topology();
      model.regions().forEach(region -> chosen.put(region.name(), region.host()));
    }
    for (Map.Entry<String, String> region : regions.entrySet()) {
      chosen.put(requireRegion(manifest, region.getKey()).name(), host(region.getValue()));
    }
    return Placement.onto(manifest, region -> chosen.getOrDefault(region.name(), otherwise));
  }

  private static Region requireRegion(Manifest manifest, String wanted) throws CliException {
    return manifest.topology().regions().stream()
        .filter(region -> region.name().equalsIgnoreCase(wanted) || region.id().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new CliException(
                    "The bundle has no region \""
                        + wanted
                        + "\". It has: "
                        + manifest.topology().regions().stream()
                            .map(Region::name)
                            .collect(Collectors.joining(", "))
                        + "."));
  }

  private Topology named(Topology topology) {
    Topology result = asNew ? topology.withId(Ids.newLabId()) : topology;
    return name == null ? result : result.withName(name);
  }

  private void show(Manifest manifest, long size) {
    if (output().json()) {
      OutputOptions.printJson(out(), json(manifest, size));
      return;
    }
    out().println(
        manifest.name() + ", saved " + Words.time(manifest.created()) + ", " + Units.bytes(size));
    out().println();
    Table table = new Table("VM", "REGION", "MEMORY", "IN USE");
    for (Manifest.Machine machine : manifest.machines()) {
      if (machine.head().isDevice()) {
        continue;
      }
      table.row(
          manifest.topology().node(machine.node()).orElseThrow().name(),
          Words.region(manifest.topology(), machine.region()),
          machine.head().json().path("config").path("memoryMiB").asInt(0) + " MiB",
          Units.bytes(machine.head().contentBytes()));
    }
    table.print(out());
  }

  private static Map<String, Object> json(Manifest manifest, long size) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", manifest.topology().id());
    json.put("name", manifest.name());
    json.put("created", manifest.created().toString());
    json.put("fileBytes", size);
    json.put("images", manifest.images().keySet());
    List<Object> machines = new ArrayList<>();
    for (Manifest.Machine machine : manifest.machines()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", manifest.topology().node(machine.node()).orElseThrow().name());
      entry.put("region", Words.region(manifest.topology(), machine.region()));
      entry.put("memoryBytes", machine.head().contentBytes());
      entry.put("kernel", machine.kernel());
      entry.put("buildId", machine.head().buildId());
      machines.add(entry);
    }
    json.put("vms", machines);
    return json;
  }
}
