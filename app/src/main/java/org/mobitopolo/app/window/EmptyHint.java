// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.layout.VBox;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;

/** What an empty canvas says. The mouse goes through it. */
final class EmptyHint extends VBox {
  private static final int ICON = 44;

  EmptyHint() {
    getStyleClass().add("empty-hint");
    setAlignment(Pos.CENTER);
    setSpacing(6);
    setMouseTransparent(true);
    Label title = new Label("An empty lab");
    title.getStyleClass().add("empty-title");
    Label text =
        new Label(
            "Add a region for each computer, then machines inside it: with Add in the menu, or a"
                + " right click.");
    text.getStyleClass().add("text-muted");
    getChildren().addAll(Icons.view(Icon.VM, ICON), title, text);
  }
}
