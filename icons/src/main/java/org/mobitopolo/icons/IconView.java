// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.icons;

import java.util.List;
import java.util.Locale;
import javafx.collections.ObservableList;
import javafx.css.CssMetaData;
import javafx.css.PseudoClass;
import javafx.css.SimpleStyleableDoubleProperty;
import javafx.css.SimpleStyleableObjectProperty;
import javafx.css.Styleable;
import javafx.css.StyleableDoubleProperty;
import javafx.css.StyleableObjectProperty;
import javafx.css.StyleablePropertyFactory;
import javafx.scene.Node;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.paint.Paint;
import javafx.scene.shape.SVGPath;
import javafx.scene.transform.Scale;

/**
 * An icon as a scene graph node. Style class {@code mobi-icon}; style sheets set {@code
 * -mobi-icon-color} and {@code -mobi-icon-size} (pixels). Lines keep a legible width at small
 * sizes. To be used on the FX thread once shown.
 */
public final class IconView extends Region {
  private static final double NARROWEST_LINE = 1.3;
  private static final StyleablePropertyFactory<IconView> FACTORY =
      new StyleablePropertyFactory<>(Region.getClassCssMetaData());
  private static final CssMetaData<IconView, Paint> COLOR =
      FACTORY.createPaintCssMetaData("-mobi-icon-color", v -> v.color, Color.web("#57606a"), false);
  private static final CssMetaData<IconView, Number> SIZE =
      FACTORY.createSizeCssMetaData("-mobi-icon-size", v -> v.size, 16, false);

  private final StyleableObjectProperty<Paint> color =
      new SimpleStyleableObjectProperty<>(COLOR, this, "color", COLOR.getInitialValue(null)) {
        @Override
        protected void invalidated() {
          paint();
        }
      };
  private final StyleableDoubleProperty size =
      new SimpleStyleableDoubleProperty(SIZE, this, "size", 16.0) {
        @Override
        protected void invalidated() {
          resizeDrawing();
        }
      };
  private final Scale scale = new Scale();
  private Icon icon;
  private SvgDrawing drawing;

  /** An icon of 16 pixels, unless a style sheet says otherwise. */
  public IconView(Icon icon) {
    getStyleClass().add("mobi-icon");
    setMouseTransparent(true);
    setIcon(icon);
    sceneProperty().addListener(_ -> draw());
  }

  /** An icon of a size in pixels that style sheets may still override. */
  public IconView(Icon icon, double size) {
    this(icon);
    this.size.set(size);
  }

  /** The icon shown now. */
  public Icon icon() {
    return icon;
  }

  /** Shows another icon; cheap when it is the same. */
  public void setIcon(Icon icon) {
    if (icon == this.icon) {
      return;
    }
    if (this.icon != null) {
      pseudoClassStateChanged(pseudoClass(this.icon), false);
    }
    this.icon = icon;
    pseudoClassStateChanged(pseudoClass(icon), true);
    drawing = null;
    draw();
  }

  /** Reads and draws the icon once it has a scene: most icons of menus are never shown. */
  private void draw() {
    if (drawing != null || getScene() == null) {
      return;
    }
    drawing = Icons.drawing(icon);
    getChildren().setAll(drawing.shapes().stream().map(this::node).toList());
    paint();
    resizeDrawing();
  }

  /** The colour of lines and filled parts. */
  public StyleableObjectProperty<Paint> colorProperty() {
    return color;
  }

  /** Width and height in pixels. */
  public StyleableDoubleProperty sizeProperty() {
    return size;
  }

  private static PseudoClass pseudoClass(Icon icon) {
    return PseudoClass.getPseudoClass(icon.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  private Node node(SvgDrawing.Shape shape) {
    SVGPath path = Icons.path(shape);
    path.getTransforms().add(scale);
    path.setManaged(false);
    return path;
  }

  private void paint() {
    if (drawing == null) {
      return;
    }
    ObservableList<Node> nodes = getChildren();
    for (int i = 0; i < nodes.size(); i++) {
      SVGPath path = (SVGPath) nodes.get(i);
      SvgDrawing.Shape shape = drawing.shapes().get(i);
      path.setFill(shape.fill() == SvgDrawing.CURRENT ? color.get() : shape.fill());
      path.setStroke(shape.stroke() == SvgDrawing.CURRENT ? color.get() : shape.stroke());
    }
  }

  private void resizeDrawing() {
    if (drawing == null) {
      return;
    }
    double factor = size.get() / drawing.size();
    scale.setX(factor);
    scale.setY(factor);
    for (int i = 0; i < getChildren().size(); i++) {
      SvgDrawing.Shape shape = drawing.shapes().get(i);
      ((SVGPath) getChildren().get(i))
          .setStrokeWidth(Math.max(shape.strokeWidth(), NARROWEST_LINE / factor));
    }
    requestLayout();
  }

  @Override
  protected double computePrefWidth(double height) {
    return snappedLeftInset() + size.get() + snappedRightInset();
  }

  @Override
  protected double computePrefHeight(double width) {
    return snappedTopInset() + size.get() + snappedBottomInset();
  }

  @Override
  protected double computeMinWidth(double height) {
    return computePrefWidth(height);
  }

  @Override
  protected double computeMinHeight(double width) {
    return computePrefHeight(width);
  }

  @Override
  protected double computeMaxWidth(double height) {
    return computePrefWidth(height);
  }

  @Override
  protected double computeMaxHeight(double width) {
    return computePrefHeight(width);
  }

  @Override
  protected void layoutChildren() {
    double x = snapPositionX(snappedLeftInset() + (getWidth() - computePrefWidth(-1)) / 2);
    double y = snapPositionY(snappedTopInset() + (getHeight() - computePrefHeight(-1)) / 2);
    for (Node child : getChildren()) {
      child.setLayoutX(x);
      child.setLayoutY(y);
    }
  }

  @Override
  public List<CssMetaData<? extends Styleable, ?>> getCssMetaData() {
    return FACTORY.getCssMetaData();
  }
}
