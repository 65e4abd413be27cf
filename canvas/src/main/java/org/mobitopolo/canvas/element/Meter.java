// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.OptionalDouble;
import javafx.css.PseudoClass;
import javafx.geometry.VPos;
import javafx.scene.Group;
import javafx.scene.shape.Rectangle;
import javafx.scene.text.Text;

/** A word and a small bar that says how much of something is used. */
final class Meter extends Group {
  private static final PseudoClass HIGH = PseudoClass.getPseudoClass("high");
  private static final double BAR_WIDTH = 34;
  private static final double BAR_HEIGHT = 4;
  private static final double GAP = 5;
  private static final double MUCH = 0.9;

  private final Text word = new Text();
  private final Rectangle track = new Rectangle(BAR_WIDTH, BAR_HEIGHT);
  private final Rectangle bar = new Rectangle(0, BAR_HEIGHT);
  private boolean known;

  Meter(String name) {
    word.setText(name);
    word.setTextOrigin(VPos.CENTER);
    word.getStyleClass().add("meter-word");
    track.getStyleClass().add("load-track");
    bar.getStyleClass().add("load-bar");
    for (Rectangle rectangle : new Rectangle[] {track, bar}) {
      rectangle.setArcWidth(BAR_HEIGHT);
      rectangle.setArcHeight(BAR_HEIGHT);
      rectangle.setY(-BAR_HEIGHT / 2);
    }
    getChildren().addAll(word, track, bar);
    setManaged(false);
    setVisible(false);
  }

  void show(OptionalDouble share) {
    known = share.isPresent();
    bar.setWidth(BAR_WIDTH * share.orElse(0));
    pseudoClassStateChanged(HIGH, share.orElse(0) >= MUCH);
  }

  boolean isKnown() {
    return known;
  }

  double width() {
    return word.getLayoutBounds().getWidth() + GAP + BAR_WIDTH;
  }

  /** Puts it with its left edge and middle line at a place. */
  void place(double x, double middle) {
    word.setX(0);
    double barX = word.getLayoutBounds().getWidth() + GAP;
    track.setX(barX);
    bar.setX(barX);
    setLayoutX(x);
    setLayoutY(middle);
  }
}
