// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.console;

import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.mobitopolo.app.window.text.Texts;

/** Reminds that what is typed goes to every console, and ends that. */
final class TypeIntoAllStrip extends HBox {
  TypeIntoAllStrip(Texts texts, Runnable end) {
    Region space = new Region();
    HBox.setHgrow(space, Priority.ALWAYS);
    Button stop = new Button(texts.get("console.type-into-all.end"));
    stop.getStyleClass().add("small");
    stop.setFocusTraversable(false);
    stop.setOnAction(_ -> end.run());
    getChildren().addAll(new Label(texts.get("console.type-into-all.on")), space, stop);
    setSpacing(8);
    setAlignment(Pos.CENTER_LEFT);
    getStyleClass().addAll("console-strip", "type-into-all");
  }
}
