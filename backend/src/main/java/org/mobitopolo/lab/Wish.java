// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/** A topology with its nodes and regions by id: who plans for a large lab looks them up very often. */
record Wish(Topology topology, Map<String, Node> nodes, Map<String, Region> regions) {

  static Wish of(Topology topology) {
    Map<String, Node> nodes = new HashMap<>();
    Map<String, Region> regions = new HashMap<>();
    topology.nodes().forEach(node -> nodes.put(node.id(), node));
    topology.regions().forEach(region -> regions.put(region.id(), region));
    return new Wish(topology, nodes, regions);
  }

  Optional<Node> node(String id) {
    return Optional.ofNullable(nodes.get(id));
  }

  Optional<Region> region(String id) {
    return Optional.ofNullable(regions.get(id));
  }

  /** Id of the region that a node of that id is to be in. */
  Optional<String> regionOf(String node) {
    return node(node).flatMap(Node::region);
  }
}
