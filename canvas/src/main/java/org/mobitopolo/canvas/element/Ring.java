// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import javafx.scene.Cursor;
import javafx.scene.Group;
import javafx.scene.shape.Rectangle;
import javafx.scene.shape.StrokeLineCap;

/** A ring around a card that fills clockwise from the middle of the upper edge. */
final class Ring extends Group {
  private static final double GAP = 3.5;
  private static final double ARC = 27;

  private final Rectangle whole;

  /**
   * An empty ring.
   *
   * @param width of the card
   * @param height of the card
   */
  Ring(double width, double height) {
    setManaged(false);
    setCursor(Cursor.HAND);
    whole = outline("ring", width, height);
    whole.setStrokeLineCap(StrokeLineCap.BUTT);
    getChildren().addAll(outline("ring-track", width, height), whole);
  }

  private static Rectangle outline(String styleClass, double width, double height) {
    Rectangle shape = new Rectangle(-GAP, -GAP, width + 2 * GAP, height + 2 * GAP);
    shape.setArcWidth(ARC);
    shape.setArcHeight(ARC);
    shape.getStyleClass().add(styleClass);
    // a rectangle's outline runs from the lower left corner against the clock; upside down it runs
    // as clocks do
    shape.setScaleY(-1);
    return shape;
  }

  /** Fills it to a share of its length, 0 to 1. */
  void show(double share) {
    double width = whole.getWidth();
    double length = 2 * (width + whole.getHeight()) - 4 * ARC + Math.PI * ARC;
    double done = share * length;
    whole.getStrokeDashArray().setAll(done, length - done + 0.01);
    // the outline starts before the upper left corner; begin at the middle of the upper edge
    whole.setStrokeDashOffset(-(Math.PI * ARC / 4 + width / 2 - ARC / 2));
    whole.setVisible(done > 0);
  }
}
