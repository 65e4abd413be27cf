// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;

/** Removes a node and its links. */
public record RemoveNode(String node) implements Edit {

  @Override
  public Topology apply(Topology before) {
    Node removed = Elements.node(before, node);
    List<Link> kept = before.links().stream().filter(link -> !link.touches(node)).toList();
    return before.withNodes(Elements.without(before.nodes(), removed)).withLinks(kept);
  }

  @Override
  public Edit inverse(Topology before) {
    Node removed = Elements.node(before, node);
    List<Edit> edits = new ArrayList<>();
    edits.add(new AddNode(removed, before.nodes().indexOf(removed)));
    // in ascending order each link finds its old place
    before
        .linksOf(node)
        .forEach(link -> edits.add(new AddLink(link, before.links().indexOf(link))));
    return new Composite("Restore " + removed.name(), edits);
  }

  @Override
  public String title(Topology before) {
    return "Remove " + Elements.nodeName(before, node);
  }
}
