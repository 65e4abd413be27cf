// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.ArrayList;
import java.util.List;
import javafx.scene.Group;
import javafx.scene.layout.Region;
import javafx.scene.shape.Polygon;
import javafx.scene.shape.Polyline;
import javafx.scene.shape.StrokeLineCap;

/**
 * The area and the edge of a region, with round corners. Painting one large rounded rectangle
 * smoothly takes long, as all its pixels are weighed; so the area is a plain rectangle whose corners
 * are covered with the colour behind it, and the edge is four lines and four arcs.
 */
final class RegionFrame extends Group {
  private static final double RADIUS = 16;
  private static final double INSET = 0.625;
  private static final int PIECES = 8;

  private final Region area = new Region();
  private final List<Polyline> sides = new ArrayList<>();
  private final List<Polyline> arcs = new ArrayList<>();
  private final List<Polygon> outsides = new ArrayList<>();

  RegionFrame() {
    setManaged(false);
    setAutoSizeChildren(false);
    setMouseTransparent(true);
    area.getStyleClass().add("region-area");
    area.setManaged(false);
    getChildren().add(area);
    for (int i = 0; i < 4; i++) {
      Polygon outside = new Polygon();
      outside.getStyleClass().add("region-outside");
      outsides.add(outside);
      sides.add(line());
      arcs.add(line());
    }
    getChildren().addAll(outsides);
    getChildren().addAll(sides);
    getChildren().addAll(arcs);
  }

  private static Polyline line() {
    Polyline line = new Polyline();
    line.getStyleClass().add("region-edge");
    line.setFill(null);
    line.setStrokeLineCap(StrokeLineCap.BUTT);
    return line;
  }

  /**
   * Draws it.
   *
   * @param round whether the corners are; far away that can't be told
   */
  void draw(double width, double height, boolean round) {
    area.resizeRelocate(0, 0, width, height);
    double corner = round ? Math.min(RADIUS, Math.min(width, height) / 2) : INSET;
    for (int side = 0; side < 4; side++) {
      // clockwise from the upper side; along it and into the region
      double[] along = {1, 0, -1, 0};
      double[] down = {0, 1, 0, -1};
      double x = side == 1 || side == 2 ? width : 0;
      double y = side >= 2 ? height : 0;
      double dx = along[side];
      double dy = down[side];
      double length = side % 2 == 0 ? width : height;
      sides
          .get(side)
          .getPoints()
          .setAll(
              x + dx * corner - dy * INSET,
              y + dy * corner + dx * INSET,
              x + dx * (length - corner) - dy * INSET,
              y + dy * (length - corner) + dx * INSET);
      arcs.get(side).setVisible(round);
      outsides.get(side).setVisible(round);
      if (round) {
        // the corner at which the side begins; its circle's middle
        double middleX = x + (dx - dy) * corner;
        double middleY = y + (dy + dx) * corner;
        List<Double> border = arc(middleX, middleY, corner, dx, dy);
        border.add(x);
        border.add(y);
        outsides.get(side).getPoints().setAll(border);
        arcs.get(side).getPoints().setAll(arc(middleX, middleY, corner - INSET, dx, dy));
      }
    }
  }

  /** A quarter of a circle, from before the side with this direction to the side. */
  private static List<Double> arc(
      double middleX, double middleY, double radius, double dx, double dy) {
    List<Double> points = new ArrayList<>();
    for (int piece = 0; piece <= PIECES; piece++) {
      double angle = Math.PI / 2 * piece / PIECES;
      double back = Math.cos(angle) * radius;
      double out = Math.sin(angle) * radius;
      points.add(middleX - dx * back + dy * out);
      points.add(middleY - dy * back - dx * out);
    }
    return points;
  }
}
