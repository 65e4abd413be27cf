// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/**
 * A place on the canvas.
 *
 * @param x scene pixels at zoom 1, growing to the right
 * @param y scene pixels at zoom 1, growing downward
 */
public record Point(double x, double y) {

  public Point {
    if (!Double.isFinite(x) || !Double.isFinite(y)) {
      throw new IllegalArgumentException(
          "A position needs finite coordinates, but it is " + x + ", " + y + ".");
    }
  }

  /** This point moved by the given scene pixels. */
  public Point plus(double dx, double dy) {
    return new Point(x + dx, y + dy);
  }
}
