// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.host.Host;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.topology.HostUrl;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hosts}: connects to hosts and shows what they are. */
@Command(
    name = "hosts",
    description =
        "Connect to hosts and show what they offer; without HOST, to this computer and the hosts of"
            + " labs seen before.")
final class HostsCommand extends LabCommand {

  /** How hosts are named, for help texts. */
  static final String FORMS =
      "local: or ssh://user@name:port; names of ~/.ssh/config, also as lab-*; many as node[01-16];"
          + " ansible:FILE or ansible:FILE#GROUP; slurm: or slurm:JOB for the nodes of an"
          + " allocation.";

  private static final long LONGEST_WAIT_MS = 60_000;

  @Parameters(
      paramLabel = "HOST",
      arity = "0..*",
      description = FORMS)
  private List<String> urls = List.of();

  HostsCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    List<Host> hosts = wanted().stream().map(session.hosts()::host).toList();
    hosts.forEach(Host::connect);
    List<HostState> states = awaitAll(hosts);
    if (output().json()) {
      List<Map<String, Object>> reports =
          states.stream().map(state -> Reports.host(state.url(), state)).toList();
      OutputOptions.printJson(out(), Map.of("hosts", reports));
    } else {
      print(states);
    }
    boolean all = states.stream().allMatch(state -> state.status() == HostState.Status.CONNECTED);
    return all ? 0 : CommandLineProgram.FAILED;
  }

  private Set<HostUrl> wanted() throws CliException, InterruptedException {
    if (urls.isEmpty()) {
      return surroundings().knownLabs().hosts();
    }
    return new LinkedHashSet<>(hosts(urls));
  }

  /** Waits, for a minute at most, until a host has answered with its facts or failed. */
  static HostState await(Host host) throws InterruptedException {
    return awaitAll(List.of(host)).getFirst();
  }

  private static List<HostState> awaitAll(List<Host> hosts) throws InterruptedException {
    long end = System.nanoTime() + LONGEST_WAIT_MS * 1_000_000;
    while (System.nanoTime() < end && hosts.stream().anyMatch(host -> isPending(host.state()))) {
      Thread.sleep(20);
    }
    List<HostState> states = new ArrayList<>();
    hosts.forEach(host -> states.add(host.state()));
    return states;
  }

  private static boolean isPending(HostState state) {
    return switch (state.status()) {
      case IDLE, CONNECTING -> true;
      case CONNECTED -> state.facts().isEmpty();
      case UNREACHABLE -> false;
    };
  }

  private void print(List<HostState> states) {
    Table table =
        new Table(
            "HOST", "STATUS", "NAME", "CPUS", "LOAD", "MEMORY FREE", "DISK FREE", "VMS", "CPU");
    for (HostState state : states) {
      String name = state.url().displayName();
      String status = Words.lower(state.status());
      if (state.facts().isPresent()) {
        HostFacts facts = state.facts().get();
        table.row(
            name,
            status,
            facts.hostname(),
            String.valueOf(facts.cpus()),
            String.format(Locale.ROOT, "%.2f", facts.load1()),
            Units.bytes(facts.memoryAvailable()),
            Units.bytes(facts.diskAvailable()),
            String.valueOf(facts.vms()),
            facts.cpuModel());
      } else {
        table.row(name, status, "-", "-", "-", "-", "-", "-", "-");
      }
    }
    table.print(out());
    for (HostState state : states) {
      state
          .failure()
          .ifPresent(
              failure ->
                  surroundings()
                      .err()
                      .println(state.url().displayName() + ": " + failure.getMessage()));
    }
  }
}
