// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import javafx.scene.control.Tab;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.MigrationsModel;

/** A lab that is open in the window: what it is, how it is shown, and its tab. */
record OpenLab(LabDocument document, DocumentView view, MigrationsModel migrations, Tab tab) {
  /** Whether it is the lab with this id. */
  boolean is(String lab) {
    return document.topology().get().id().equals(lab);
  }

  /** Stops showing and watching it; the lab goes on running. */
  void dispose() {
    view.dispose();
    document.detach();
  }
}
