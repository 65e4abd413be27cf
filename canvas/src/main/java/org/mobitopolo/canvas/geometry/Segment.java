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
    double first = 0;
    double last = 1;
    double[] steps = {-dx, dx, -dy, dy};
    double[] rooms = {
      from.x() - box.left(), box.right() - from.x(), from.y() - box.top(), box.bottom() - from.y()
    };
    for (int side = 0; side < 4; side++) {
      if (steps[side] == 0) {
        if (rooms[side] < 0) {
          return false;
        }
      } else {
        double share = rooms[side] / steps[side];
        if (steps[side] < 0) {
          first = Math.max(first, share);
        } else {
          last = Math.min(last, share);
        }
      }
    }
    return first <= last;
  }
}
