// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import com.jcraft.jsch.UIKeyboardInteractive;
import com.jcraft.jsch.UserInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Passes the questions of one login on to {@link Credentials}. Keeps answers in memory while the program runs, so that a broken connection
 * comes back without asking; an answer that was refused is forgotten.
 */
final class SshLogin implements UserInfo, UIKeyboardInteractive {
  private final String account;
  private final Credentials credentials;
  private final Map<String, String> remembered;
  private String answer;
  private boolean asked;

  /**
   * @param account such as {@code ann@example.org}
   * @param remembered answers by question, shared by all logins of one host
   */
  SshLogin(String account, Credentials credentials, ConcurrentHashMap<String, String> remembered) {
    this.account = account;
    this.credentials = credentials;
    this.remembered = remembered;
  }

  /** Whether a user was asked for anything: then a refusal is about the answer. */
  boolean asked() {
    return asked;
  }

  void forget() {
    remembered.clear();
  }

  @Override
  public boolean promptPassphrase(String message) {
    String file = message.startsWith("Passphrase for ") ? message.substring("Passphrase for ".length()) : message;
    return remember("passphrase " + file, () -> credentials.passphrase(file));
  }

  @Override
  public boolean promptPassword(String message) {
    return remember("password", () -> credentials.password(account));
  }

  private boolean remember(String question, java.util.function.Supplier<Optional<String>> ask) {
    answer = remembered.get(question);
    if (answer == null) {
      asked = true;
      answer = ask.get().orElse(null);
      if (answer != null) {
        remembered.put(question, answer);
      }
    }
    return answer != null;
  }

  @Override
  public String getPassphrase() {
    return answer;
  }

  @Override
  public String getPassword() {
    return answer;
  }

  @Override
  public String[] promptKeyboardInteractive(String destination, String name, String instruction, String[] prompts, boolean[] echo) {
    List<Credentials.Prompt> questions = new ArrayList<>();
    for (int i = 0; i < prompts.length; i++) {
      questions.add(new Credentials.Prompt(Printable.line(prompts[i], 200), echo[i]));
    }
    if (questions.isEmpty()) {
      return new String[0];
    }
    asked = true;
    return credentials
        .answers(account, Printable.line(instruction == null ? "" : instruction, 500), questions)
        .filter(answers -> answers.size() == questions.size())
        .map(answers -> answers.toArray(String[]::new))
        .orElse(null);
  }

  /** Host keys are decided by {@link SshHostKeys}, so nothing is left to agree to. */
  @Override
  public boolean promptYesNo(String message) {
    return false;
  }

  /** A banner; nobody reads it. */
  @Override
  public void showMessage(String message) {}
}
