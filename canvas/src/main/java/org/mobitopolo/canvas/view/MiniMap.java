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
import javafx.scene.input.ScrollEvent;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.paint.Paint;
import javafx.scene.shape.Rectangle;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.element.RegionView;
import org.mobitopolo.canvas.element.World;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.topology.Point;

/**
 * The whole world in a corner, with a frame around what is in view; pressing or dragging in it goes
 * there, and the wheel zooms there. The world is drawn anew only when it has changed, and at most
 * once a frame; while the view moves only the frame does. Hides while everything is in view.
 */
public final class MiniMap extends Region {
  public static final double WIDTH = 200;
  public static final double HEIGHT = 130;

  private static final double INSET = 8;
  private static final double SMALLEST_NODE = 2;
  private static final double WHEEL = 1.15;
  private static final StyleablePropertyFactory<MiniMap> FACTORY =
      new StyleablePropertyFactory<>(Region.getClassCssMetaData());
  private static final CssMetaData<MiniMap, Paint> NODE =
      FACTORY.createPaintCssMetaData("-mobi-map-node", m -> m.nodePaint, Color.GRAY, false);
  private static final CssMetaData<MiniMap, Paint> AREA =
      FACTORY.createPaintCssMetaData(
          "-mobi-map-region", m -> m.regionPaint, Color.LIGHTGRAY, false);

  private final StyleableObjectProperty<Paint> nodePaint =
      new SimpleStyleableObjectProperty<>(NODE, this, "node");
  private final StyleableObjectProperty<Paint> regionPaint =
      new SimpleStyleableObjectProperty<>(AREA, this, "region");
  private final World world;
  private final Viewport viewport;
  private final Canvas canvas = new Canvas(WIDTH, HEIGHT);
  private final Rectangle frame = new Rectangle();
  private boolean stale = true;
  private boolean wanted = true;
  private double scale = 1;
  private double left;
  private double top;

  public MiniMap(World world, Viewport viewport, Texts texts) {
    this.world = world;
    this.viewport = viewport;
    getStyleClass().add("minimap");
    setManaged(false);
    setVisible(false);
    setAccessibleText(texts.get("map.told"));
    canvas.setManaged(false);
    frame.setManaged(false);
    frame.getStyleClass().add("minimap-frame");
    frame.setArcWidth(6);
    frame.setArcHeight(6);
    getChildren().addAll(canvas, frame);
    resize(WIDTH, HEIGHT);
    for (StyleableObjectProperty<Paint> paint : List.of(nodePaint, regionPaint)) {
      paint.addListener(_ -> update());
    }
    addEventHandler(MouseEvent.ANY, this::mouse);
    addEventHandler(ScrollEvent.SCROLL, this::scroll);
  }

  /** Says whether it may be shown. */
  public void setWanted(boolean newWanted) {
    wanted = newWanted;
    update();
  }

  /** To be called when the world has changed. */
  public void update() {
    stale = true;
    updateView();
  }

  /** To be called when what is in view has changed. */
  public void updateView() {
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

  private void scroll(ScrollEvent event) {
    viewport.zoom(
        event.getDeltaY() > 0 ? WHEEL : 1 / WHEEL, viewport.width() / 2, viewport.height() / 2);
    event.consume();
  }

  @Override
  protected void layoutChildren() {
    Optional<Box> extent = world.extent();
    if (isVisible() && extent.isPresent()) {
      if (stale) {
        stale = false;
        draw(extent.get());
      }
      placeFrame();
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
  }

  private void placeFrame() {
    Box visible = viewport.visible();
    double frameLeft = Math.clamp(left + visible.left() * scale, 1, WIDTH - 3);
    double frameTop = Math.clamp(top + visible.top() * scale, 1, HEIGHT - 3);
    frame.setX(frameLeft);
    frame.setY(frameTop);
    frame.setWidth(Math.clamp(left + visible.right() * scale, 3, WIDTH - 1) - frameLeft);
    frame.setHeight(Math.clamp(top + visible.bottom() * scale, 3, HEIGHT - 1) - frameTop);
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
