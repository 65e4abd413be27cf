// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where SSH's own things are.
 *
 * @param sshFolder the account's {@code ~/.ssh}: config, known_hosts and default keys are read there, nothing is written
 * @param knownHosts our own file of accepted host keys
 * @param agentSocket unix socket of the SSH agent, if one runs
 */
public record SshSettings(Path sshFolder, Path knownHosts, Optional<Path> agentSocket) {

  /** The settings of this account, from {@code HOME}, {@code XDG_STATE_HOME} and {@code SSH_AUTH_SOCK}. */
  public static SshSettings ofAccount(Path home, Map<String, String> environment) {
    Path state =
        Optional.ofNullable(environment.get("XDG_STATE_HOME"))
            .filter(folder -> folder.startsWith("/"))
            .map(Path::of)
            .orElse(home.resolve(".local/state"));
    return new SshSettings(
        home.resolve(".ssh"),
        state.resolve("mobitopolo/known_hosts"),
        Optional.ofNullable(environment.get("SSH_AUTH_SOCK")).filter(socket -> !socket.isEmpty()).map(Path::of));
  }
}
