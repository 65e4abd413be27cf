// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.Optional;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.stage.Stage;
import org.mobitopolo.app.window.status.EventTable;
import org.mobitopolo.app.window.status.MigrationTable;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.lab.Lab;

/** Opens the windows and dialogs beside the main window. FX thread. */
final class Tools {
  private final WindowContext context;
  private final Stage stage;
  private final ReadOnlyObjectProperty<Optional<OpenLab>> current;

  Tools(WindowContext context, Stage stage, ReadOnlyObjectProperty<Optional<OpenLab>> current) {
    this.context = context;
    this.stage = stage;
    this.current = current;
  }

  private Texts texts() {
    return context.texts();
  }

  /** The logs of the selected nodes, a window each. */
  void logs() {
    current.get().ifPresent(open -> open.document().lab().get().ifPresent(lab -> logs(open, lab)));
  }

  private void logs(OpenLab open, Lab lab) {
    for (String node : open.view().selectedNodes()) {
      LogWindow.open(context, stage, lab, node, open.document().topology().get());
    }
  }

  void migrations() {
    current
        .get()
        .ifPresent(
            lab ->
                ToolWindow.show(
                    context,
                    stage,
                    texts().get("migrations.title", lab.document().topology().get().name()),
                    new MigrationTable(lab.migrations(), texts())));
  }

  void events() {
    ToolWindow.show(
        context, stage, texts().get("command.events"), new EventTable(context.notices(), texts()));
  }

  void hosts() {
    HostsWindow.open(context, stage, current.get().map(OpenLab::document));
  }

  void preferences() {
    PreferencesDialog.show(stage, context);
  }

  void about() {
    AboutBox.show(stage, texts(), context.installation().version());
  }
}
