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
          draw();
        }
      };
  private final Viewport viewport;
  private final Canvas canvas = new Canvas();

  public Grid(Viewport viewport) {
    this.viewport = viewport;
    getStyleClass().add("canvas-grid");
    setMouseTransparent(true);
    setManaged(false);
    canvas.setManaged(false);
    getChildren().add(canvas);
  }

  /** Draws for the viewport as it is now. */
  public void draw() {
    double width = viewport.width();
    double height = viewport.height();
    canvas.setWidth(width);
    canvas.setHeight(height);
    GraphicsContext graphics = canvas.getGraphicsContext2D();
    graphics.clearRect(0, 0, width, height);
    graphics.setFill(dot.get());
    double step = 2 * Snap.GRID * viewport.scale();
    while (step < CLOSEST) {
      step *= 2;
    }
    double side = viewport.scale() > 1.4 ? 2 : 1.5;
    double firstX = viewport.originX() - Math.floor(viewport.originX() / step) * step;
    double firstY = viewport.originY() - Math.floor(viewport.originY() / step) * step;
    for (double y = firstY; y < height; y += step) {
      for (double x = firstX; x < width; x += step) {
        graphics.fillRect(Math.round(x) - side / 2, Math.round(y) - side / 2, side, side);
      }
    }
  }

  @Override
  public List<CssMetaData<? extends Styleable, ?>> getCssMetaData() {
    return FACTORY.getCssMetaData();
  }
}
