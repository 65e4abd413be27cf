// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.List;

/**
 * Something to tell the user without stopping them.
 *
 * @param title a few words
 * @param text sentences, may be empty
 * @param actions what can be done about it, as buttons
 */
public record Notice(Kind kind, String title, String text, List<Action> actions) {
  /** What it is about; errors stay until they are closed, the others go by themselves. */
  public enum Kind {
    INFO,
    SUCCESS,
    WARNING,
    ERROR
  }

  /** A button of a notice; the notice goes when it is pressed. */
  public record Action(String label, Runnable run) {}

  public Notice {
    actions = List.copyOf(actions);
  }

  public static Notice info(String title, String text) {
    return new Notice(Kind.INFO, title, text, List.of());
  }

  public static Notice success(String title, String text) {
    return new Notice(Kind.SUCCESS, title, text, List.of());
  }

  public static Notice warning(String title, String text) {
    return new Notice(Kind.WARNING, title, text, List.of());
  }

  public static Notice error(String title, String text) {
    return new Notice(Kind.ERROR, title, text, List.of());
  }

  public Notice with(Action... newActions) {
    return new Notice(kind, title, text, List.of(newActions));
  }
}
