// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.app.cli.Session;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Table;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench boot}: how long a new VM takes until it runs. */
@Command(
    name = "boot",
    description =
        "Boot new VMs of the image \"small\", one after the other, and tell how long each took until"
            + " its set-up script had ended.")
final class BootBench extends Bench {

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many boots (default: ${DEFAULT-VALUE}).")
  private int count;

  BootBench(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  Topology topology(String id, HostUrl host) {
    require(count >= 1, "--count must be at least 1.");
    return BenchLabs.empty(id, host);
  }

  @Override
  int measure(Session session, Lab lab) throws Exception {
    Map<String, Instant> processStarts = new ConcurrentHashMap<>();
    lab.addListener(
        state ->
            state.vms().values().stream()
                .filter(vm -> vm.status() == VmStatus.BOOTING)
                .forEach(vm -> vm.since().ifPresent(at -> processStarts.putIfAbsent(vm.node(), at))));
    Figures booting = new Figures();
    Figures asking = new Figures();
    say(session, "One boot that is not counted brings agent, kernel and image into place.");
    for (int boot = 0; boot <= count; boot++) {
      String node = "vm-" + boot;
      lab.update(
          topology -> topology.withNodes(List.of(BenchLabs.machine(node, 1, BenchLabs.LEFT_ADDRESS))));
      long asked = System.nanoTime();
      session.follow(lab.start(List.of(node)));
      double wholeMs = (System.nanoTime() - asked) / 1e6;
      VmState vm = lab.state().vm(node);
      if (vm.error().isPresent()) {
        throw new CliException("Boot " + boot + " went wrong: " + vm.error().get());
      }
      Instant began = processStarts.get(node);
      if (boot > 0 && began != null) {
        booting.add(Duration.between(began, vm.since().orElseThrow()).toMillis());
        asking.add(wholeMs);
      } else if (boot > 0) {
        throw new CliException(
            "Boot " + boot + " was over before this program saw it begin, so it has no figure.");
      }
      lab.update(topology -> topology.withNodes(List.of()));
      session.follow(lab.settle());
    }
    if (output().json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("boots", count);
      report.put("processToRunningMs", booting.json());
      report.put("askedToRunningMs", asking.json());
      printJson(report);
    } else {
      Table table = Figures.table();
      booting.print(table, "process start to running", Units::milliseconds);
      asking.print(table, "asked for to running", Units::milliseconds);
      table.print(out());
    }
    return 0;
  }
}
