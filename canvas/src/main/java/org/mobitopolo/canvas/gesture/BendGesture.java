// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.canvas.element.LinkView;
import org.mobitopolo.canvas.geometry.LinkCurve;
import org.mobitopolo.canvas.geometry.Snap;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.edit.ChangeLink;

/**
 * Bends a link: drags one of its bends, or makes one where it is grabbed. A bend that is pulled
 * straight goes away.
 */
final class BendGesture implements Gesture {
  private static final double REACH = 14;
  private static final double STRAIGHT = 8;

  private final Surface surface;
  private final Link link;
  private final List<Point> others;
  private final int index;
  private final Point from;
  private final Point to;
  private List<Point> now;

  BendGesture(Surface surface, LinkView view, Pointer start) {
    this.surface = surface;
    link = view.link();
    now = link.waypoints();
    others = new ArrayList<>(link.waypoints());
    List<Point> corners = new ArrayList<>();
    corners.add(surface.world().node(link.a().node()).orElseThrow().centre());
    corners.addAll(link.waypoints());
    corners.add(surface.world().node(link.b().node()).orElseThrow().centre());
    double reach = REACH / surface.viewport().scale();
    int grabbed = -1;
    for (int i = 0; i < others.size(); i++) {
      if (distance(others.get(i), start.world()) <= reach) {
        grabbed = i;
      }
    }
    if (grabbed >= 0) {
      others.remove(grabbed);
      corners.remove(grabbed + 1);
      index = grabbed;
    } else {
      index = pieceAt(corners, start.world());
    }
    from = corners.get(index);
    to = corners.get(index + 1);
  }

  /** The number of the piece between two corners that a point is nearest to. */
  private static int pieceAt(List<Point> corners, Point point) {
    int nearest = 0;
    double nearestDistance = Double.POSITIVE_INFINITY;
    for (int i = 0; i < corners.size() - 1; i++) {
      double distance = LinkCurve.line(corners.get(i), corners.get(i + 1)).distanceTo(point);
      if (distance < nearestDistance) {
        nearest = i;
        nearestDistance = distance;
      }
    }
    return nearest;
  }

  private static double distance(Point one, Point other) {
    return Math.hypot(one.x() - other.x(), one.y() - other.y());
  }

  @Override
  public void drag(Pointer pointer) {
    Point bend =
        pointer.free()
            ? pointer.world()
            : new Point(
                Math.round(pointer.world().x() / Snap.GRID) * Snap.GRID,
                Math.round(pointer.world().y() / Snap.GRID) * Snap.GRID);
    List<Point> bends = new ArrayList<>(others);
    if (LinkCurve.line(from, to).distanceTo(pointer.world())
        > STRAIGHT / surface.viewport().scale()) {
      bends.add(index, bend);
    }
    now = List.copyOf(bends);
    surface.world().bend(link.id(), now);
  }

  @Override
  public void finish(Pointer pointer) {
    drag(pointer);
    if (!now.equals(link.waypoints())) {
      surface.edits().accept(new ChangeLink(link.withWaypoints(now)));
    }
    surface.world().settle();
  }

  @Override
  public void cancel() {
    surface.world().settle();
  }
}
