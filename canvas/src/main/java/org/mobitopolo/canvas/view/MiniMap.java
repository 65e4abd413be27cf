// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.view;

import java.util.List;
import java.util.Optional;
import javafx.css.CssMetaData;
import javafx.css.SimpleStyleableObjectProperty;
import javafx.css.Styleable;
import javafx.css.StyleableObjectProperty;
import javafx.css.StyleablePropertyFactory;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.paint.Paint;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.element.RegionView;
import org.mobitopolo.canvas.element.World;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Point;

/**
 * The whole world in a corner, with a frame around what is in view; pressing or dragging in it goes
 * there. It is drawn at most once a frame, and hides while everything is in view.
 */
public final class MiniMap extends Region {
  public static final double WIDTH = 200;
  public static final double HEIGHT = 130;

  private static final double INSET = 8;
  private static final double SMALLEST_NODE = 2;
  private static final StyleablePropertyFactory<MiniMap> FACTORY =
      new StyleablePropertyFactory<>(Region.getClassCssMetaData());
  private static final CssMetaData<MiniMap, Paint> NODE =
      FACTORY.createPaintCssMetaData("-mobi-map-node", m -> m.nodePaint, Color.GRAY, false);
  private static final CssMetaData<MiniMap, Paint> AREA =
      FACTORY.createPaintCssMetaData(
          "-mobi-map-region", m -> m.regionPaint, Color.LIGHTGRAY, false);
  private static final CssMetaData<MiniMap, Paint> FRAME =
      FACTORY.createPaintCssMetaData("-mobi-map-frame", m -> m.framePaint, Color.BLACK, false);

  private final StyleableObjectProperty<Paint> nodePaint =
      new SimpleStyleableObjectProperty<>(NODE, this, "node");
  private final StyleableObjectProperty<Paint> regionPaint =
      new SimpleStyleableObjectProperty<>(AREA, this, "region");
  private final StyleableObjectProperty<Paint> framePaint =
      new SimpleStyleableObjectProperty<>(FRAME, this, "frame");
  private final World world;
  private final Viewport viewport;
  private final Canvas canvas = new Canvas(WIDTH, HEIGHT);
  private boolean wanted = true;
  private double scale = 1;
  private double left;
  private double top;

  public MiniMap(World world, Viewport viewport) {
    this.world = world;
    this.viewport = viewport;
    getStyleClass().add("minimap");
    setManaged(false);
    setVisible(false);
    setAccessibleText("Overview of the topology");
    canvas.setManaged(false);
    getChildren().add(canvas);
    resize(WIDTH, HEIGHT);
    for (StyleableObjectProperty<Paint> paint : List.of(nodePaint, regionPaint, framePaint)) {
      paint.addListener(_ -> requestLayout());
    }
    addEventHandler(MouseEvent.ANY, this::mouse);
  }

  /** Says whether it may be shown. */
  public void setWanted(boolean newWanted) {
    wanted = newWanted;
    update();
  }

  /** To be called when the world or what is in view has changed. */
  public void update() {
    Optional<Box> extent = world.extent();
    Box visible = viewport.visible();
    setVisible(wanted && extent.isPresent() && !visible.union(extent.get()).equals(visible));
    if (isVisible()) {
      requestLayout();
    }
  }

  private void mouse(MouseEvent event) {
    if (event.getEventType() == MouseEvent.MOUSE_PRESSED
        || event.getEventType() == MouseEvent.MOUSE_DRAGGED) {
      viewport.show(
          viewport.scale(), new Point((event.getX() - left) / scale, (event.getY() - top) / scale));
    }
    event.consume();
  }

  @Override
  protected void layoutChildren() {
    Optional<Box> extent = world.extent();
    if (isVisible() && extent.isPresent()) {
      draw(extent.get());
    }
  }

  private void draw(Box extent) {
    scale = Math.min((WIDTH - 2 * INSET) / extent.width(), (HEIGHT - 2 * INSET) / extent.height());
    left = WIDTH / 2 - extent.centreX() * scale;
    top = HEIGHT / 2 - extent.centreY() * scale;
    GraphicsContext graphics = canvas.getGraphicsContext2D();
    graphics.clearRect(0, 0, WIDTH, HEIGHT);
    graphics.setFill(regionPaint.get());
    for (RegionView view : world.regions()) {
      fill(graphics, view.box(), 0);
    }
    graphics.setFill(nodePaint.get());
    for (NodeView view : world.nodes()) {
      fill(graphics, view.box(), SMALLEST_NODE);
    }
    Box visible = viewport.visible();
    double frameLeft = Math.max(1, left + visible.left() * scale);
    double frameTop = Math.max(1, top + visible.top() * scale);
    double frameRight = Math.min(WIDTH - 1, left + visible.right() * scale);
    double frameBottom = Math.min(HEIGHT - 1, top + visible.bottom() * scale);
    graphics.setStroke(framePaint.get());
    graphics.setLineWidth(1.5);
    graphics.strokeRoundRect(
        frameLeft, frameTop, frameRight - frameLeft, frameBottom - frameTop, 6, 6);
  }

  private void fill(GraphicsContext graphics, Box box, double smallest) {
    graphics.fillRect(
        left + box.left() * scale,
        top + box.top() * scale,
        Math.max(smallest, box.width() * scale),
        Math.max(smallest, box.height() * scale));
  }

  @Override
  public List<CssMetaData<? extends Styleable, ?>> getCssMetaData() {
    return FACTORY.getCssMetaData();
  }
}
