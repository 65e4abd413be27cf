// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Boxes and what links them, with nothing of a topology left: what layouts work on.
 *
 * @param vertices by id, in a fixed order
 * @param edges between two different vertices; each pair at most once
 */
record LayoutGraph(Map<String, Size> vertices, List<Edge> edges) {

  /** Width and height of a box, scene pixels. */
  record Size(double width, double height) {}

  /** A link, without direction. */
  record Edge(String a, String b) {
    private Edge ordered() {
      return a.compareTo(b) <= 0 ? this : new Edge(b, a);
    }
  }

  LayoutGraph {
    Map<String, Size> known = new LinkedHashMap<>(vertices);
    vertices = known;
    edges =
        edges.stream()
            .filter(
                edge ->
                    !edge.a().equals(edge.b())
                        && known.containsKey(edge.a())
                        && known.containsKey(edge.b()))
            .map(Edge::ordered)
            .distinct()
            .toList();
  }

  /** The neighbours of each vertex. */
  Map<String, List<String>> neighbours() {
    Map<String, List<String>> neighbours = new LinkedHashMap<>();
    vertices.keySet().forEach(id -> neighbours.put(id, new ArrayList<>()));
    for (Edge edge : edges) {
      neighbours.get(edge.a()).add(edge.b());
      neighbours.get(edge.b()).add(edge.a());
    }
    return neighbours;
  }

  /** The connected parts, each as a graph of its own, largest first. */
  List<LayoutGraph> parts() {
    Map<String, List<String>> neighbours = neighbours();
    Set<String> seen = new HashSet<>();
    List<LayoutGraph> parts = new ArrayList<>();
    for (String id : vertices.keySet()) {
      if (!seen.contains(id)) {
        Set<String> reached = distances(neighbours, List.of(id)).keySet();
        seen.addAll(reached);
        parts.add(only(reached));
      }
    }
    parts.sort((one, other) -> other.vertices().size() - one.vertices().size());
    return parts;
  }

  private LayoutGraph only(Set<String> ids) {
    Map<String, Size> some = new LinkedHashMap<>(vertices);
    some.keySet().retainAll(ids);
    return new LayoutGraph(
        some, edges.stream().filter(edge -> ids.contains(edge.a())).toList());
  }

  /** How many links away from the nearest source each vertex is that can be reached from one. */
  static Map<String, Integer> distances(
      Map<String, List<String>> neighbours, Iterable<String> sources) {
    Map<String, Integer> distances = new LinkedHashMap<>();
    Deque<String> waiting = new ArrayDeque<>();
    for (String source : sources) {
      distances.put(source, 0);
      waiting.add(source);
    }
    while (!waiting.isEmpty()) {
      String id = waiting.remove();
      for (String next : neighbours.get(id)) {
        if (distances.putIfAbsent(next, distances.get(id) + 1) == null) {
          waiting.add(next);
        }
      }
    }
    return distances;
  }

  /**
   * How high each vertex stands in the network, from 0 up: with an edge of the network (vertices
   * with one link) the distance to that edge, so that hosts lie below access switches and these
   * below the core; without one the distance from the vertices with most links, upside down.
   */
  Map<String, Integer> tiers() {
    Map<String, List<String>> neighbours = neighbours();
    Set<String> ends =
        neighbours.entrySet().stream()
            .filter(entry -> entry.getValue().size() <= 1)
            .map(Map.Entry::getKey)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    Map<String, Integer> tiers = new HashMap<>();
    if (!ends.isEmpty() && vertices.size() > 2) {
      tiers.putAll(distances(neighbours, ends));
    } else {
      Map<String, Integer> depths = distances(neighbours, roots(neighbours));
      int deepest = depths.values().stream().mapToInt(Integer::intValue).max().orElse(0);
      depths.forEach((id, depth) -> tiers.put(id, deepest - depth));
    }
    // parts without an end, in a graph that has ends elsewhere
    vertices.keySet().forEach(id -> tiers.putIfAbsent(id, 0));
    return tiers;
  }

  /** All vertices with most links if no two of them are linked, else the first of them. */
  private static List<String> roots(Map<String, List<String>> neighbours) {
    int most = neighbours.values().stream().mapToInt(List::size).max().orElse(0);
    List<String> candidates =
        neighbours.entrySet().stream()
            .filter(entry -> entry.getValue().size() == most)
            .map(Map.Entry::getKey)
            .toList();
    boolean apart =
        candidates.size() * 2 < neighbours.size() + 1
            && candidates.stream()
                .noneMatch(id -> neighbours.get(id).stream().anyMatch(candidates::contains));
    return apart || candidates.isEmpty() ? candidates : List.of(candidates.getFirst());
  }
}
