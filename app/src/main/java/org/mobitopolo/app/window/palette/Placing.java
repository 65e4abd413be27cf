// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.palette;

import java.util.Optional;
import java.util.function.BiConsumer;
import javafx.event.EventHandler;
import javafx.geometry.Point2D;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.input.InputEvent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseButton;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.TopologyCanvas;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;

/**
 * Carries a part to the canvas: dragged there it is placed where it is let go, clicked it follows
 * the pointer to the next click. With Shift held another one follows, until Shift is let go.
 * Escape or a right click gives up.
 */
final class Placing {
  private static final double BESIDE = 14;
  private static final int ICON = 20;

  private final TopologyCanvas canvas;
  private final Pane layer;
  private final Texts texts;
  private final BiConsumer<Part, Point> place;
  private final HBox ghost = new HBox(10);
  private final Label name = new Label();
  private final Label where = new Label();
  private final EventHandler<InputEvent> filter = this::follow;
  private Part carried;
  private Scene scene;
  private boolean placed;

  /**
   * @param layer what the carried part is drawn on; covers canvas and palette
   * @param place puts a part at a place of the canvas' world
   */
  Placing(TopologyCanvas canvas, Pane layer, Texts texts, BiConsumer<Part, Point> place) {
    this.canvas = canvas;
    this.layer = layer;
    this.texts = texts;
    this.place = place;
    ghost.getStyleClass().add("placing-ghost");
    ghost.setAlignment(Pos.CENTER_LEFT);
    ghost.setManaged(false);
    ghost.setMouseTransparent(true);
    where.getStyleClass().addAll("text-muted", "text-small");
  }

  boolean isCarrying() {
    return carried != null;
  }

  /** Takes a part up; it is seen beside the pointer from now on. */
  void begin(Part part, double sceneX, double sceneY) {
    end();
    carried = part;
    placed = false;
    scene = canvas.getScene();
    name.setText(part.name());
    ghost.getChildren().setAll(Icons.view(part.icon(), ICON), new VBox(0, name, where));
    layer.getChildren().add(ghost);
    scene.addEventFilter(InputEvent.ANY, filter);
    canvas.requestFocus();
    move(sceneX, sceneY);
  }

  /** Puts the part down if the place belongs to the canvas; another follows while that is wanted. */
  void drop(double sceneX, double sceneY, boolean another) {
    if (isCarrying() && isOnCanvas(sceneX, sceneY)) {
      place.accept(carried, world(sceneX, sceneY));
      placed = true;
    }
    if (!another || !placed) {
      end();
    } else {
      move(sceneX, sceneY);
    }
  }

  void move(double sceneX, double sceneY) {
    if (!isCarrying()) {
      return;
    }
    where.setText(words(sceneX, sceneY));
    Point2D corner = layer.sceneToLocal(sceneX + BESIDE, sceneY + BESIDE);
    ghost.autosize();
    ghost.relocate(Math.round(corner.getX()), Math.round(corner.getY()));
  }

  private String words(double sceneX, double sceneY) {
    if (!isOnCanvas(sceneX, sceneY)) {
      return texts.get("palette.carry");
    }
    Optional<Region> region = canvas.topology().regionAt(world(sceneX, sceneY));
    return region
        .map(into -> texts.get("palette.into", into.name()))
        .orElseGet(() -> texts.get("palette.several"));
  }

  void end() {
    if (isCarrying()) {
      carried = null;
      layer.getChildren().remove(ghost);
      scene.removeEventFilter(InputEvent.ANY, filter);
    }
  }

  private void follow(InputEvent event) {
    switch (event) {
      case KeyEvent key -> follow(key);
      case MouseEvent mouse -> follow(mouse);
      default -> {}
    }
  }

  private void follow(KeyEvent key) {
    boolean escape =
        key.getEventType() == KeyEvent.KEY_PRESSED && key.getCode() == KeyCode.ESCAPE;
    boolean enough =
        key.getEventType() == KeyEvent.KEY_RELEASED && key.getCode() == KeyCode.SHIFT && placed;
    if (escape || enough) {
      end();
      key.consume();
    }
  }

  /** Clicks on the canvas place; the canvas itself must not see them. */
  private void follow(MouseEvent mouse) {
    move(mouse.getSceneX(), mouse.getSceneY());
    if (!(mouse.getTarget() instanceof Node node) || !isPartOf(node, canvas)) {
      return;
    }
    mouse.consume();
    if (mouse.getEventType() == MouseEvent.MOUSE_PRESSED
        && mouse.getButton() != MouseButton.PRIMARY) {
      end();
    } else if (mouse.getEventType() == MouseEvent.MOUSE_RELEASED) {
      drop(mouse.getSceneX(), mouse.getSceneY(), mouse.isShiftDown());
    }
  }

  private static boolean isPartOf(Node node, Node whole) {
    return node == whole || node.getParent() != null && isPartOf(node.getParent(), whole);
  }

  private boolean isOnCanvas(double sceneX, double sceneY) {
    return canvas.contains(canvas.sceneToLocal(sceneX, sceneY));
  }

  private Point world(double sceneX, double sceneY) {
    Point2D local = canvas.sceneToLocal(sceneX, sceneY);
    return canvas.toWorld(local.getX(), local.getY());
  }
}
