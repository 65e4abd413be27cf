// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Opens the window. Given to the command line from outside, so that commands that need no window
 * never load it.
 */
@FunctionalInterface
public interface WindowOpener {

  /**
   * Shows the window and returns when it was closed.
   *
   * @param lab the topology file to open; empty shows the welcome page
   * @return the program's exit status
   */
  int open(Optional<Path> lab);
}
