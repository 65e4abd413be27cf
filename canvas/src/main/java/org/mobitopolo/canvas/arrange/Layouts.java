// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Point;

/**
 * Places grouped graphs: the layered layout sees everything at once; the others place each group's
 * inside first, and then the groups as boxes.
 */
final class Layouts {
  private static final double BETWEEN_NODES = 28;

  private Layouts() {}

  static Placement place(GroupedGraph graph, LayoutKind kind, BooleanSupplier cancelled) {
    if (kind == LayoutKind.LAYERED) {
      return LayeredLayout.place(graph, cancelled);
    }
    Map<String, Map<String, Point>> insides = new LinkedHashMap<>();
    Map<String, LayoutGraph.Size> sizes = new LinkedHashMap<>();
    graph
        .groups()
        .forEach(
            (id, group) -> {
              LayoutGraph inner = graph.inner(group);
              Map<String, Point> centres = flat(inner, kind, cancelled);
              insides.put(id, atOrigin(inner, centres));
              sizes.put(id, sizeAround(inner, centres, group.smallest()));
            });
    LayoutGraph outer = graph.outer(sizes);
    Map<String, Point> places = flat(outer, kind, cancelled, GroupedGraph.BETWEEN_GROUPS);
    Map<String, Point> centres = new HashMap<>();
    Map<String, Box> boxes = new HashMap<>();
    places.forEach(
        (id, centre) -> {
          if (insides.containsKey(id)) {
            Box box = Box.around(centre, sizes.get(id).width(), sizes.get(id).height());
            boxes.put(id, box);
            Point corner = contentCorner(box, insides.get(id), graph.inner(graph.groups().get(id)));
            insides
                .get(id)
                .forEach(
                    (member, point) -> centres.put(member, point.plus(corner.x(), corner.y())));
          } else {
            centres.put(id, centre);
          }
        });
    return new Placement(centres, boxes);
  }

  /** Places a graph without groups, connected or not. */
  static Map<String, Point> flat(LayoutGraph graph, LayoutKind kind, BooleanSupplier cancelled) {
    return flat(graph, kind, cancelled, BETWEEN_NODES);
  }

  private static Map<String, Point> flat(
      LayoutGraph graph, LayoutKind kind, BooleanSupplier cancelled, double gap) {
    List<LayoutGraph> parts = graph.parts();
    List<Map<String, Point>> pictures = new ArrayList<>();
    for (LayoutGraph part : parts) {
      Map<String, Point> picture =
          switch (kind) {
            case LAYERED ->
                LayeredLayout.place(new GroupedGraph(part, Map.of()), cancelled).centres();
            case FORCE -> StressLayout.place(part, cancelled);
            case TREE -> FlatLayouts.tree(part);
            case CIRCLE -> FlatLayouts.circle(part);
          };
      pictures.add(Packing.spread(part, picture, gap));
    }
    return Packing.rows(parts, pictures);
  }

  private static Map<String, Point> atOrigin(LayoutGraph graph, Map<String, Point> centres) {
    if (centres.isEmpty()) {
      return centres;
    }
    Box extent = Packing.extent(graph, centres);
    Map<String, Point> moved = new HashMap<>();
    centres.forEach((id, point) -> moved.put(id, point.plus(-extent.left(), -extent.top())));
    return moved;
  }

  private static LayoutGraph.Size sizeAround(
      LayoutGraph graph, Map<String, Point> centres, LayoutGraph.Size smallest) {
    if (centres.isEmpty()) {
      return smallest;
    }
    Box extent = Packing.extent(graph, centres);
    return new LayoutGraph.Size(
        Math.max(smallest.width(), extent.width() + 2 * GroupedGraph.INSET),
        Math.max(
            smallest.height(), extent.height() + GroupedGraph.HEADER + 2 * GroupedGraph.INSET));
  }

  /** Where a group's inside begins, so that it lies in the middle of what the header leaves. */
  private static Point contentCorner(Box box, Map<String, Point> inside, LayoutGraph graph) {
    if (inside.isEmpty()) {
      return new Point(box.left(), box.top());
    }
    Box extent = Packing.extent(graph, inside);
    return new Point(
        box.centreX() - extent.width() / 2,
        (box.top() + GroupedGraph.HEADER + box.bottom()) / 2 - extent.height() / 2);
  }
}
