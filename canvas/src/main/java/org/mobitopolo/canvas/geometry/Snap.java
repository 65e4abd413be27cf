// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import java.util.ArrayList;
import java.util.List;

/**
 * Where something that is dragged comes to rest: in line with what lies around, else on the grid.
 * Each axis is decided on its own.
 *
 * @param dx how far to move the dragged box to the right
 * @param dy how far to move it down
 * @param guides lines that show what it is in line with
 */
public record Snap(double dx, double dy, List<Guide> guides) {
  /** Distance of the points on which centres come to rest. */
  public static final double GRID = 16;

  /**
   * A line between two boxes that are in line.
   *
   * @param vertical whether it runs up and down
   * @param position x of a vertical line, y of a level one
   * @param from where it begins on the other axis
   * @param to where it ends
   */
  public record Guide(boolean vertical, double position, double from, double to) {}

  /** Only the grid: the box's centre comes to rest on it. */
  public static Snap toGrid(Box moving) {
    return new Snap(gridDelta(moving.centreX()), gridDelta(moving.centreY()), List.of());
  }

  /**
   * In line with others within reach, else the grid.
   *
   * @param reach how near is near enough, scene pixels
   */
  public static Snap align(Box moving, List<Box> others, double reach) {
    double dx = nearest(moving, others, reach, true);
    double dy = nearest(moving, others, reach, false);
    boolean alignedX = Double.isFinite(dx);
    boolean alignedY = Double.isFinite(dy);
    double moveX = alignedX ? dx : gridDelta(moving.centreX());
    double moveY = alignedY ? dy : gridDelta(moving.centreY());
    Box rested = moving.plus(moveX, moveY);
    List<Guide> guides = new ArrayList<>();
    if (alignedX) {
      guides(rested, others, true, guides);
    }
    if (alignedY) {
      guides(rested, others, false, guides);
    }
    return new Snap(moveX, moveY, List.copyOf(guides));
  }

  private static double gridDelta(double value) {
    return Math.round(value / GRID) * GRID - value;
  }

  private static double nearest(Box moving, List<Box> others, double reach, boolean x) {
    double best = Double.POSITIVE_INFINITY;
    for (Box other : others) {
      for (int line = 0; line < 3; line++) {
        double delta = line(other, line, x) - line(moving, line, x);
        if (Math.abs(delta) <= reach && Math.abs(delta) < Math.abs(best)) {
          best = delta;
        }
      }
    }
    return best;
  }

  /** Centre, near edge or far edge of a box on one axis. */
  private static double line(Box box, int which, boolean x) {
    return switch (which) {
      case 0 -> x ? box.centreX() : box.centreY();
      case 1 -> x ? box.left() : box.top();
      default -> x ? box.right() : box.bottom();
    };
  }

  /**
   * One guide for each of the three lines that some other box shares, as long as all that share it.
   */
  private static void guides(Box rested, List<Box> others, boolean x, List<Guide> guides) {
    for (int line = 0; line < 3; line++) {
      double position = line(rested, line, x);
      double from = x ? rested.top() : rested.left();
      double to = x ? rested.bottom() : rested.right();
      boolean shared = false;
      for (Box other : others) {
        if (Math.abs(line(other, line, x) - position) < 0.01) {
          shared = true;
          from = Math.min(from, x ? other.top() : other.left());
          to = Math.max(to, x ? other.bottom() : other.right());
        }
      }
      if (shared) {
        guides.add(new Guide(x, position, from, to));
        if (line == 0) {
          return; // boxes of the same size share all three: the centre says it best
        }
      }
    }
  }
}
