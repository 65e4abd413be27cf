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
 * @param data what the user made, {@code ~/.local/share/mobitopolo} unless {@code XDG_DATA_HOME} says otherwise
 * @param cache what can be fetched or made again, {@code ~/.cache/mobitopolo} unless {@code XDG_CACHE_HOME} says otherwise
 */
public record UserFolders(Path home, Path state, Path data, Path cache) {

  /** The folders by HOME, XDG_STATE_HOME, XDG_DATA_HOME and XDG_CACHE_HOME. */
  public static UserFolders of(Map<String, String> environment) {
    Path home = Path.of(Optional.ofNullable(environment.get("HOME")).orElseGet(() -> System.getProperty("user.home")));
    return new UserFolders(
        home,
        folder(environment, "XDG_STATE_HOME", home.resolve(".local/state")),
        folder(environment, "XDG_DATA_HOME", home.resolve(".local/share")),
        folder(environment, "XDG_CACHE_HOME", home.resolve(".cache")));
  }

  private static Path folder(Map<String, String> environment, String variable, Path otherwise) {
    return Optional.ofNullable(environment.get(variable))
        .filter(folder -> folder.startsWith("/"))
        .map(Path::of)
        .orElse(otherwise)
        .resolve("mobitopolo");
  }

  /** The labs this account has seen, see {@link KnownLabs}. */
  public Path knownLabs() {
    return state.resolve("labs.json");
  }

  /** Guest images that this account built or imported; not {@code images}, which is a host's folder where this computer is one. */
  public Path images() {
    return data.resolve("guest-images");
  }
}
