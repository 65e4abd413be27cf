// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code mobitopolo} without a command: opens the window. */
@Command(
    name = "mobitopolo",
    description =
        "Networks of virtual Linux machines that migrate live between plain SSH accounts.",
    synopsisSubcommandLabel = "[COMMAND]",
    subcommands = HelpCommand.class,
    footerHeading = "%nLAB is a topology file, or the name or id of a lab that hosts hold.%n",
    footer = {
      "Commands end with status 0 when they did all they were asked for, 1 when not, 2 when the"
          + " command line is wrong, 130 after ^C; exec and console give the guest's status on."
    })
final class RootCommand implements Callable<Integer> {

  private final Surroundings surroundings;

  RootCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CliException {
    if (!surroundings.hasDisplay()) {
      throw new CliException(
          "There is no display for the window (neither DISPLAY nor WAYLAND_DISPLAY is set)."
              + " See \"mobitopolo help\" for what works without one, or try \"mobitopolo demo\".");
    }
    return surroundings.window().open(Optional.empty());
  }
}
