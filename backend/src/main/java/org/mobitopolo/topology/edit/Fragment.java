// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Topology;

/**
 * A part of a topology that was copied: nodes, the links between them, notes. Pasting gives
 * everything new ids, nodes also unique names and new MAC addresses; IP addresses stay as they are.
 */
public record Fragment(List<Node> nodes, List<Link> links, List<Note> notes) {

  public Fragment {
    nodes = List.copyOf(nodes);
    links = List.copyOf(links);
    notes = List.copyOf(notes);
  }

  /** Copies the nodes and notes with these ids, and the links whose ends are both among them. */
  public static Fragment copy(Topology topology, Collection<String> ids) {
    return new Fragment(
        topology.nodes().stream().filter(node -> ids.contains(node.id())).toList(),
        topology.links().stream()
            .filter(link -> ids.contains(link.a().node()) && ids.contains(link.b().node()))
            .toList(),
        topology.notes().stream().filter(note -> ids.contains(note.id())).toList());
  }

  public boolean isEmpty() {
    return nodes.isEmpty() && notes.isEmpty();
  }

  /**
   * The edit that adds a copy, moved by the given scene pixels. A node stays in its region where
   * the topology has that region and it covers the new place; else it goes to the region that does,
   * or to none.
   */
  public Composite paste(Topology into, double dx, double dy) {
    List<Edit> edits = new ArrayList<>();
    Map<String, String> newIds = new HashMap<>();
    Topology grown = into;
    for (Node node : nodes) {
      Edit edit = new AddNode(renewed(grown, node, dx, dy));
      newIds.put(node.id(), ((AddNode) edit).node().id());
      edits.add(edit);
      grown = edit.apply(grown);
    }
    for (Link link : links) {
      Link copy =
          new Link(
              Ids.newId(grown, "link"),
              new End(newIds.get(link.a().node()), link.a().nic()),
              new End(newIds.get(link.b().node()), link.b().nic()),
              link.ab(),
              link.ba(),
              link.waypoints().stream().map(point -> point.plus(dx, dy)).toList());
      edits.add(new AddLink(copy));
      grown = edits.getLast().apply(grown);
    }
    for (Note note : notes) {
      edits.add(
          new AddNote(
              note.withId(Ids.newId(grown, "note")).withBounds(note.bounds().plus(dx, dy))));
      grown = edits.getLast().apply(grown);
    }
    return new Composite(
        nodes.size() == 1
            ? "Paste " + nodes.getFirst().name()
            : "Paste " + edits.size() + " elements",
        edits);
  }

  private static Node renewed(Topology topology, Node node, double dx, double dy) {
    Node moved = node.withPosition(node.position().plus(dx, dy));
    Node renamed =
        moved
            .withId(Ids.newId(topology, "node"))
            .withName(Ids.uniqueNodeName(topology, node.name()));
    List<Nic> nics = new ArrayList<>();
    for (Nic nic : node.nics()) {
      // two new addresses of one node differ for sure only when the first is already part of the
      // topology
      String mac;
      do {
        mac = Ids.newMac(topology);
      } while (has(nics, mac));
      nics.add(new Nic(nic.name(), mac, nic.addresses(), nic.vlan()));
    }
    boolean covered =
        node.region()
            .flatMap(topology::region)
            .filter(region -> region.bounds().contains(moved.position()))
            .isPresent();
    return (covered
            ? renamed
            : renamed.withRegion(topology.regionAt(moved.position()).map(region -> region.id())))
        .withNics(nics);
  }

  private static boolean has(List<Nic> nics, String mac) {
    return nics.stream().anyMatch(nic -> nic.mac().equals(mac));
  }
}
