// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.canvas.element.RegionView;

/**
 * A graph some of whose vertices lie in groups, as nodes lie in regions.
 *
 * @param groups by id, in a fixed order
 */
record GroupedGraph(LayoutGraph graph, Map<String, Group> groups) {
  static final double HEADER = RegionView.HEADER;
  static final double INSET = 32;
  static final double BETWEEN_GROUPS = 80;

  /**
   * A group.
   *
   * @param members ids of its vertices, may be empty
   * @param smallest it may not become smaller than this
   */
  record Group(List<String> members, LayoutGraph.Size smallest) {}

  GroupedGraph {
    groups = new LinkedHashMap<>(groups);
  }

  Optional<String> groupOf(String vertex) {
    return groups.entrySet().stream()
        .filter(entry -> entry.getValue().members().contains(vertex))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** The vertices of one group with the edges among them. */
  LayoutGraph inner(Group group) {
    Map<String, LayoutGraph.Size> some = new LinkedHashMap<>(graph.vertices());
    some.keySet().retainAll(group.members());
    return new LayoutGraph(some, graph.edges());
  }

  /**
   * The graph as seen from outside: each group one vertex of the given size, beside the vertices
   * that are in none.
   */
  LayoutGraph outer(Map<String, LayoutGraph.Size> sizes) {
    Map<String, String> groupByMember = new LinkedHashMap<>();
    groups.forEach((id, group) -> group.members().forEach(member -> groupByMember.put(member, id)));
    Map<String, LayoutGraph.Size> vertices = new LinkedHashMap<>(sizes);
    graph
        .vertices()
        .forEach(
            (id, size) -> {
              if (!groupByMember.containsKey(id)) {
                vertices.put(id, size);
              }
            });
    List<LayoutGraph.Edge> edges = new ArrayList<>();
    for (LayoutGraph.Edge edge : graph.edges()) {
      edges.add(
          new LayoutGraph.Edge(
              groupByMember.getOrDefault(edge.a(), edge.a()),
              groupByMember.getOrDefault(edge.b(), edge.b())));
    }
    return new LayoutGraph(vertices, edges);
  }
}
