// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads GraphML: nodes, edges and their data, whose keys are declared at the top of the file. */
final class GraphmlReader {

  private GraphmlReader() {}

  static Graph read(Path file) throws ImportException {
    Xml.Element root = Xml.read(file, "graphml");
    Map<String, String> keys = new HashMap<>();
    root.all("key")
        .forEach(key -> keys.put(key.get("id"), key.get("attr.name").toLowerCase(Locale.ROOT)));
    Xml.Element graph =
        root.first("graph")
            .orElseThrow(() -> new ImportException(file + " has no <graph> in it."));
    List<Graph.Vertex> vertices =
        graph.all("node").map(node -> new Graph.Vertex(node.get("id"), data(node, keys))).toList();
    List<Graph.Edge> edges =
        graph
            .all("edge")
            .map(edge -> new Graph.Edge(edge.get("source"), edge.get("target"), data(edge, keys)))
            .toList();
    return new Graph(data(graph, keys), vertices, edges);
  }

  private static Map<String, String> data(Xml.Element element, Map<String, String> keys) {
    Map<String, String> data = new LinkedHashMap<>();
    element
        .all("data")
        .forEach(
            entry -> {
              String key = entry.get("key");
              data.put(keys.getOrDefault(key, key.toLowerCase(Locale.ROOT)), entry.text());
            });
    return data;
  }
}
