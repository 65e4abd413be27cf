// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.ArrayList;
import java.util.List;
import javafx.geometry.VPos;
import javafx.scene.Group;
import javafx.scene.shape.Polyline;
import javafx.scene.shape.Rectangle;
import javafx.scene.text.Text;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.geometry.LinkCurve;
import org.mobitopolo.topology.Point;

/**
 * What stays at a node's old place while it migrates: a faint outline with its name, and a dotted
 * way to the new place.
 */
final class Ghost extends Group {
  private static final double BOW = 40;

  private final Box box;
  private final Polyline way = new Polyline();

  Ghost(NodeView view, Point source) {
    setId("ghost-" + view.node().id());
    setMouseTransparent(true);
    box = Box.around(source, view.getWidth(), view.getHeight());
    Rectangle outline = new Rectangle(box.left(), box.top(), box.width(), box.height());
    outline.setArcWidth(20);
    outline.setArcHeight(20);
    outline.getStyleClass().add("ghost-outline");
    Text name = new Text(view.node().name());
    name.getStyleClass().add("ghost-name");
    name.setTextOrigin(VPos.CENTER);
    name.boundsInLocalProperty()
        .addListener(_ -> name.setX(box.centreX() - name.getLayoutBounds().getWidth() / 2));
    name.setX(box.centreX() - name.getLayoutBounds().getWidth() / 2);
    name.setY(box.centreY());
    way.getStyleClass().add("ghost-way");
    getChildren().addAll(way, outline, name);
    follow(view);
  }

  /** Leads the dotted way to where the node is now. */
  void follow(NodeView view) {
    List<Double> points = new ArrayList<>();
    LinkCurve.between(box, view.box(), List.of(), -BOW)
        .points()
        .forEach(
            point -> {
              points.add(point.x());
              points.add(point.y());
            });
    way.getPoints().setAll(points);
  }
}
