// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.Console;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import picocli.CommandLine.Option;

/** How a command meets hosts: unknown keys, passphrases, passwords. */
final class HostOptions {

  @Option(
      names = "--accept-new-host-keys",
      description =
          "Trust hosts that were never met before. A changed key is refused all the same.")
  private boolean acceptNewHostKeys;

  HostKeyPolicy keyPolicy(Terminal terminal) {
    if (acceptNewHostKeys) {
      return HostKeyPolicy.ACCEPT_NEW;
    }
    return terminal.canAsk() ? HostOptions::askAboutKey : HostKeyPolicy.KNOWN_ONLY;
  }

  Credentials credentials(Terminal terminal) {
    return terminal.canAsk() ? new AskingCredentials() : Credentials.NONE;
  }

  private static boolean askAboutKey(HostKeyPolicy.UnknownKey key) {
    return Terminal.agrees(
        String.format(
            "The host %s was never met before. It shows the %s key%n  %s%nIs that its key, and"
                + " shall it be trusted?",
            key.host(), key.keyType(), key.fingerprint()));
  }

  /** Asks on the terminal, without echo. */
  private static final class AskingCredentials implements Credentials {

    @Override
    public synchronized Optional<String> passphrase(String keyFile) {
      return secret("Passphrase of the key " + keyFile + ": ");
    }

    @Override
    public synchronized Optional<String> password(String account) {
      return secret("Password of " + account + ": ");
    }

    @Override
    public synchronized Optional<List<String>> answers(
        String account, String instruction, List<Prompt> prompts) {
      Console console = System.console();
      if (!instruction.isBlank()) {
        console.printf("%s: %s%n", account, instruction);
      }
      List<String> answers = new ArrayList<>();
      for (Prompt prompt : prompts) {
        Optional<String> answer =
            prompt.echo()
                ? Optional.ofNullable(console.readLine("%s", prompt.text()))
                : secret(prompt.text());
        if (answer.isEmpty()) {
          return Optional.empty();
        }
        answers.add(answer.get());
      }
      return Optional.of(answers);
    }

    private static Optional<String> secret(String prompt) {
      return Optional.ofNullable(System.console().readPassword("%s", prompt)).map(String::new);
    }
  }
}
