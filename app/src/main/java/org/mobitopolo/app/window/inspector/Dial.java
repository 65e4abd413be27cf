// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import javafx.scene.control.Slider;
import javafx.scene.layout.VBox;

/**
 * A field with a slider below it. Moving the slider writes into the field; letting it go makes the
 * edit, so that one drag is one step of undo. The slider follows what is typed.
 */
final class Dial extends VBox {
  private final Field field;
  private final Scale scale;
  private final Slider slider = new Slider(0, 1, 0);
  private boolean following;

  Dial(Field field, Scale scale) {
    this.field = field;
    this.scale = scale;
    setSpacing(2);
    getStyleClass().add("dial");
    slider.setMinWidth(0);
    slider.setPrefWidth(0);
    slider.setBlockIncrement(0.02);
    slider.getStyleClass().add("small");
    slider.accessibleTextProperty().bind(field.control().accessibleTextProperty());
    getChildren().addAll(field, slider);
    field.control().textProperty().subscribe(this::follow);
    slider.valueProperty().addListener(_ -> moved());
    slider
        .valueChangingProperty()
        .addListener(
            (_, _, changing) -> {
              if (!changing) {
                field.commit();
              }
            });
  }

  private void follow(String text) {
    if (following || slider.isValueChanging()) {
      return;
    }
    following = true;
    try {
      slider.setValue(scale.positionOf(text));
    } catch (IllegalArgumentException e) {
      // not a value yet; the field says so
    } finally {
      following = false;
    }
  }

  private void moved() {
    if (following) {
      return;
    }
    following = true;
    field.control().setText(scale.textAt(slider.getValue()));
    following = false;
    if (!slider.isValueChanging()) {
      field.commit();
    }
  }
}
