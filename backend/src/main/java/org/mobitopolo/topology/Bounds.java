// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/**
 * An upright rectangle on the canvas, in scene pixels at zoom 1.
 *
 * @param x left edge
 * @param y upper edge
 * @param width not negative
 * @param height not negative
 */
public record Bounds(double x, double y, double width, double height) {

  public Bounds {
    if (!Double.isFinite(x)
        || !Double.isFinite(y)
        || !Double.isFinite(width)
        || !Double.isFinite(height)) {
      throw new IllegalArgumentException("An area needs finite coordinates.");
    }
    if (width < 0 || height < 0) {
      throw new IllegalArgumentException(
          "An area can't be " + width + " wide and " + height + " high.");
    }
  }

  /** Whether the point lies inside or on the edge. */
  public boolean contains(Point point) {
    return point.x() >= x && point.x() <= x + width && point.y() >= y && point.y() <= y + height;
  }

  public Point centre() {
    return new Point(x + width / 2, y + height / 2);
  }

  public Bounds plus(double dx, double dy) {
    return new Bounds(x + dx, y + dy, width, height);
  }
}
