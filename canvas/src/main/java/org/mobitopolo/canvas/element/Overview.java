// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.nio.IntBuffer;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javafx.css.CssMetaData;
import javafx.css.SimpleStyleableObjectProperty;
import javafx.css.Styleable;
import javafx.css.StyleableObjectProperty;
import javafx.css.StyleablePropertyFactory;
import javafx.geometry.VPos;
import javafx.scene.Group;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.image.ImageView;
import javafx.scene.image.PixelBuffer;
import javafx.scene.image.PixelFormat;
import javafx.scene.image.WritableImage;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.Text;
import javafx.scene.text.TextAlignment;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.model.LinkDecoration;
import org.mobitopolo.canvas.model.NodeDecoration;
import org.mobitopolo.canvas.view.Viewport;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.VirtualMachine;

/**
 * The nodes and links that are not in the scene graph, as pixels: all of them while the view is so
 * far away that only their places, states and names can be told, and for some frames those that
 * have just come near. Drawn once a frame at most, in pixels of the canvas, and in tiles: where
 * nothing has changed nothing is drawn, nor painted by the renderer.
 */
final class Overview extends Region {
  /** From this zoom on names are drawn. */
  private static final double NAMED = 0.22;

  private static final double RADIUS = 10;
  private static final double EDGE = 2.5;
  private static final double SELECTED_EDGE = 2;
  private static final double PROGRESS = 3;

  /** How far below a card a click counts as one on its migration's bar, in pixels. */
  private static final double PROGRESS_REACH = 8;

  private static final double FULL_LOAD = 0.9;
  private static final double THINNEST = 0.7;
  private static final double BUSY_EXTRA = 1.1;
  private static final double DASH = 4;
  private static final Font NAME_FONT = Font.font("System", 8);
  private static final double NAME_INSET = 2;
  private static final String DOTS = "\u2026";

  /** Side of a tile, in pixels of the screen. */
  private static final int TILE = 256;

  /** How far an element is drawn beyond its box, at most, in pixels of the canvas. */
  private static final double REACH = 8;

  /** The colours, each a property for style sheets. */
  private enum Ink {
    CARD,
    IDLE,
    SUCCESS,
    SUCCESS_SUBTLE,
    WARNING,
    ACCENT,
    ACCENT_SUBTLE,
    DANGER,
    DANGER_SUBTLE,
    LINK,
    FLOW,
    FG,
    FG_MUTED;

    String property() {
      return "-mobi-overview-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private static final StyleablePropertyFactory<Overview> FACTORY =
      new StyleablePropertyFactory<>(Region.getClassCssMetaData());
  private static final Map<Ink, CssMetaData<Overview, Color>> META = new EnumMap<>(Ink.class);

  static {
    for (Ink ink : Ink.values()) {
      META.put(
          ink,
          FACTORY.createColorCssMetaData(
              ink.property(), overview -> overview.inks.get(ink), Color.GRAY, false));
    }
  }

  /** The edge and the inside of a card. */
  private record Look(Ink edge, Ink inside) {}

  /** Pixels and the image that shows them. */
  private record Sheet(Raster raster, PixelBuffer<IntBuffer> buffer, WritableImage image) {
    static Sheet of(int width, int height) {
      int[] pixels = new int[width * height];
      PixelBuffer<IntBuffer> buffer =
          new PixelBuffer<>(
              width, height, IntBuffer.wrap(pixels), PixelFormat.getIntArgbPreInstance());
      return new Sheet(new Raster(pixels, width, height), buffer, new WritableImage(buffer));
    }
  }

  /** A part of the picture. Its sheets are two, as the renderer may still read the one shown last. */
  private static final class Tile extends ImageView {
    private final int left;
    private final int top;
    private final Sheet[] sheets = new Sheet[2];
    private int next;
    private boolean stale = true;

    /** A tile with its upper left corner at a pixel of the picture. */
    Tile(int left, int top, int width, int height, double density) {
      this.left = left;
      this.top = top;
      setManaged(false);
      setFitWidth(width / density);
      setFitHeight(height / density);
      relocate(left / density, top / density);
      for (int i = 0; i < sheets.length; i++) {
        sheets[i] = Sheet.of(width, height);
      }
    }

    void begin() {
      next = 1 - next;
      raster().clear();
    }

    Raster raster() {
      return sheets[next].raster();
    }

    void end() {
      sheets[next].buffer().updateBuffer(_ -> null);
      setImage(sheets[next].image());
      stale = false;
    }
  }

  private final Map<Ink, StyleableObjectProperty<Color>> inks = new EnumMap<>(Ink.class);
  private final Map<Ink, Integer> pixels = new EnumMap<>(Ink.class);
  private final Viewport viewport;
  private final Collection<NodeView> nodes;
  private final Collection<LinkView> links;
  private final Predicate<Box> inView;
  private final Group picture = new Group();
  private final Canvas names = new Canvas();
  private final Map<String, Double> nameWidths = new HashMap<>();
  private final Text measure = new Text();

  private Tile[][] tiles = {};
  private int width;
  private int height;
  private double density = 1;
  private double scale = 1;
  private boolean named;

  /**
   * An overview that is not shown.
   *
   * @param nodes all that there are at any time, the uppermost last; it draws those that are not in
   *     the scene graph
   * @param links all that there are at any time; likewise
   * @param inView tells of a box in the world whether it may be seen
   */
  Overview(
      Viewport viewport,
      Collection<NodeView> nodes,
      Collection<LinkView> links,
      Predicate<Box> inView) {
    this.viewport = viewport;
    this.nodes = nodes;
    this.links = links;
    this.inView = inView;
    getStyleClass().add("overview");
    setManaged(false);
    setMouseTransparent(true);
    setVisible(false);
    picture.setManaged(false);
    picture.setAutoSizeChildren(false);
    names.setManaged(false);
    names.getGraphicsContext2D().setFont(NAME_FONT);
    names.getGraphicsContext2D().setTextAlign(TextAlignment.CENTER);
    names.getGraphicsContext2D().setTextBaseline(VPos.CENTER);
    measure.setFont(NAME_FONT);
    getChildren().addAll(picture, names);
    for (Ink ink : Ink.values()) {
      inks.put(
          ink,
          new SimpleStyleableObjectProperty<>(META.get(ink), this, ink.property(), Color.GRAY) {
            @Override
            protected void invalidated() {
              pixels.put(ink, argb(get()));
              changed();
            }
          });
      pixels.put(ink, argb(Color.GRAY));
    }
  }

  private static int argb(Color color) {
    double opacity = color.getOpacity();
    return (int) Math.round(opacity * 255) << 24
        | (int) Math.round(color.getRed() * opacity * 255) << 16
        | (int) Math.round(color.getGreen() * opacity * 255) << 8
        | (int) Math.round(color.getBlue() * opacity * 255);
  }

  /** Says whether there is anything to draw. */
  void setNeeded(boolean needed) {
    if (needed != isVisible()) {
      setVisible(needed);
      changed();
    }
  }

  /** To be called when anything of what it draws has changed, or the view. */
  void changed() {
    if (isVisible()) {
      for (Tile[] row : tiles) {
        for (Tile tile : row) {
          tile.stale = true;
        }
      }
      requestLayout();
    }
  }

  /** To be called when nothing has changed but elements that are or were in a box of the world. */
  void changed(Box box) {
    if (named) {
      // the names are drawn all together
      changed();
    } else if (isVisible()) {
      Area area = area(box);
      for (int row = area.top(); row <= area.bottom(); row++) {
        for (int column = area.left(); column <= area.right(); column++) {
          tiles[row][column].stale = true;
        }
      }
      requestLayout();
    }
  }

  /** Rows and columns of tiles, with the last ones; none where the last come before the first. */
  private record Area(int left, int top, int right, int bottom) {}

  /** The tiles in which an element with a box in the world may be seen. */
  private Area area(Box box) {
    return area(x(box.left()), y(box.top()), x(box.right()), y(box.bottom()), REACH * density);
  }

  private Area area(double left, double top, double right, double bottom, double reach) {
    return new Area(
        (int) Math.max(0, Math.floor((left - reach) / TILE)),
        (int) Math.max(0, Math.floor((top - reach) / TILE)),
        (int) Math.min(Math.floorDiv(width - 1, TILE), Math.floor((right + reach) / TILE)),
        (int) Math.min(Math.floorDiv(height - 1, TILE), Math.floor((bottom + reach) / TILE)));
  }

  private boolean isStale(Area area) {
    for (int row = area.top(); row <= area.bottom(); row++) {
      for (int column = area.left(); column <= area.right(); column++) {
        if (tiles[row][column].stale) {
          return true;
        }
      }
    }
    return false;
  }

  private void forStale(Area area, Consumer<Tile> action) {
    for (int row = area.top(); row <= area.bottom(); row++) {
      for (int column = area.left(); column <= area.right(); column++) {
        if (tiles[row][column].stale) {
          action.accept(tiles[row][column]);
        }
      }
    }
  }

  @Override
  protected void layoutChildren() {
    if (!isVisible() || viewport.width() < 1 || viewport.height() < 1 || getScene() == null) {
      return;
    }
    scale = viewport.scale();
    layTiles(getScene().getWindow() == null ? 1 : getScene().getWindow().getOutputScaleX());
    Area everything = new Area(0, 0, tiles[0].length - 1, tiles.length - 1);
    forStale(everything, Tile::begin);
    for (LinkView link : links) {
      if (!link.isShown()
          && link.isVisible()
          && link.curve() != null
          && inView.test(link.curve().bounds())) {
        draw(link);
      }
    }
    named = scale >= NAMED;
    names.setVisible(named);
    if (named) {
      names.setWidth(viewport.width());
      names.setHeight(viewport.height());
      names.getGraphicsContext2D().clearRect(0, 0, names.getWidth(), names.getHeight());
      names.getGraphicsContext2D().setFill(inks.get(Ink.FG).get());
    }
    for (NodeView node : nodes) {
      if (!node.isShown() && inView.test(node.box())) {
        draw(node);
      }
    }
    forStale(everything, Tile::end);
  }

  /** Has tiles for what is in view. */
  private void layTiles(double newDensity) {
    int newWidth = (int) Math.ceil(viewport.width() * newDensity);
    int newHeight = (int) Math.ceil(viewport.height() * newDensity);
    if (newWidth == width && newHeight == height && newDensity == density) {
      return;
    }
    width = newWidth;
    height = newHeight;
    density = newDensity;
    tiles = new Tile[(height - 1) / TILE + 1][(width - 1) / TILE + 1];
    picture.getChildren().clear();
    for (int row = 0; row < tiles.length; row++) {
      for (int column = 0; column < tiles[row].length; column++) {
        int left = column * TILE;
        int top = row * TILE;
        tiles[row][column] =
            new Tile(
                left, top, Math.min(TILE, width - left), Math.min(TILE, height - top), density);
        picture.getChildren().add(tiles[row][column]);
      }
    }
  }

  private void draw(LinkView link) {
    if (!isStale(area(link.curve().bounds()))) {
      return;
    }
    LinkDecoration live = link.decoration();
    Ink ink =
        link.isSelected()
            ? Ink.ACCENT
            : link.isHovered()
                ? Ink.FG_MUTED
                : !live.up()
                    ? Ink.DANGER
                    : live.load() >= FULL_LOAD ? Ink.WARNING : live.load() > 0 ? Ink.FLOW : Ink.LINK;
    boolean stressed = link.isSelected() || link.isHovered() || !live.up();
    double thickness =
        Math.max(
            LinkView.WIDTH * scale * density,
            (THINNEST + BUSY_EXTRA * (stressed ? 1 : live.load())) * density);
    List<Point> points = link.curve().points();
    for (int i = 1; i < points.size(); i++) {
      line(points.get(i - 1), points.get(i), thickness, pixels.get(ink), live.up());
    }
  }

  private double x(double world) {
    return world * scale * density + viewport.originX() * density;
  }

  private double y(double world) {
    return world * scale * density + viewport.originY() * density;
  }

  private void line(Point from, Point to, double thickness, int color, boolean whole) {
    double x0 = x(from.x());
    double y0 = y(from.y());
    double x1 = x(to.x());
    double y1 = y(to.y());
    Area area =
        area(Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1), thickness);
    for (int row = area.top(); row <= area.bottom(); row++) {
      for (int column = area.left(); column <= area.right(); column++) {
        Tile tile = tiles[row][column];
        if (tile.stale) {
          line(
              tile.raster(),
              x0 - tile.left,
              y0 - tile.top,
              x1 - tile.left,
              y1 - tile.top,
              thickness,
              color,
              whole ? 0 : DASH * density);
        }
      }
    }
  }

  /** A line, with dashes and gaps of a length unless that is 0. */
  private static void line(
      Raster raster,
      double x0,
      double y0,
      double x1,
      double y1,
      double thickness,
      int color,
      double dash) {
    if (dash == 0) {
      raster.line(x0, y0, x1, y1, thickness, color);
      return;
    }
    double length = Math.hypot(x1 - x0, y1 - y0);
    for (double at = 0; at < length; at += 2 * dash) {
      double begin = at / length;
      double end = Math.min(1, (at + dash) / length);
      raster.line(
          x0 + (x1 - x0) * begin,
          y0 + (y1 - y0) * begin,
          x0 + (x1 - x0) * end,
          y0 + (y1 - y0) * end,
          thickness,
          color);
    }
  }

  private void draw(NodeView node) {
    Box box = node.box();
    Area area = area(box);
    if (isStale(area)) {
      Look look = look(node);
      for (int row = area.top(); row <= area.bottom(); row++) {
        for (int column = area.left(); column <= area.right(); column++) {
          if (tiles[row][column].stale) {
            draw(tiles[row][column], node, box, look);
          }
        }
      }
      if (named) {
        name(node, box);
      }
    }
  }

  private void draw(Tile tile, NodeView node, Box box, Look look) {
    Raster raster = tile.raster();
    int left = (int) Math.round(x(box.left())) - tile.left;
    int top = (int) Math.round(y(box.top())) - tile.top;
    int right = (int) Math.max(left + 2, Math.round(left + box.width() * scale * density));
    int bottom = (int) Math.max(top + 2, Math.round(top + box.height() * scale * density));
    double radius = RADIUS * scale * density;
    if (node.isSelected()) {
      int out = (int) Math.round(SELECTED_EDGE * density);
      raster.fill(
          left - out, top - out, right + out, bottom + out, radius + out, pixels.get(Ink.ACCENT));
    } else {
      raster.fill(left, top, right, bottom, radius, pixels.get(look.edge()));
    }
    int edge = (int) Math.max(1, Math.round(EDGE * scale * density));
    if (right - left > 3 * edge && bottom - top > 3 * edge) {
      raster.fill(
          left + edge,
          top + edge,
          right - edge,
          bottom - edge,
          Math.max(0, radius - edge),
          pixels.get(look.inside()));
    }
    NodeDecoration live = node.decoration();
    if (live.progress().isPresent()) {
      int thick = (int) Math.round(PROGRESS * density);
      int done = (int) Math.round((right - left) * live.progress().getAsDouble());
      raster.fill(left, bottom + 1, left + done, bottom + 1 + thick, 0, pixels.get(Ink.ACCENT));
    }
  }

  /** Where a click asks for more about a node's migration; nothing without one. */
  Optional<Box> progressPlace(NodeView node) {
    Box box = node.box();
    return node.isShown() || node.decoration().progress().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Box(
                box.left(),
                box.bottom(),
                box.right(),
                box.bottom() + PROGRESS_REACH / viewport.scale()));
  }

  private static Look look(NodeView node) {
    if (node.isLinkTarget()) {
      return new Look(Ink.SUCCESS, Ink.SUCCESS_SUBTLE);
    }
    if (node.decoration().error().isPresent()) {
      return new Look(Ink.DANGER, Ink.DANGER_SUBTLE);
    }
    return switch (node.decoration().state()) {
      case RUNNING -> new Look(Ink.SUCCESS, Ink.SUCCESS_SUBTLE);
      case BOOTING, STOPPING -> new Look(Ink.WARNING, Ink.CARD);
      case MIGRATING, INCOMING -> new Look(Ink.ACCENT, Ink.ACCENT_SUBTLE);
      case CRASHED -> new Look(Ink.DANGER, Ink.DANGER_SUBTLE);
      case STOPPED, UNREACHABLE ->
          new Look(node.node() instanceof VirtualMachine ? Ink.IDLE : Ink.LINK, Ink.CARD);
    };
  }

  private void name(NodeView node, Box box) {
    double room = box.width() * viewport.scale() - 2 * NAME_INSET;
    String text = shortened(node.node().name(), room);
    Point middle = viewport.toView(node.centre());
    GraphicsContext graphics = names.getGraphicsContext2D();
    graphics.fillText(text, Math.round(middle.x()), Math.round(middle.y()));
  }

  /**
   * A name, or as much of its beginning and end as there is room for, taking its letters as equally
   * wide: names of neighbours often differ only at the end.
   */
  private String shortened(String name, double room) {
    double width = width(name);
    if (width <= room) {
      return name;
    }
    int letters = (int) (name.length() * (room - width(DOTS)) / width);
    return letters < 2
        ? ""
        : name.substring(0, letters / 2) + DOTS + name.substring(name.length() - (letters + 1) / 2);
  }

  private double width(String text) {
    return nameWidths.computeIfAbsent(
        text,
        _ -> {
          measure.setText(text);
          return measure.getLayoutBounds().getWidth();
        });
  }

  @Override
  public List<CssMetaData<? extends Styleable, ?>> getCssMetaData() {
    return FACTORY.getCssMetaData();
  }
}
