// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.List;
import java.util.Optional;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.PlaceNodes;

/** Puts a node into a region without a mouse: it gets a free place in the region's area. */
public final class Placement {
  private static final double COLUMN = 240;
  private static final double ROW = 110;
  private static final double HEADER = 40;
  private static final double NEAR = 150;

  private Placement() {}

  /** The edit that puts the node into the region, or out of all with an empty one. */
  public static Edit of(Topology topology, Node node, Optional<String> region) {
    Point position =
        region
            .flatMap(topology::region)
            .map(area -> free(topology, node, area))
            .orElse(node.position());
    return new PlaceNodes(List.of(new PlaceNodes.Placement(node.id(), region, position)));
  }

  private static Point free(Topology topology, Node node, Region region) {
    if (region.bounds().contains(node.position())
        && node.region().filter(region.id()::equals).isPresent()) {
      return node.position();
    }
    Bounds area = region.bounds();
    for (double y = area.y() + HEADER + ROW / 2;
        y < area.y() + area.height() - ROW / 2;
        y += ROW / 2) {
      for (double x = area.x() + COLUMN / 2;
          x < area.x() + area.width() - COLUMN / 2 + 1;
          x += COLUMN / 2) {
        Point place = new Point(x, y);
        if (topology.nodes().stream().noneMatch(other -> near(other.position(), place))) {
          return place;
        }
      }
    }
    return area.centre();
  }

  private static boolean near(Point one, Point other) {
    return Math.hypot(one.x() - other.x(), one.y() - other.y()) < NEAR;
  }
}
