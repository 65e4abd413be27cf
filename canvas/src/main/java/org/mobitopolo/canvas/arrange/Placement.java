// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Point;

/**
 * What a layout gives.
 *
 * @param centres of the vertices, by id
 * @param groups boxes of the groups, by id
 */
record Placement(Map<String, Point> centres, Map<String, Box> groups) {
  private static final double SCREEN = 1.7;

  /** The smallest box around all groups and centres; there must be one at least. */
  Box extent() {
    List<Box> boxes = new ArrayList<>(groups.values());
    centres.values().forEach(centre -> boxes.add(Box.between(centre, centre)));
    return Box.union(boxes);
  }

  /** How much smaller than needed it would be drawn on a screen: its size in screen widths. */
  double misfit() {
    Box extent = extent();
    return Math.max(extent.width(), extent.height() * SCREEN);
  }
}
