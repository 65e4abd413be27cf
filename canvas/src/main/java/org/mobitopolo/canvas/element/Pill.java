// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import javafx.geometry.VPos;
import javafx.scene.Cursor;
import javafx.scene.layout.Region;
import javafx.scene.text.Text;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.IconView;

/**
 * A small rounded label: an optional icon, an optional strong part, a text. It sizes itself, and
 * some point of it, such as its middle, stays where it was put.
 */
final class Pill extends Region {
  private static final double GAP = 5;
  private static final double ICON = 12;

  private final Text strong = new Text();
  private final Text text = new Text();
  private IconView icon;
  private double anchorX;
  private double anchorY;
  private double shareX;
  private double shareY;

  Pill(String styleClass) {
    getStyleClass().addAll("pill", styleClass);
    setMouseTransparent(true);
    setManaged(false);
    strong.getStyleClass().addAll("pill-text", "strong");
    text.getStyleClass().add("pill-text");
    for (Text part : new Text[] {strong, text}) {
      part.setTextOrigin(VPos.CENTER);
      part.setManaged(false);
      part.boundsInLocalProperty().addListener(_ -> requestLayout());
    }
    getChildren().addAll(strong, text);
  }

  /** A pill that reacts to clicks. */
  static Pill toClick(String styleClass) {
    Pill pill = new Pill(styleClass);
    pill.setMouseTransparent(false);
    pill.setCursor(Cursor.HAND);
    return pill;
  }

  /** Shows an icon in front, or none. */
  void setIcon(Icon kind) {
    getChildren().remove(icon);
    icon = null;
    if (kind != null) {
      icon = new IconView(kind, ICON);
      icon.setManaged(false);
      getChildren().add(icon);
    }
  }

  /** Sets both parts; either may be empty. */
  void setText(String strongPart, String plainPart) {
    strong.setText(strongPart);
    text.setText(plainPart);
    fitAround();
  }

  /**
   * Keeps a point of the pill at a place: 0, 0 is its upper left corner, 1, 1 the lower right one.
   */
  void anchor(double x, double y, double newShareX, double newShareY) {
    anchorX = x;
    anchorY = y;
    shareX = newShareX;
    shareY = newShareY;
    fitAround();
  }

  String text() {
    return (strong.getText() + " " + text.getText()).strip();
  }

  private double partWidth(Text part) {
    return part.getText().isEmpty() ? 0 : part.getLayoutBounds().getWidth();
  }

  private void fitAround() {
    double width = computePrefWidth(-1);
    double height = computePrefHeight(-1);
    resizeRelocate(
        Math.round(anchorX - shareX * width), Math.round(anchorY - shareY * height), width, height);
  }

  @Override
  protected double computePrefWidth(double height) {
    double width = snappedLeftInset() + snappedRightInset() + partWidth(strong) + partWidth(text);
    if (!strong.getText().isEmpty() && !text.getText().isEmpty()) {
      width += GAP;
    }
    return Math.ceil(icon == null ? width : width + ICON + GAP - 1);
  }

  @Override
  protected double computePrefHeight(double width) {
    return Math.ceil(snappedTopInset() + snappedBottomInset() + text.getLayoutBounds().getHeight());
  }

  @Override
  protected void layoutChildren() {
    fitAround();
    double x = snappedLeftInset();
    double middle = getHeight() / 2;
    if (icon != null) {
      icon.resizeRelocate(x, middle - ICON / 2, ICON, ICON);
      x += ICON + GAP - 1;
    }
    strong.setLayoutX(x);
    strong.setLayoutY(middle);
    x += strong.getText().isEmpty() ? 0 : partWidth(strong) + GAP;
    text.setLayoutX(x);
    text.setLayoutY(middle);
  }
}
