// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;

/** Gives a node another name. */
public record RenameNode(String node, String name) implements Edit {

  @Override
  public Topology apply(Topology before) {
    Node old = Elements.node(before, node);
    return before.withNodes(Elements.replaced(before.nodes(), old, old.withName(name)));
  }

  @Override
  public Edit inverse(Topology before) {
    return new RenameNode(node, Elements.node(before, node).name());
  }

  @Override
  public String title(Topology before) {
    return "Rename " + Elements.nodeName(before, node) + " to " + name;
  }
}
