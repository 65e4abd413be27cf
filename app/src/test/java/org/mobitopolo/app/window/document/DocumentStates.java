// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.document;

import org.mobitopolo.lab.LabState;

/** Lets tests of other packages show a state as if a lab had reported it. */
public final class DocumentStates {
  private DocumentStates() {}

  public static void show(LabDocument document, LabState state) {
    document.show(state);
  }
}
