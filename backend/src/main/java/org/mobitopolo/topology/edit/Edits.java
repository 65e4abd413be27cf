// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;

/** Makes the edits that take some thought. */
public final class Edits {

  private Edits() {}

  /**
   * Links two nodes: each end takes the node's first free network interface, or a new one.
   *
   * @param one id of a node
   * @param other id of another node
   * @throws IllegalArgumentException when a node is missing or both are the same
   */
  public static Composite connect(Topology topology, String one, String other) {
    if (one.equals(other)) {
      throw new IllegalArgumentException("A link needs two different nodes.");
    }
    List<Edit> edits = new ArrayList<>();
    Topology grown = topology;
    List<End> ends = new ArrayList<>();
    for (String id : List.of(one, other)) {
      Node node = Elements.node(grown, id);
      Optional<End> free = freeEnd(grown, node);
      if (free.isEmpty()) {
        Nic nic = new Nic(Ids.nextNicName(node), Ids.newMac(grown), List.of());
        Edit edit =
            new ChangeNode(node.withNics(Elements.inserted(node.nics(), Elements.LAST, nic)));
        edits.add(edit);
        grown = edit.apply(grown);
        free = Optional.of(new End(id, nic.name()));
      }
      ends.add(free.get());
    }
    Link link = Link.create(Ids.newId(topology, "link"), ends.getFirst(), ends.getLast());
    edits.add(new AddLink(link));
    return new Composite("Link " + Elements.describe(topology, link), edits);
  }

  private static Optional<End> freeEnd(Topology topology, Node node) {
    return node.nics().stream()
        .map(nic -> new End(node.id(), nic.name()))
        .filter(end -> topology.linkAt(end).isEmpty())
        .findFirst();
  }

  /**
   * Removes elements of any kind; ids that name nothing are passed over.
   *
   * @param ids of nodes, links, regions and notes
   * @return a composite, which is empty when nothing is left to remove
   */
  public static Composite remove(Topology topology, Collection<String> ids) {
    List<Edit> edits = new ArrayList<>();
    // links first, so that none of them has gone with its node
    topology.links().stream()
        .map(Link::id)
        .filter(ids::contains)
        .map(RemoveLink::new)
        .forEach(edits::add);
    topology.nodes().stream()
        .map(Node::id)
        .filter(ids::contains)
        .map(RemoveNode::new)
        .forEach(edits::add);
    topology.notes().stream()
        .map(note -> note.id())
        .filter(ids::contains)
        .map(RemoveNote::new)
        .forEach(edits::add);
    topology.regions().stream()
        .map(region -> region.id())
        .filter(ids::contains)
        .map(RemoveRegion::new)
        .forEach(edits::add);
    String title =
        edits.size() == 1
            ? edits.getFirst().title(topology)
            : "Remove " + edits.size() + " elements";
    return new Composite(title, edits);
  }
}
