// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.Optional;
import javafx.css.PseudoClass;
import javafx.scene.Group;
import javafx.scene.control.Label;
import org.mobitopolo.canvas.model.DropAdvice;

/** The advice on a drop between the regions, beside the pointer. */
final class Verdict {
  private static final PseudoClass REFUSED = PseudoClass.getPseudoClass("refused");
  private static final double BESIDE = 18;

  private final Group overlay;
  private final Label label = new Label();

  Verdict(Group overlay) {
    this.overlay = overlay;
    label.getStyleClass().add("pointer-verdict");
    label.setMouseTransparent(true);
  }

  void show(Optional<DropAdvice> advice, Pointer pointer) {
    if (advice.isEmpty() || advice.get().text().isEmpty()) {
      hide();
      return;
    }
    label.setText(advice.get().text());
    label.pseudoClassStateChanged(REFUSED, !advice.get().fits());
    label.setLayoutX(Math.round(pointer.x() + BESIDE));
    label.setLayoutY(Math.round(pointer.y() + BESIDE));
    if (!overlay.getChildren().contains(label)) {
      overlay.getChildren().add(label);
    }
  }

  void hide() {
    overlay.getChildren().remove(label);
  }
}
