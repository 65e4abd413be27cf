// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import org.mobitopolo.topology.Point;

/** A straight piece of a line. */
public record Segment(Point from, Point to) {

  /** The smallest box that holds it. */
  public Box bounds() {
    return Box.between(from, to);
  }

  public double length() {
    return Math.hypot(to.x() - from.x(), to.y() - from.y());
  }

  /** The point at a share of its length, 0 at the beginning. */
  public Point at(double share) {
    return new Point(
        from.x() + (to.x() - from.x()) * share, from.y() + (to.y() - from.y()) * share);
  }

  /** Whether any of it lies in the box, its edges included (Liang and Barsky 1984). */
  public boolean crosses(Box box) {
    double dx = to.x() - from.x();
    double dy = to.y() - from.y();
    double left = box.left() - from.x();
    double right = box.right() - from.x();
    double top = box.top() - from.y();
    double bottom = box.bottom() - from.y();
    if (dx == 0 && (left > 0 || right < 0) || dy == 0 && (top > 0 || bottom < 0)) {
      return false;
    }
    double first = 0;
    double last = 1;
    if (dx != 0) {
      first = Math.max(first, (dx > 0 ? left : right) / dx);
      last = Math.min(last, (dx > 0 ? right : left) / dx);
    }
    if (dy != 0) {
      first = Math.max(first, (dy > 0 ? top : bottom) / dy);
      last = Math.min(last, (dy > 0 ? bottom : top) / dy);
    }
    return first <= last;
  }
}
