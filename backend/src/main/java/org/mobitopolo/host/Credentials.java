// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.util.List;
import java.util.Optional;

/**
 * Asks for secrets that SSH needs. Called on background threads, which wait; several questions may come at once for several hosts.
 * Secrets are kept in memory only, never logged, never written.
 */
public interface Credentials {

  /** Answers nothing: only keys without passphrase and the SSH agent work. */
  Credentials NONE =
      new Credentials() {
        @Override
        public Optional<String> passphrase(String keyFile) {
          return Optional.empty();
        }

        @Override
        public Optional<String> password(String account) {
          return Optional.empty();
        }

        @Override
        public Optional<List<String>> answers(String account, String instruction, List<Prompt> prompts) {
          return Optional.empty();
        }
      };

  /**
   * One question of a keyboard-interactive login.
   *
   * @param echo whether the answer may be shown while it is typed
   */
  record Prompt(String text, boolean echo) {}

  /** The passphrase of a private key; empty gives this key up. */
  Optional<String> passphrase(String keyFile);

  /** The password of an account such as {@code ann@example.org}; empty gives up. */
  Optional<String> password(String account);

  /** Answers the questions of a host, in their order; empty gives up. */
  Optional<List<String>> answers(String account, String instruction, List<Prompt> prompts);
}
