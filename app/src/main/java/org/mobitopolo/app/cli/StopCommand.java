// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.List;
import org.mobitopolo.lab.Lab;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stop}: shuts virtual machines down. */
@Command(name = "stop", description = "Shut a lab down, or some of its nodes. Disks are kept.")
final class StopCommand extends LabCommand {

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(
      index = "1..*",
      paramLabel = "NODE",
      arity = "0..*",
      description = "Names of nodes; all when none is given.")
  private List<String> nodes = List.of();

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description =
          "How long a guest may take to shut down before it is killed; 0 kills at once (default:"
              + " ${DEFAULT-VALUE}).")
  private double graceSeconds;

  StopCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    if (!(graceSeconds >= 0 && graceSeconds <= 3600)) {
      throw new CliException("--grace takes 0 to 3600 seconds, not " + graceSeconds + ".");
    }
    LabTarget target = new LabFinder(session).find(lab);
    Lab open = session.open(target.topology(), target.file());
    session.follow(open.stop(nodes(target.topology(), nodes), Math.round(graceSeconds * 1000)));
    return StatusCommand.report(this, open);
  }
}
