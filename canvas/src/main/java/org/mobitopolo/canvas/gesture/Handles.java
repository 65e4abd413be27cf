// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javafx.scene.Cursor;
import javafx.scene.Group;
import javafx.scene.Node;
import javafx.scene.layout.Region;
import javafx.scene.shape.Circle;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.element.NoteView;
import org.mobitopolo.canvas.element.RegionView;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.canvas.view.Viewport;
import org.mobitopolo.topology.Point;

/**
 * What can be grabbed at the border of things, in pixels of the canvas, so that it keeps its size
 * at every zoom: ports in the middle of the four sides of the node under the pointer, from which
 * links are drawn, and squares at the corners and sides of the selected region or note.
 */
final class Handles extends Group {
  private static final double PORT = 5.5;
  private static final double SQUARE = 9;
  private static final double SMALLEST_SIDE = 30;

  private final Viewport viewport;
  private final List<Circle> ports = new ArrayList<>();
  private final List<Region> squares = new ArrayList<>();
  private NodeView node;
  private Node sized;

  /** A square and the edges that it moves: -1 left or upper, 0 none, 1 right or lower. */
  record Edge(int across, int down) {}

  Handles(Viewport viewport, Texts texts) {
    this.viewport = viewport;
    setManaged(false);
    for (int side = 0; side < 4; side++) {
      Circle port = new Circle(PORT);
      port.getStyleClass().add("link-port");
      port.setCursor(Cursor.CROSSHAIR);
      port.setAccessibleText(texts.get("port.told"));
      ports.add(port);
    }
    for (int down = -1; down <= 1; down++) {
      for (int across = -1; across <= 1; across++) {
        if (across != 0 || down != 0) {
          squares.add(square(across, down));
        }
      }
    }
  }

  private static Region square(int across, int down) {
    Region square = new Region();
    square.getStyleClass().add("resize-handle");
    square.setUserData(new Edge(across, down));
    square.setManaged(false);
    square.resize(SQUARE, SQUARE);
    square.setCursor(
        switch (3 * down + across) {
          case -4, 4 -> Cursor.NW_RESIZE;
          case -3, 3 -> Cursor.V_RESIZE;
          case -2, 2 -> Cursor.NE_RESIZE;
          default -> Cursor.H_RESIZE;
        });
    return square;
  }

  /** Shows ports at this node; null for none. */
  void showPorts(NodeView view) {
    if (view != node) {
      node = view;
      update();
    }
  }

  /** Shows squares at this region or note; null for none. */
  void showSizes(Node view) {
    if (view != sized) {
      sized = view;
      update();
    }
  }

  /** The node whose port this is. */
  Optional<NodeView> portOf(Object target) {
    return node != null && ports.contains(target) ? Optional.of(node) : Optional.empty();
  }

  /** The edges that this square moves. */
  Optional<Edge> edgeOf(Object target) {
    return target instanceof Region region && squares.contains(region)
        ? Optional.of((Edge) region.getUserData())
        : Optional.empty();
  }

  /** The region or note that has squares now. */
  Node sized() {
    return sized;
  }

  /** Brings everything to where its element is now. */
  void update() {
    List<Node> shown = new ArrayList<>();
    if (node != null) {
      Box box = inView(node.box());
      if (box.height() >= SMALLEST_SIDE) {
        place(ports.get(0), box.centreX(), box.top());
        place(ports.get(1), box.right(), box.centreY());
        place(ports.get(2), box.centreX(), box.bottom());
        place(ports.get(3), box.left(), box.centreY());
        shown.addAll(ports);
      }
    }
    if (sized != null) {
      Box box =
          inView(
              switch (sized) {
                case RegionView view -> view.box();
                case NoteView view -> view.box();
                default -> throw new IllegalStateException("no handles for " + sized);
              });
      for (Region square : squares) {
        Edge edge = (Edge) square.getUserData();
        square.relocate(
            Math.round(box.centreX() + edge.across() * box.width() / 2 - SQUARE / 2),
            Math.round(box.centreY() + edge.down() * box.height() / 2 - SQUARE / 2));
      }
      shown.addAll(squares);
    }
    if (!getChildren().equals(shown)) {
      getChildren().setAll(shown);
    }
  }

  private static void place(Circle port, double x, double y) {
    port.setCenterX(Math.round(x));
    port.setCenterY(Math.round(y));
  }

  private Box inView(Box box) {
    return Box.between(
        viewport.toView(new Point(box.left(), box.top())),
        viewport.toView(new Point(box.right(), box.bottom())));
  }
}
