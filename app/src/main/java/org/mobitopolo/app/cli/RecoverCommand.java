// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.List;
import org.mobitopolo.lab.Lab;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code recover}: the word of a person that a host is gone for good. */
@Command(
    name = "recover",
    description =
        "Let a VM go on where its memory was kept when it was handed over to a host that is gone for"
            + " good. While that host may come back, wait for it instead: then it is decided by"
            + " itself, and the VM can't run twice.")
final class RecoverCommand extends LabCommand {

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(index = "1", paramLabel = "NODE", description = "Name of the node.")
  private String node;

  RecoverCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    LabTarget target = new LabFinder(session).find(lab);
    Lab open = session.open(target.topology(), target.file());
    session.follow(open.recover(nodes(target.topology(), List.of(node)).getFirst()));
    return StatusCommand.report(this, open);
  }
}
