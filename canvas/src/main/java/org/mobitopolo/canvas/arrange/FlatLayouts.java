// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mobitopolo.topology.Point;

/** The layouts of connected graphs that need no more than a page: tree and circle. */
final class FlatLayouts {
  private static final double BESIDE = 40;
  private static final double BELOW = 80;

  private FlatLayouts() {}

  /**
   * A tree of shortest ways from the highest vertex: each subtree has a strip of its own, and each
   * vertex stands above the middle of its children.
   */
  static Map<String, Point> tree(LayoutGraph graph) {
    Map<String, List<String>> neighbours = graph.neighbours();
    Map<String, Integer> tiers = graph.tiers();
    String root =
        graph.vertices().keySet().stream()
            .max(
                Comparator.<String>comparingInt(tiers::get)
                    .thenComparingInt(id -> neighbours.get(id).size()))
            .orElseThrow();
    Map<String, List<String>> children = new HashMap<>();
    Set<String> seen = new HashSet<>(Set.of(root));
    // nearest first, so that every vertex hangs at the shortest way
    for (String id : LayoutGraph.distances(neighbours, List.of(root)).keySet()) {
      List<String> own = neighbours.get(id).stream().filter(seen::add).toList();
      children.put(id, own);
    }
    double step =
        graph.vertices().values().stream().mapToDouble(LayoutGraph.Size::height).max().orElse(0)
            + BELOW;
    Map<String, Point> centres = new HashMap<>();
    new Tree(graph, children, step, centres).place(root, 0, 0);
    return centres;
  }

  private record Tree(
      LayoutGraph graph,
      Map<String, List<String>> children,
      double step,
      Map<String, Point> centres) {

    /** Places a subtree from a left edge on; returns its right edge. */
    double place(String id, double left, int depth) {
      double width = graph.vertices().get(id).width() + BESIDE;
      List<String> own = children.get(id);
      double right = left;
      for (String child : own) {
        right = place(child, right, depth + 1);
      }
      double x =
          own.isEmpty()
              ? left + width / 2
              : (centres.get(own.getFirst()).x() + centres.get(own.getLast()).x()) / 2;
      centres.put(id, new Point(x, depth * step));
      return Math.max(right, left + width);
    }
  }

  /**
   * An ellipse, wider than high as cards are. Neighbours on it follow a walk through the graph, so a
   * ring is drawn as one; a vertex that is linked with all others stands in the middle.
   */
  static Map<String, Point> circle(LayoutGraph graph) {
    Map<String, List<String>> neighbours = graph.neighbours();
    List<String> order = walk(graph, neighbours);
    Map<String, Point> centres = new LinkedHashMap<>();
    int count = graph.vertices().size();
    List<String> hubs = order.stream().filter(id -> neighbours.get(id).size() == count - 1).toList();
    if (hubs.size() == 1 && count > 3) {
      order = order.stream().filter(id -> !id.equals(hubs.getFirst())).toList();
      centres.put(hubs.getFirst(), new Point(0, 0));
    }
    double widest =
        graph.vertices().values().stream().mapToDouble(LayoutGraph.Size::width).max().orElse(0);
    double highest =
        graph.vertices().values().stream().mapToDouble(LayoutGraph.Size::height).max().orElse(0);
    int places = order.size();
    if (places == 1) {
      centres.put(order.getFirst(), new Point(0, 0));
      return centres;
    }
    // near the top and bottom neighbours lie side by side, near the sides above each other
    double radiusX =
        Math.max(widest + BESIDE, (widest + BESIDE) / (2 * Math.sin(Math.PI / places)));
    double radiusY =
        Math.max(
            (highest + BELOW) * 1.2, Math.max((highest + BESIDE) * places / 4, radiusX * 0.55));
    for (int i = 0; i < places; i++) {
      double angle = 2 * Math.PI * i / places - Math.PI / 2;
      centres.put(
          order.get(i), new Point(radiusX * Math.cos(angle), radiusY * Math.sin(angle)));
    }
    return centres;
  }

  /** All vertices, each after a neighbour of its where possible: fewest links first. */
  private static List<String> walk(LayoutGraph graph, Map<String, List<String>> neighbours) {
    List<String> order = new ArrayList<>();
    Set<String> left = new LinkedHashSet<>(graph.vertices().keySet());
    Comparator<String> fewest = Comparator.comparingInt(id -> neighbours.get(id).size());
    String at = left.stream().min(fewest).orElseThrow();
    while (true) {
      order.add(at);
      left.remove(at);
      if (left.isEmpty()) {
        return order;
      }
      at =
          neighbours.get(at).stream()
              .filter(left::contains)
              .min(fewest)
              .orElseGet(() -> left.iterator().next());
    }
  }
}
