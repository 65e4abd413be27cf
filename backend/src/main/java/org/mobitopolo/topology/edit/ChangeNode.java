// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;

/**
 * Replaces a node by another version of it. Links of network interfaces that the new version no
 * longer has are removed.
 *
 * @param node the new version, with the id of the old one
 */
public record ChangeNode(Node node) implements Edit {

  @Override
  public Topology apply(Topology before) {
    Node old = Elements.node(before, node.id());
    List<Link> kept =
        before.links().stream().filter(link -> keeps(link.a()) && keeps(link.b())).toList();
    return before.withNodes(Elements.replaced(before.nodes(), old, node)).withLinks(kept);
  }

  private boolean keeps(End end) {
    return !end.node().equals(node.id()) || node.nic(end.nic()).isPresent();
  }

  @Override
  public Edit inverse(Topology before) {
    Edit restored = new ChangeNode(Elements.node(before, node.id()));
    List<Link> links = before.links();
    List<Edit> lost = new ArrayList<>();
    for (int i = 0; i < links.size(); i++) {
      if (!keeps(links.get(i).a()) || !keeps(links.get(i).b())) {
        lost.add(new AddLink(links.get(i), i));
      }
    }
    if (lost.isEmpty()) {
      return restored;
    }
    lost.addFirst(restored);
    return new Composite("Restore " + Elements.nodeName(before, node.id()), lost);
  }

  @Override
  public String title(Topology before) {
    return "Change " + Elements.nodeName(before, node.id());
  }
}
