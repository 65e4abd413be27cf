// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.Problem;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Validator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code apply}: makes the hosts run what a file says. */
@Command(
    name = "apply",
    description =
        "Make the hosts run what the file says: starts what does not run, migrates what runs"
            + " elsewhere, changes links, deletes nodes of the lab that are not in the file.")
final class ApplyCommand extends LabCommand {

  @Parameters(paramLabel = "LAB.json", description = "The topology file.")
  private Path file;

  @Option(names = "--no-start", description = "Change only what runs already.")
  private boolean noStart;

  ApplyCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    Topology wish = LabFinder.read(file);
    List<Problem> warnings = Validator.validate(wish);
    if (output().showsProgress()) {
      warnings.forEach(warning -> surroundings().err().println("warning: " + warning.message()));
    }
    Optional<LabTarget> held = new LabFinder(session).held(wish);
    Lab lab = session.open(held.map(LabTarget::topology).orElse(wish), Optional.of(file));
    lab.setTopology(wish);
    session.follow(lab.settle());
    if (!noStart) {
      List<String> placed =
          wish.nodes().stream()
              .filter(node -> node.region().isPresent())
              .map(node -> node.id())
              .toList();
      session.follow(lab.start(placed));
    }
    session.followImages(lab);
    return StatusCommand.report(this, lab);
  }
}
