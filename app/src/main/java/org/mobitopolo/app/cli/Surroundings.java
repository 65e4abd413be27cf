// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import org.mobitopolo.app.Installation;
import org.mobitopolo.app.KnownLabs;
import org.mobitopolo.app.UserFolders;

/**
 * What the command line finds around itself.
 *
 * @param environment variables of the process
 * @param terminal what the standard descriptors are connected to
 */
public record Surroundings(
    Installation installation,
    UserFolders folders,
    Map<String, String> environment,
    Terminal terminal,
    InputStream in,
    PrintStream out,
    PrintStream err,
    WindowOpener window) {

  public KnownLabs knownLabs() {
    return new KnownLabs(folders.knownLabs());
  }

  /** Whether a window can be shown. */
  boolean hasDisplay() {
    return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY");
  }

  private boolean isSet(String variable) {
    return !environment.getOrDefault(variable, "").isEmpty();
  }
}
