// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A graph as GraphML and GML have it. Keys of attributes are in lower case, as writers differ.
 *
 * @param attributes of the graph as a whole
 */
record Graph(Map<String, String> attributes, List<Vertex> vertices, List<Edge> edges) {

  /** A node of the graph. */
  record Vertex(String id, Map<String, String> attributes) {
    String label() {
      String label = attributes.getOrDefault("label", attributes.getOrDefault("name", ""));
      return label.isBlank() ? id : label.strip();
    }
  }

  /** An edge; the graph's own direction is not looked at, since cables have none. */
  record Edge(String source, String target, Map<String, String> attributes) {}

  /** A number among attributes; empty when there is none. */
  static OptionalDouble number(Map<String, String> attributes, String key) {
    try {
      double value = Double.parseDouble(attributes.getOrDefault(key, ""));
      return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
