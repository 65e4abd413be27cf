// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
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

  private static final List<String> WINDOWED = List.of("Windows", "Mac");

  public KnownLabs knownLabs() {
    return new KnownLabs(folders.knownLabs());
  }

  /** Whether a window can be shown: always where the system itself has windows. */
  public boolean hasDisplay() {
    return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY") || WINDOWED.stream().anyMatch(System.getProperty("os.name")::startsWith);
  }

  private boolean isSet(String variable) {
    return !environment.getOrDefault(variable, "").isEmpty();
  }
}
