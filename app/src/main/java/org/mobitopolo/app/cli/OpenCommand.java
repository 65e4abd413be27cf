// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code open}: opens the window. */
@Command(name = "open", description = "Open the window, with a lab if a file is given.")
final class OpenCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "A topology file, or a bundle: the window asks where its lab shall run again.")
  private Path file;

  private final Surroundings surroundings;

  OpenCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CliException {
    if (!surroundings.hasDisplay()) {
      throw new CliException(
          "There is no display for the window: neither DISPLAY nor WAYLAND_DISPLAY is set.");
    }
    return surroundings.window().open(Optional.ofNullable(file));
  }
}
