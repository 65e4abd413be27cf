// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.host.Host;
import org.mobitopolo.host.Upkeep;
import org.mobitopolo.topology.HostUrl;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code clean}: deletes what was left on hosts long ago. */
@Command(
    name = "clean",
    description =
        "Show what lies on hosts and has not been used for long, and delete it: VMs that are off, with their disks, and agents and images that no VM and no snapshot needs. What runs or is saved"
            + " stays.")
final class CleanCommand extends LabCommand {

  @Parameters(paramLabel = "HOST", arity = "0..*", description = HostsCommand.FORMS + " Without HOST: this computer.")
  private List<String> names = List.of();

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "30",
      description = "VMs that have been off for so many days; ${DEFAULT-VALUE} when not given.")
  private int days;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  CleanCommand(Surroundings surroundings) {
    super(surroundings);
  }

  /** What one host could do without. */
  private record Found(HostUrl url, Upkeep upkeep, List<Upkeep.IdleVm> vms, Upkeep.Unused unused) {
    long bytes() {
      return unused.bytes() + vms.stream().mapToLong(Upkeep.IdleVm::bytes).sum();
    }

    boolean nothing() {
      return vms.isEmpty() && unused.agents().isEmpty() && unused.images().isEmpty();
    }
  }

  @Override
  protected int run(Session session) throws Exception {
    if (days < 0) {
      throw new CliException("--days can't be negative: 0 means all VMs that are off.");
    }
    List<Found> all = new ArrayList<>();
    for (HostUrl url : names.isEmpty() ? List.of(HostUrl.LOCAL) : hosts(names)) {
      Host host = session.hosts().host(url);
      Upkeep upkeep = new Upkeep(host.agent());
      all.add(new Found(url, upkeep, upkeep.idle(Duration.ofDays(days)), upkeep.unused()));
    }
    List<Found> found = all.stream().filter(one -> !one.nothing()).toList();
    if (!output().json()) {
      print(found);
    }
    if (!found.isEmpty() && !yes) {
      confirm();
    }
    for (Found one : found) {
      for (Upkeep.IdleVm vm : one.vms()) {
        one.upkeep().delete(vm);
      }
      one.upkeep().removeUnused();
    }
    long bytes = found.stream().mapToLong(Found::bytes).sum();
    if (output().json()) {
      OutputOptions.printJson(out(), Map.of("bytes", bytes, "hosts", found.stream().map(CleanCommand::json).toList()));
    } else {
      out().println(found.isEmpty() ? "There is nothing to clean." : "Deleted; " + Units.bytes(bytes) + " are free again.");
    }
    return 0;
  }

  private void print(List<Found> found) {
    if (found.isEmpty()) {
      return;
    }
    Table table = new Table("HOST", "WHAT", "LAB", "SINCE", "SIZE");
    for (Found one : found) {
      String host = one.url().displayName();
      for (Upkeep.IdleVm vm : one.vms()) {
        table.row(host, "VM " + vm.name() + ", " + vm.state(), vm.labName(), vm.age().toDays() + " days", Units.bytes(vm.bytes()));
      }
      int unused = one.unused().agents().size() + one.unused().images().size();
      if (unused > 0) {
        table.row(
            host, one.unused().agents().size() + " agents, " + one.unused().images().size() + " images", "-", "-", Units.bytes(one.unused().bytes()));
      }
    }
    table.print(out());
  }

  private void confirm() throws CliException {
    if (!surroundings().terminal().canAsk()) {
      throw new CliException("Nothing was deleted. Say --yes to delete it without being asked.");
    }
    if (!Terminal.agrees("Delete this?")) {
      throw new CliException("Nothing was deleted.");
    }
  }

  private static Map<String, Object> json(Found found) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("host", found.url().toString());
    report.put("vms", found.vms().stream().map(vm -> Map.of("lab", vm.lab(), "name", vm.name(), "state", vm.state(), "bytes", vm.bytes())).toList());
    report.put("agents", found.unused().agents());
    report.put("images", found.unused().images());
    return report;
  }
}
