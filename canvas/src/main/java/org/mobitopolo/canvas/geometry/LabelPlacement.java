// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Places the labels of a link's two ends beside the line, as near to their ends as they touch
 * neither the line nor anything that is in the way: the nodes, what stands in the link's middle,
 * each other. A box of size w by h clears a line of direction d if its centre lies (w |d.y| + h
 * |d.x|) / 2 beside it: that is half the box's extent across the line.
 *
 * @param first box of the label at the link's start; empty if there is no room
 * @param second the same at the link's end
 */
public record LabelPlacement(Optional<Box> first, Optional<Box> second) {
  private static final double GAP_ACROSS = 5;
  private static final double GAP_ALONG = 7;
  private static final double STEP = 4;
  private static final double FARTHEST = 90;

  /**
   * Finds the places.
   *
   * @param width1 width of the label at the start, 0 for no label
   * @param width2 width of the label at the end, 0 for no label
   * @param height height of both labels
   * @param obstacles boxes that the labels must not touch
   */
  public static LabelPlacement of(
      LinkCurve curve, double width1, double width2, double height, List<Box> obstacles) {
    List<Box> taken = new ArrayList<>(obstacles);
    Optional<Box> first = place(curve, width1, height, false, taken);
    first.map(box -> box.grown(3)).ifPresent(taken::add);
    return new LabelPlacement(first, place(curve, width2, height, true, taken));
  }

  private static Optional<Box> place(
      LinkCurve curve, double width, double height, boolean fromEnd, List<Box> taken) {
    if (width == 0) {
      return Optional.empty();
    }
    double farthest = Math.min(FARTHEST + width / 2, curve.length() * 0.6);
    for (double along = GAP_ALONG; along <= farthest; along += STEP) {
      LinkCurve.Place place = curve.at(fromEnd ? curve.length() - along : along);
      for (int side = -1; side <= 1; side += 2) {
        Box box = beside(place, width, height, side);
        if (taken.stream().noneMatch(box::intersects)) {
          return Optional.of(box);
        }
      }
    }
    return Optional.empty();
  }

  /** A box beside the line: on side -1 above it, or to the left of an upright line. */
  private static Box beside(LinkCurve.Place place, double width, double height, int side) {
    double nx = -place.dy();
    double ny = place.dx();
    if (ny < 0 || ny == 0 && nx > 0) {
      nx = -nx;
      ny = -ny;
    }
    double across =
        side * ((width * Math.abs(place.dy()) + height * Math.abs(place.dx())) / 2 + GAP_ACROSS);
    double x = place.point().x() + nx * across;
    double y = place.point().y() + ny * across;
    return new Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
  }
}
