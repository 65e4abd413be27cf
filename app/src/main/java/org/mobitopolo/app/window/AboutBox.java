// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.image.ImageView;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.stage.Stage;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icons;

/** Says what this program is. */
final class AboutBox {
  private static final int LOGO = 64;

  private AboutBox() {}

  static void show(Stage owner, Texts texts, String version) {
    Label name = new Label(texts.get("about.name", version));
    name.getStyleClass().add("dialog-heading");
    Label what = new Label(texts.get("about.text"));
    what.setMinWidth(Region.USE_PREF_SIZE);
    HBox content = new HBox(16, new ImageView(Icons.application(LOGO)), new VBox(6, name, what));
    content.setAlignment(Pos.CENTER_LEFT);
    Dialogs.show(owner, texts, texts.get("command.about"), content);
  }
}
