// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.HashMap;
import java.util.Map;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;

/**
 * Moves nodes on the canvas within their regions.
 *
 * @param positions new centres by the nodes' ids
 */
public record MoveNodes(Map<String, Point> positions) implements Edit {

  public MoveNodes {
    positions = Map.copyOf(positions);
  }

  @Override
  public Topology apply(Topology before) {
    positions.keySet().forEach(id -> Elements.node(before, id));
    return before.withNodes(
        Elements.mapped(
            before.nodes(),
            node -> node.withPosition(positions.getOrDefault(node.id(), node.position()))));
  }

  @Override
  public Edit inverse(Topology before) {
    Map<String, Point> old = new HashMap<>();
    positions.keySet().forEach(id -> old.put(id, Elements.node(before, id).position()));
    return new MoveNodes(old);
  }

  @Override
  public String title(Topology before) {
    return "Move " + Titles.nodes(before, positions.keySet());
  }
}
