// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sample}: shows newcomers what this is about. */
@Command(
    name = "sample",
    description =
        "Open the window with the sample lab, a file server taken apart. With no display: run it in"
            + " the terminal.")
final class SampleCommand implements Callable<Integer> {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  private final Surroundings surroundings;

  SampleCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    if (surroundings.hasDisplay()) {
      return surroundings.window().open(Optional.of(surroundings.installation().sampleLab()));
    }
    surroundings
        .out()
        .println(
            "There is no display for the window, so the sample runs here in the terminal"
                + " (mobitopolo demo).");
    surroundings.out().println();
    return new CommandLineProgram(surroundings).run("demo");
  }
}
