// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

import java.util.Map;

/**
 * Live states by the ids of nodes, links and regions; what is missing is drawn without live state.
 */
public record Decorations(
    Map<String, NodeDecoration> nodes,
    Map<String, LinkDecoration> links,
    Map<String, RegionDecoration> regions) {

  public static final Decorations NONE = new Decorations(Map.of(), Map.of(), Map.of());

  public Decorations {
    nodes = Map.copyOf(nodes);
    links = Map.copyOf(links);
    regions = Map.copyOf(regions);
  }

  public NodeDecoration node(String id) {
    return nodes.getOrDefault(id, NodeDecoration.NONE);
  }

  public LinkDecoration link(String id) {
    return links.getOrDefault(id, LinkDecoration.NONE);
  }

  public RegionDecoration region(String id) {
    return regions.getOrDefault(id, RegionDecoration.NONE);
  }
}
