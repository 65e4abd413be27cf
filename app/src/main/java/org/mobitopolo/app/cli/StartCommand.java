// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.List;
import org.mobitopolo.lab.Lab;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code start}: boots virtual machines. */
@Command(
    name = "start",
    description = "Start a lab, or some of its nodes. What runs already is left alone.")
final class StartCommand extends LabCommand {

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(
      index = "1..*",
      paramLabel = "NODE",
      arity = "0..*",
      description = "Names of nodes; all when none is given.")
  private List<String> nodes = List.of();

  StartCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    LabTarget target = new LabFinder(session).find(lab);
    Lab open = session.open(target.topology(), target.file());
    session.follow(open.start(nodes(target.topology(), nodes)));
    session.followImages(open);
    return StatusCommand.report(this, open);
  }
}
