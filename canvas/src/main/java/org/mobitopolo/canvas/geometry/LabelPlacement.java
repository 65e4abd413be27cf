// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import java.util.Optional;

/**
 * Places the labels of a link's two ends beside the line, so that they touch neither the line nor the nodes nor each
 * other. A box of size w by h clears a line of direction d if its centre lies (w |d.y| + h |d.x|) / 2 beside it: that is
 * half the box's extent across the line. Half its extent along the line, (w |d.x| + h |d.y|) / 2, keeps it off the node.
 *
 * @param first centre-based box of the label at the link's start; empty if there is no room
 * @param second the same at the link's end
 */
public record LabelPlacement(Optional<Box> first, Optional<Box> second) {
  private static final double GAP_ACROSS = 5;
  private static final double GAP_ALONG = 7;

  /**
   * Finds the places.
   *
   * @param width1 width of the label at the start, 0 for no label
   * @param width2 width of the label at the end, 0 for no label
   * @param height height of both labels
   */
  public static LabelPlacement of(LinkCurve curve, double width1, double width2, double height) {
    Optional<Box> first = place(curve, width1, height, false, false);
    Optional<Box> second = place(curve, width2, height, true, false);
    if (first.isPresent() && second.isPresent() && first.get().grown(4).intersects(second.get())) {
      second = place(curve, width2, height, true, true);
    }
    return new LabelPlacement(first, second);
  }

  private static Optional<Box> place(LinkCurve curve, double width, double height, boolean fromEnd, boolean otherSide) {
    if (width == 0) {
      return Optional.empty();
    }
    LinkCurve.Place edge = curve.at(fromEnd ? curve.length() : 0);
    double along = along(edge, width, height);
    if (2 * along - GAP_ALONG > curve.length()) {
      return Optional.empty();
    }
    LinkCurve.Place place = curve.at(fromEnd ? curve.length() - along : along);
    // the normal that points upwards, or to the right of an upright line
    double nx = place.dy();
    double ny = -place.dx();
    if (ny > 0 || ny == 0 && nx < 0) {
      nx = -nx;
      ny = -ny;
    }
    if (otherSide) {
      nx = -nx;
      ny = -ny;
    }
    double across = (width * Math.abs(place.dy()) + height * Math.abs(place.dx())) / 2 + GAP_ACROSS;
    double x = place.point().x() + nx * across;
    double y = place.point().y() + ny * across;
    return Optional.of(new Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2));
  }

  private static double along(LinkCurve.Place edge, double width, double height) {
    return (width * Math.abs(edge.dx()) + height * Math.abs(edge.dy())) / 2 + GAP_ALONG;
  }
}
