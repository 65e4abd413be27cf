// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.host.HostState;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.lab.LinkState;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code status}: what really runs. */
@Command(
    name = "status",
    description =
        "Show what a lab's hosts report; without LAB, which labs this computer and the hosts of"
            + " labs seen before hold.")
final class StatusCommand extends LabCommand {

  /** The host agents report counters each second; two reports give rates. */
  private static final long LONGEST_WAIT_FOR_LINKS_MS = 2500;

  @Parameters(paramLabel = "LAB", arity = "0..1", description = "File, name or id.")
  private String lab;

  StatusCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    if (lab == null) {
      return list(session);
    }
    LabTarget target = new LabFinder(session).find(lab);
    Lab open = session.open(target.topology(), target.file());
    return report(this, open);
  }

  private static void awaitLinks(Lab lab) throws InterruptedException {
    long end = System.nanoTime() + LONGEST_WAIT_FOR_LINKS_MS * 1_000_000;
    while (System.nanoTime() < end
        && lab.topology().links().stream().anyMatch(link -> isExpected(lab.state(), link))) {
      Thread.sleep(50);
    }
  }

  /** Whether both ends run, but the link does not show as up. */
  private static boolean isExpected(LabState state, Link link) {
    boolean live =
        state.vm(link.a().node()).status().live() && state.vm(link.b().node()).status().live();
    LinkState linkState = state.links().get(link.id());
    return live && (linkState == null || !linkState.up());
  }

  /**
   * Tells the state of a lab, once its links have had time to come up; the status is 0 when all its
   * hosts answer.
   */
  static int report(LabCommand command, Lab lab) throws InterruptedException {
    awaitLinks(lab);
    Topology topology = lab.topology();
    LabState state = lab.state();
    if (command.output().json()) {
      OutputOptions.printJson(command.out(), Reports.lab(topology, state));
    } else {
      print(command.out(), topology, state);
    }
    boolean reachable =
        state.hosts().values().stream()
            .allMatch(host -> host.status() == HostState.Status.CONNECTED);
    return reachable ? 0 : CommandLineProgram.FAILED;
  }

  private static void print(PrintStream out, Topology topology, LabState state) {
    out.println(topology.name() + " (" + topology.id() + ")");
    out.println();
    Table nodes = new Table("NODE", "STATUS", "REGION", "HOST", "CPU", "MEMORY", "DISK", "SINCE");
    for (Node node : topology.nodes()) {
      VmState vm = state.vm(node.id());
      nodes.row(
          node.name(),
          Words.status(vm.status()),
          vm.region().or(node::region).map(id -> Words.region(topology, id)).orElse("-"),
          vm.host().map(HostUrl::displayName).orElse("-"),
          cpu(vm.cpu()),
          vm.memoryBytes() > 0 ? Units.bytes(vm.memoryBytes()) : "-",
          vm.diskBytes() > 0 ? Units.bytes(vm.diskBytes()) : "-",
          vm.since().map(Words::time).orElse("-"));
    }
    nodes.print(out);
    printLinks(out, topology, state);
    printTroubles(out, topology, state);
  }

  private static String cpu(OptionalInt cpu) {
    return cpu.isPresent() ? String.valueOf(cpu.getAsInt()) : "-";
  }

  private static void printLinks(PrintStream out, Topology topology, LabState state) {
    Table links = new Table("LINK", "STATE", "ROUND TRIP", "A TO B", "B TO A", "DROPPED");
    for (Link link : topology.links()) {
      LinkState linkState = state.links().get(link.id());
      String name = Words.end(topology, link.a()) + " - " + Words.end(topology, link.b());
      if (linkState == null) {
        links.row(name, "unknown", "-", "-", "-", "-");
      } else {
        links.row(
            name,
            state(linkState),
            linkState
                .roundTrip()
                .map(roundTrip -> Units.milliseconds(roundTrip.toNanos() / 1e6))
                .orElse("-"),
            Units.bitRate(linkState.bytesPerSecondAb()),
            Units.bitRate(linkState.bytesPerSecondBa()),
            String.valueOf(linkState.a().dropped() + linkState.b().dropped()));
      }
    }
    if (!links.isEmpty()) {
      out.println();
      links.print(out);
    }
  }

  private static String state(LinkState link) {
    if (!link.up()) {
      return "down";
    }
    return link.relayedBy().map(by -> "up, relayed by " + Words.relay(by)).orElse("up");
  }

  private static void printTroubles(PrintStream out, Topology topology, LabState state) {
    List<String> troubles = new ArrayList<>();
    for (Region region : topology.regions()) {
      HostState host = state.hosts().get(region.id());
      if (host != null) {
        host.failure()
            .ifPresent(failure -> troubles.add(region.name() + ": " + failure.getMessage()));
      }
    }
    for (Node node : topology.nodes()) {
      VmState vm = state.vm(node.id());
      if (!vm.phase().isEmpty()) {
        troubles.add(node.name() + ": " + vm.phase());
      }
      vm.error().ifPresent(error -> troubles.add(node.name() + ": " + error));
    }
    if (!troubles.isEmpty()) {
      out.println();
      troubles.forEach(out::println);
    }
  }

  private int list(Session session) throws InterruptedException {
    Labs.Search search = Labs.find(session.hosts(), surroundings().knownLabs().hosts());
    if (output().json()) {
      List<Object> labs = new ArrayList<>();
      for (Labs.Found found : search.labs()) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("id", found.topology().id());
        entry.put("name", found.topology().name());
        entry.put("hosts", found.hosts().stream().map(HostUrl::toString).toList());
        entry.put("nodes", found.topology().virtualMachines().count());
        entry.put("live", found.liveVms());
        labs.add(entry);
      }
      Map<String, String> failures = new LinkedHashMap<>();
      search
          .failures()
          .forEach((url, failure) -> failures.put(url.toString(), failure.getMessage()));
      OutputOptions.printJson(out(), Map.of("labs", labs, "failures", failures));
    } else {
      Table table = new Table("LAB", "RUNNING", "HOSTS", "ID");
      for (Labs.Found found : search.labs()) {
        table.row(
            found.topology().name(),
            found.liveVms() + " of " + found.topology().virtualMachines().count(),
            found.hosts().stream().map(HostUrl::displayName).collect(Collectors.joining(", ")),
            found.topology().id());
      }
      if (table.isEmpty()) {
        out()
            .println(
                "No host holds a lab. Begin with \"mobitopolo sample\" or \"mobitopolo apply"
                    + " LAB.json\".");
      } else {
        table.print(out());
      }
      search
          .failures()
          .forEach(
              (url, failure) ->
                  surroundings().err().println(url.displayName() + ": " + failure.getMessage()));
    }
    return search.failures().isEmpty() ? 0 : CommandLineProgram.FAILED;
  }
}
