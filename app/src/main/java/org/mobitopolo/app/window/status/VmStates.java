// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.lab.VmState;

/** VM states in words. */
public final class VmStates {
  private VmStates() {}

  /** The state, what is being done, and what went wrong. */
  public static String describe(VmState state, Texts texts) {
    String text = texts.name(state.status());
    if (!state.phase().isEmpty()) {
      text += ". " + state.phase();
    }
    return state.error().isPresent() ? text + "\n" + state.error().get() : text;
  }
}
