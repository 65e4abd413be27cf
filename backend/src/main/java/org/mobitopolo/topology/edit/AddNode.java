// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;

/**
 * Adds a node without links.
 *
 * @param index its place in the order of drawing; beyond the end means last
 */
public record AddNode(Node node, int index) implements Edit {

  /** Adds the node above all others. */
  public AddNode(Node node) {
    this(node, Elements.LAST);
  }

  @Override
  public Topology apply(Topology before) {
    Elements.requireNew(before, node.id());
    return before.withNodes(Elements.inserted(before.nodes(), index, node));
  }

  @Override
  public Edit inverse(Topology before) {
    return new RemoveNode(node.id());
  }

  @Override
  public String title(Topology before) {
    return "Add " + node.name();
  }
}
