// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.Map;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code destroy}: removes a lab from its hosts. */
@Command(
    name = "destroy",
    description =
        "Kill all VMs of a lab and delete their disks and the lab on its hosts. The topology file"
            + " stays.")
final class DestroyCommand extends LabCommand {

  @Parameters(paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  DestroyCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    LabTarget target = new LabFinder(session).find(lab);
    Topology topology = target.topology();
    if (!yes) {
      confirm(topology);
    }
    Lab open = session.open(topology, target.file());
    session.follow(open.destroy());
    surroundings().knownLabs().forget(topology.id());
    if (output().json()) {
      OutputOptions.printJson(
          out(), Map.of("id", topology.id(), "name", topology.name(), "destroyed", true));
    } else {
      out().println("No host holds the lab \"" + topology.name() + "\" any more.");
    }
    return 0;
  }

  private void confirm(Topology topology) throws CliException {
    if (!surroundings().terminal().canAsk()) {
      throw new CliException(
          "destroy deletes the disks of \""
              + topology.name()
              + "\". Say --yes to do it without being asked.");
    }
    if (!Terminal.agrees("Delete all VMs of \"" + topology.name() + "\" with their disks?")) {
      throw new CliException("Nothing was deleted.");
    }
  }
}
