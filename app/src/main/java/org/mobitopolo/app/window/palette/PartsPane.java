// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.palette;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javafx.beans.InvalidationListener;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.Label;
import javafx.scene.control.MenuItem;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Tooltip;
import javafx.scene.input.MouseButton;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.Pane;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.TopologyCanvas;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.topology.Point;

/**
 * All that can be placed on the canvas, at its left: kinds of nodes, images, templates. Drag a part
 * to its place, or click it and then the place; Enter puts it into the middle of the view.
 */
public final class PartsPane extends ScrollPane {
  private static final double DRAG_PIXELS = 4;
  private static final double TIP_WIDTH = 320;
  private static final int ICON = 18;

  private final TopologyCanvas canvas;
  private final StartingParts starting;
  private final Library library;
  private final Texts texts;
  private final BiConsumer<Part, Point> place;
  private final Consumer<Template> remove;
  private final Placing placing;
  private final VBox images = new VBox(1);
  private final VBox templates = new VBox(1);
  private final InvalidationListener imagesChanged = _ -> showImages();
  private final InvalidationListener templatesChanged = _ -> showTemplates();

  /**
   * @param layer what a carried part is drawn on; covers canvas and palette
   * @param place puts a part at a place of the canvas' world
   * @param remove takes a template that the user wants deleted
   */
  public PartsPane(
      TopologyCanvas canvas,
      Pane layer,
      StartingParts starting,
      Library library,
      Texts texts,
      BiConsumer<Part, Point> place,
      Consumer<Template> remove) {
    this.canvas = canvas;
    this.starting = starting;
    this.library = library;
    this.texts = texts;
    this.place = place;
    this.remove = remove;
    placing = new Placing(canvas, layer, texts, place);
    getStyleClass().addAll("parts-pane", "edge-to-edge");
    setFitToWidth(true);
    setHbarPolicy(ScrollBarPolicy.NEVER);
    VBox content =
        new VBox(
            section("palette.nodes", tiles(starting.nodes())),
            section("palette.drawing", tiles(starting.drawing())),
            section("palette.images", images),
            section("palette.templates", templates));
    content.getStyleClass().add("parts");
    setContent(content);
    library.images().addListener(imagesChanged);
    library.templates().addListener(templatesChanged);
    showImages();
    showTemplates();
  }

  /** Puts the focus on the first part. */
  public void focusFirst() {
    lookup(".part").requestFocus();
  }

  private VBox section(String key, VBox parts) {
    Label heading = new Label(texts.get(key));
    heading.getStyleClass().add("parts-heading");
    VBox section = new VBox(2, heading, parts);
    Stream.of(section.visibleProperty(), section.managedProperty())
        .forEach(shown -> shown.bind(javafx.beans.binding.Bindings.isNotEmpty(parts.getChildren())));
    return section;
  }

  private VBox tiles(Iterable<Part> parts) {
    VBox box = new VBox(1);
    parts.forEach(part -> box.getChildren().add(tile(part)));
    return box;
  }

  private void showImages() {
    images
        .getChildren()
        .setAll(library.images().stream().map(starting.ofImage()).map(this::tile).toList());
  }

  private void showTemplates() {
    templates
        .getChildren()
        .setAll(
            Stream.concat(starting.templates().stream(), library.templates().stream())
                .map(this::tile)
                .toList());
  }

  private Node tile(Template template) {
    Button tile = tile(new Part(template.name(), "", template.icon(), template::placedAt));
    if (template.file().isPresent()) {
      MenuItem delete = new MenuItem(texts.get("palette.delete"));
      delete.setOnAction(_ -> remove.accept(template));
      tile.setContextMenu(new ContextMenu(delete));
    }
    return tile;
  }

  private Button tile(Part part) {
    Button tile = new Button(part.name(), Icons.view(part.icon(), ICON));
    tile.setMnemonicParsing(false);
    tile.getStyleClass().addAll("flat", "part");
    tile.setMaxWidth(Double.MAX_VALUE);
    Tooltip tip =
        new Tooltip(
            part.detail().isEmpty()
                ? texts.get("palette.how")
                : part.detail() + "\n" + texts.get("palette.how"));
    tip.setWrapText(true);
    tip.setMaxWidth(TIP_WIDTH);
    tile.setTooltip(tip);
    tile.setAccessibleHelp(texts.get("palette.enter"));
    tile.setOnAction(_ -> place.accept(part, canvas.freePlace()));
    followMouse(tile, part);
    return tile;
  }

  /** The mouse carries the part; the button's own behaviour, which acts at once, is for keys. */
  private void followMouse(Button tile, Part part) {
    Point2D[] pressed = {null};
    tile.addEventFilter(
        MouseEvent.ANY,
        event -> {
          double x = event.getSceneX();
          double y = event.getSceneY();
          if (event.getEventType() == MouseEvent.MOUSE_PRESSED
              && event.getButton() == MouseButton.PRIMARY) {
            pressed[0] = new Point2D(x, y);
            placing.end();
            event.consume();
          } else if (event.getEventType() == MouseEvent.MOUSE_DRAGGED && pressed[0] != null) {
            if (placing.isCarrying()) {
              placing.move(x, y);
            } else if (pressed[0].distance(x, y) >= DRAG_PIXELS) {
              placing.begin(part, x, y);
            }
            event.consume();
          } else if (event.getEventType() == MouseEvent.MOUSE_RELEASED && pressed[0] != null) {
            pressed[0] = null;
            if (placing.isCarrying()) {
              placing.drop(x, y, event.isShiftDown());
            } else {
              placing.begin(part, x, y);
            }
            event.consume();
          }
        });
  }

  public void dispose() {
    placing.end();
    library.images().removeListener(imagesChanged);
    library.templates().removeListener(templatesChanged);
  }
}
