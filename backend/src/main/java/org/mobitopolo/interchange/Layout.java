// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mobitopolo.topology.Point;

/**
 * Places for nodes whose file gives none. Neighbours come side by side: nodes are taken in the order
 * of a breadth-first search from the one with most links, and put around a ring, or on a grid when
 * there are many. The window's own layouts can do better afterwards.
 */
final class Layout {

  private static final double STEP = 150;
  private static final int MOST_ON_A_RING = 24;

  private Layout() {}

  /** Gives a place to each node that has none; those that have one stay. */
  static void place(Collection<DraftNode> nodes, List<Draft.DraftLink> links) {
    List<DraftNode> homeless =
        inOrder(nodes, links).stream().filter(node -> node.position.isEmpty()).toList();
    if (homeless.isEmpty()) {
      return;
    }
    double left = 0;
    double top = 0;
    if (homeless.size() < nodes.size()) {
      List<Point> placed =
          nodes.stream().flatMap(node -> node.position.stream()).toList();
      left = placed.stream().mapToDouble(Point::x).min().orElse(0);
      top = placed.stream().mapToDouble(Point::y).max().orElse(0) + STEP;
      grid(homeless, left, top);
    } else if (homeless.size() <= MOST_ON_A_RING) {
      ring(homeless);
    } else {
      grid(homeless, left, top);
    }
  }

  private static void ring(List<DraftNode> nodes) {
    double radius = Math.max(STEP, nodes.size() * STEP / (2 * Math.PI));
    for (int i = 0; i < nodes.size(); i++) {
      double angle = 2 * Math.PI * i / nodes.size() - Math.PI / 2;
      nodes.get(i).position =
          Optional.of(
              new Point(
                  Math.rint(radius + radius * Math.cos(angle)),
                  Math.rint(radius + radius * Math.sin(angle))));
    }
  }

  private static void grid(List<DraftNode> nodes, double left, double top) {
    int columns = (int) Math.ceil(Math.sqrt(nodes.size() * 1.6));
    for (int i = 0; i < nodes.size(); i++) {
      int row = i / columns;
      // every other row runs back, so that the order never jumps
      int column = row % 2 == 0 ? i % columns : columns - 1 - i % columns;
      nodes.get(i).position = Optional.of(new Point(left + column * STEP, top + row * STEP));
    }
  }

  private static List<DraftNode> inOrder(
      Collection<DraftNode> nodes, List<Draft.DraftLink> links) {
    Map<DraftNode, List<DraftNode>> neighbours = new HashMap<>();
    nodes.forEach(node -> neighbours.put(node, new ArrayList<>()));
    for (Draft.DraftLink link : links) {
      neighbours.get(link.a).add(link.b);
      neighbours.get(link.b).add(link.a);
    }
    List<DraftNode> starts =
        nodes.stream()
            .sorted(
                Comparator.comparingInt((DraftNode node) -> neighbours.get(node).size()).reversed())
            .toList();
    Set<DraftNode> order = new LinkedHashSet<>();
    for (DraftNode start : starts) {
      Deque<DraftNode> waiting = new ArrayDeque<>(List.of(start));
      while (!waiting.isEmpty()) {
        DraftNode node = waiting.poll();
        if (order.add(node)) {
          waiting.addAll(neighbours.get(node));
        }
      }
    }
    return List.copyOf(order);
  }
}
