// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.migration.MigrationLimits;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Node;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code migrate}: moves a node to another region, live when it runs. */
@Command(
    name = "migrate",
    description =
        "Move a node into another region: live when it runs. ^C cancels, and the node stays where"
            + " it is.")
final class MigrateCommand extends LabCommand {

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(index = "1", paramLabel = "NODE", description = "Name of the node.")
  private String node;

  @Parameters(
      index = "2",
      paramLabel = "REGION",
      description = "Name of the region it shall move to.")
  private String region;

  @Option(
      names = "--downtime-limit",
      paramLabel = "TIME",
      defaultValue = "300ms",
      converter = Quantity.OfTime.class,
      description =
          "How long the VM should stand still at most (default: ${DEFAULT-VALUE}). It is copied again"
              + " until that can be kept, or until copying again doesn't help any more.")
  private Duration downtimeLimit;

  @Option(
      names = "--bandwidth-limit",
      paramLabel = "RATE",
      defaultValue = "unlimited",
      converter = Quantity.OfRate.class,
      description = "What the migration may use of the network, such as 50Mbit (default: all).")
  private Rate bandwidthLimit;

  @Option(
      names = "--max-throttle",
      paramLabel = "PERCENT",
      defaultValue = "99",
      description =
          "How far the VM's programs may be slowed down when they change memory faster than it is"
              + " copied, 0 to 99; 0: never (default: ${DEFAULT-VALUE}).")
  private int maxThrottle;

  @Spec private CommandSpec spec;

  MigrateCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    MigrationLimits limits = limits();
    LabTarget target = new LabFinder(session).find(lab);
    Topology topology = target.topology();
    Node moving = node(topology, node);
    Region goal = region(topology);
    Lab open = session.open(topology, target.file());
    open.limitMigrations(() -> limits);
    Optional<String> before = open.state().vm(moving.id()).instance();
    move(session, open, moving.id(), goal.id());
    VmState after = open.state().vm(moving.id());
    boolean moved = !after.instance().equals(before);
    Optional<MigrationProgress> figures = moved ? after.migration() : Optional.empty();
    if (output().json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("node", moving.name());
      report.put("region", goal.name());
      report.put("live", moved);
      figures.ifPresent(progress -> report.putAll(Reports.migration(topology, progress)));
      OutputOptions.printJson(out(), report);
    } else {
      String where =
          moving.name() + (after.status().live() ? " runs in " : " is in ") + goal.name() + ".";
      out().println(where + figures.map(progress -> " " + Words.migrated(progress)).orElse(""));
    }
    return 0;
  }

  /**
   * Migrates, and in any case waits until the hosts know what is wished now: else the next command
   * would go on with the old wish.
   */
  private static void move(Session session, Lab lab, String node, String region)
      throws InterruptedException {
    try {
      session.follow(lab.migrate(node, region));
    } catch (LabException failure) {
      try {
        session.follow(lab.settle());
      } catch (LabException later) {
        failure.addSuppressed(later);
      }
      throw failure;
    }
    session.follow(lab.settle());
    session.followImages(lab);
  }

  private MigrationLimits limits() {
    try {
      return new MigrationLimits(downtimeLimit, bandwidthLimit, maxThrottle);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private Region region(Topology topology) throws CliException {
    return topology.regions().stream()
        .filter(
            candidate -> candidate.name().equalsIgnoreCase(region) || candidate.id().equals(region))
        .findFirst()
        .orElseThrow(
            () ->
                new CliException(
                    "The lab \""
                        + topology.name()
                        + "\" has no region \""
                        + region
                        + "\". It has: "
                        + topology.regions().stream()
                            .map(Region::name)
                            .collect(Collectors.joining(", "))
                        + "."));
  }
}
