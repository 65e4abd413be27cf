// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

import java.util.Locale;

/** What the canvas shows a node to be doing. */
public enum NodeState {
  STOPPED,
  BOOTING,
  RUNNING,
  STOPPING,
  /** Runs at its source while it is being copied to its region. */
  MIGRATING,
  /** Waits for the rest of itself at its new host. */
  INCOMING,
  CRASHED,
  /** Its host can't be asked. */
  UNREACHABLE;

  /** The name of the style sheets' pseudo class. */
  public String pseudoClass() {
    return name().toLowerCase(Locale.ROOT);
  }
}
