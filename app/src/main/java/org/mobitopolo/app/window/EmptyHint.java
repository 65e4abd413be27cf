// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;

/** What an empty canvas says. The mouse goes through it. */
final class EmptyHint extends VBox {
  private static final int ICON = 44;

  EmptyHint(Texts texts) {
    getStyleClass().add("empty-hint");
    setAlignment(Pos.CENTER);
    setSpacing(6);
    setMouseTransparent(true);
    Label title = new Label(texts.get("empty.title"));
    title.getStyleClass().add("empty-title");
    Label text = new Label(texts.get("empty.text"));
    text.getStyleClass().add("text-muted");
    getChildren().addAll(Icons.view(Icon.VM, ICON), title, text);
  }
}
