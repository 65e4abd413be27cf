// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;

/** VM states in words. */
public final class VmStates {
  private VmStates() {}

  /** One or two words: "Running". */
  public static String name(VmStatus status) {
    return switch (status) {
      case STOPPED -> "Stopped";
      case PREPARING -> "Preparing";
      case BOOTING -> "Booting";
      case RUNNING -> "Running";
      case MIGRATING -> "Migrating";
      case STOPPING -> "Stopping";
      case CRASHED -> "Crashed";
      case PARKED -> "Parked";
      case UNKNOWN -> "Unknown";
    };
  }

  /** The state, what is being done, and what went wrong. */
  public static String describe(VmState state) {
    String text = name(state.status());
    if (!state.phase().isEmpty()) {
      text += ". " + state.phase();
    }
    return state.error().isPresent() ? text + "\n" + state.error().get() : text;
  }
}
