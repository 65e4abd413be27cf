// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import java.util.Collection;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Point;

/** An upright rectangle given by its edges. */
public record Box(double left, double top, double right, double bottom) {

  public static Box around(Point centre, double width, double height) {
    return new Box(
        centre.x() - width / 2,
        centre.y() - height / 2,
        centre.x() + width / 2,
        centre.y() + height / 2);
  }

  public static Box of(Bounds bounds) {
    return new Box(
        bounds.x(), bounds.y(), bounds.x() + bounds.width(), bounds.y() + bounds.height());
  }

  /** The box with these two opposite corners. */
  public static Box between(Point one, Point other) {
    return new Box(
        Math.min(one.x(), other.x()),
        Math.min(one.y(), other.y()),
        Math.max(one.x(), other.x()),
        Math.max(one.y(), other.y()));
  }

  /** The smallest box that holds them all; there must be at least one. */
  public static Box union(Collection<Box> boxes) {
    Box first = boxes.iterator().next();
    double left = first.left;
    double top = first.top;
    double right = first.right;
    double bottom = first.bottom;
    for (Box box : boxes) {
      left = Math.min(left, box.left);
      top = Math.min(top, box.top);
      right = Math.max(right, box.right);
      bottom = Math.max(bottom, box.bottom);
    }
    return new Box(left, top, right, bottom);
  }

  public Box union(Box other) {
    return new Box(
        Math.min(left, other.left),
        Math.min(top, other.top),
        Math.max(right, other.right),
        Math.max(bottom, other.bottom));
  }

  public double width() {
    return right - left;
  }

  public double height() {
    return bottom - top;
  }

  public double centreX() {
    return (left + right) / 2;
  }

  public double centreY() {
    return (top + bottom) / 2;
  }

  public Box plus(double dx, double dy) {
    return new Box(left + dx, top + dy, right + dx, bottom + dy);
  }

  public Box grown(double margin) {
    return new Box(left - margin, top - margin, right + margin, bottom + margin);
  }

  public boolean contains(Point point) {
    return point.x() >= left && point.x() <= right && point.y() >= top && point.y() <= bottom;
  }

  public boolean intersects(Box other) {
    return left <= other.right && right >= other.left && top <= other.bottom && bottom >= other.top;
  }

  public Bounds toBounds() {
    return new Bounds(left, top, width(), height());
  }

  /**
   * Where the line from the centre towards a point leaves the box; the centre itself if the point
   * is the centre.
   */
  public Point exitTowards(Point point) {
    double dx = point.x() - centreX();
    double dy = point.y() - centreY();
    if (dx == 0 && dy == 0) {
      return new Point(centreX(), centreY());
    }
    double share =
        Math.min(
            dx == 0 ? Double.POSITIVE_INFINITY : width() / 2 / Math.abs(dx),
            dy == 0 ? Double.POSITIVE_INFINITY : height() / 2 / Math.abs(dy));
    return new Point(centreX() + dx * share, centreY() + dy * share);
  }
}
