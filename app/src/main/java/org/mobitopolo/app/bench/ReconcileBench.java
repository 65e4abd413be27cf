// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mobitopolo.app.cli.OutputOptions;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Table;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.lab.PlanningTrial;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench reconcile}: how long planning for a very large lab takes, on simulated hosts. */
@Command(
    name = "reconcile",
    description =
        "Plan for a lab of many VMs on many simulated hosts: how long comparing what is wished with"
            + " what runs takes, and how many requests each host gets. Starts nothing.")
final class ReconcileBench implements Callable<Integer> {
  private static final int MOST_VMS = 100_000;
  private static final int MOST_HOSTS = 5_000;

  private final Surroundings surroundings;

  @Spec private CommandSpec spec;

  @Option(
      names = "--vms",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many VMs, with half as many more links (default: ${DEFAULT-VALUE}).")
  private int vms;

  @Option(
      names = "--hosts",
      paramLabel = "N",
      defaultValue = "500",
      description = "How many hosts (default: ${DEFAULT-VALUE}).")
  private int hosts;

  @Mixin private OutputOptions output = new OutputOptions();

  ReconcileBench(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    if (vms < 100 || vms > MOST_VMS || hosts < 2 || hosts > MOST_HOSTS) {
      throw new ParameterException(
          spec.commandLine(),
          "--vms must be between 100 and " + MOST_VMS + ", --hosts between 2 and " + MOST_HOSTS + ".");
    }
    PlanningTrial.Result result = PlanningTrial.run(vms, hosts);
    if (output.json()) {
      OutputOptions.printJson(surroundings.out(), json(result));
      return 0;
    }
    surroundings
        .out()
        .printf(
            "%d VMs, %d links, %d hosts; nothing to do is found in %s; facts take %s%n",
            result.vms(),
            result.links(),
            result.hosts(),
            Units.milliseconds(result.idlePlanMillis()),
            Units.bytes(result.factsBytes()));
    Table table = new Table("", "FIRST PLAN", "ROUNDS", "ACTIONS", "HOSTS ASKED", "MOST REQUESTS A HOST", "TOPOLOGY SENT");
    for (PlanningTrial.Step step : result.steps()) {
      table.row(
          step.what(),
          Units.milliseconds(step.planMillis()),
          String.valueOf(step.rounds()),
          String.valueOf(step.actions()),
          String.valueOf(step.hostsAsked()),
          String.valueOf(step.mostRequestsAHost()),
          Units.bytes(step.topologyBytes()));
    }
    table.print(surroundings.out());
    return 0;
  }

  private static Map<String, Object> json(PlanningTrial.Result result) {
    List<Map<String, Object>> steps = new ArrayList<>();
    for (PlanningTrial.Step step : result.steps()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("what", step.what());
      entry.put("firstPlanMs", step.planMillis());
      entry.put("rounds", step.rounds());
      entry.put("actions", step.actions());
      entry.put("hostsAsked", step.hostsAsked());
      entry.put("mostRequestsAHost", step.mostRequestsAHost());
      entry.put("topologyBytes", step.topologyBytes());
      steps.add(entry);
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("vms", result.vms());
    report.put("links", result.links());
    report.put("hosts", result.hosts());
    report.put("idlePlanMs", result.idlePlanMillis());
    report.put("factsBytes", result.factsBytes());
    report.put("steps", steps);
    return report;
  }
}
