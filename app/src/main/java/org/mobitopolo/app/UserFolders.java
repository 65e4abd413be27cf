// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where this account's own things lie.
 *
 * @param home the account's home folder
 * @param state what should last between starts, {@code ~/.local/state/mobitopolo} unless {@code XDG_STATE_HOME} says otherwise
 */
public record UserFolders(Path home, Path state) {

  /** The folders by HOME and XDG_STATE_HOME. */
  public static UserFolders of(Map<String, String> environment) {
    Path home = Path.of(Optional.ofNullable(environment.get("HOME")).orElseGet(() -> System.getProperty("user.home")));
    Path state =
        Optional.ofNullable(environment.get("XDG_STATE_HOME"))
            .filter(folder -> folder.startsWith("/"))
            .map(Path::of)
            .orElse(home.resolve(".local/state"));
    return new UserFolders(home, state.resolve("mobitopolo"));
  }

  /** The labs this account has seen, see {@link KnownLabs}. */
  public Path knownLabs() {
    return state.resolve("labs.json");
  }
}
