// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

import java.util.Locale;

/** What the canvas shows a node to be doing. */
public enum NodeState {
  STOPPED("stopped"),
  BOOTING("booting"),
  RUNNING("running"),
  STOPPING("stopping"),
  /** Runs at its source while it is being copied to its region. */
  MIGRATING("migrating"),
  /** Waits for the rest of itself at its new host. */
  INCOMING("arriving"),
  CRASHED("crashed"),
  /** Its host can't be asked. */
  UNREACHABLE("unreachable");

  private final String word;

  NodeState(String word) {
    this.word = word;
  }

  /** One lower-case English word for people. */
  public String word() {
    return word;
  }

  /** The name of the style sheets' pseudo class. */
  public String pseudoClass() {
    return name().toLowerCase(Locale.ROOT);
  }
}
