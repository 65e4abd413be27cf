// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.view;

import java.util.List;
import javafx.css.CssMetaData;
import javafx.css.SimpleStyleableObjectProperty;
import javafx.css.Styleable;
import javafx.css.StyleableObjectProperty;
import javafx.css.StyleablePropertyFactory;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.paint.Paint;
import org.mobitopolo.canvas.geometry.Snap;

/**
 * The dots behind the world: one at every second place where things come to rest. Zoomed out it
 * shows fewer, so that they never crowd.
 */
public final class Grid extends Region {
  private static final double CLOSEST = 18;
  private static final StyleablePropertyFactory<Grid> FACTORY =
      new StyleablePropertyFactory<>(Region.getClassCssMetaData());
  private static final CssMetaData<Grid, Paint> DOT =
      FACTORY.createPaintCssMetaData("-mobi-grid-dot", g -> g.dot, Color.TRANSPARENT, false);

  private final StyleableObjectProperty<Paint> dot =
      new SimpleStyleableObjectProperty<>(DOT, this, "dot", Color.TRANSPARENT) {
        @Override
        protected void invalidated() {
          drawnStep = 0;
          update();
        }
      };
  private final Viewport viewport;
  private final Canvas canvas = new Canvas();
  private double drawnStep;

  public Grid(Viewport viewport) {
    this.viewport = viewport;
    getStyleClass().add("canvas-grid");
    setMouseTransparent(true);
    setManaged(false);
    canvas.setManaged(false);
    getChildren().add(canvas);
  }

  /** Shows the viewport as it is now. Where that has only moved, the dots drawn before do. */
  public void update() {
    double step = 2 * Snap.GRID * viewport.scale();
    while (step < CLOSEST) {
      step *= 2;
    }
    if (step != drawnStep
        || canvas.getWidth() != viewport.width() + step
        || canvas.getHeight() != viewport.height() + step) {
      drawnStep = step;
      draw();
    }
    canvas.setLayoutX(Math.round(offset(viewport.originX())));
    canvas.setLayoutY(Math.round(offset(viewport.originY())));
  }

  /** Where the canvas begins so that its first dots lie on places of the grid: before the view. */
  private double offset(double origin) {
    return origin - Math.ceil(origin / drawnStep) * drawnStep;
  }

  private void draw() {
    double width = viewport.width() + drawnStep;
    double height = viewport.height() + drawnStep;
    canvas.setWidth(width);
    canvas.setHeight(height);
    GraphicsContext graphics = canvas.getGraphicsContext2D();
    graphics.clearRect(0, 0, width, height);
    graphics.setFill(dot.get());
    double side = viewport.scale() > 1.4 ? 2 : 1.5;
    for (double y = 0; y < height; y += drawnStep) {
      for (double x = 0; x < width; x += drawnStep) {
        graphics.fillRect(Math.round(x) - side / 2, Math.round(y) - side / 2, side, side);
      }
    }
  }

  @Override
  public List<CssMetaData<? extends Styleable, ?>> getCssMetaData() {
    return FACTORY.getCssMetaData();
  }
}
