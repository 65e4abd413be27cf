// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A whole lab as its user wishes it. Lists keep the order of drawing: what comes later lies above.
 *
 * <p>A topology may be incomplete or wrong while it is worked on; {@link Validator} says what is
 * missing.
 *
 * @param id names the lab on hosts; a UUID unless written by hand
 * @param name what people see
 * @param wans sorted by their regions
 */
public record Topology(
    String id,
    String name,
    List<Region> regions,
    List<Wan> wans,
    List<Node> nodes,
    List<Link> links,
    List<Note> notes) {

  public Topology {
    regions = List.copyOf(regions);
    wans = wans.stream().sorted().toList();
    nodes = List.copyOf(nodes);
    links = List.copyOf(links);
    notes = List.copyOf(notes);
  }

  /** A topology with nothing in it. */
  public static Topology empty(String id, String name) {
    return new Topology(id, name, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  public Optional<Region> region(String regionId) {
    return regions.stream().filter(region -> region.id().equals(regionId)).findFirst();
  }

  public Optional<Node> node(String nodeId) {
    return nodes.stream().filter(node -> node.id().equals(nodeId)).findFirst();
  }

  /** The node of that name, as people and the command line write it. */
  public Optional<Node> nodeNamed(String nodeName) {
    return nodes.stream().filter(node -> node.name().equals(nodeName)).findFirst();
  }

  public Optional<Link> link(String linkId) {
    return links.stream().filter(link -> link.id().equals(linkId)).findFirst();
  }

  public Optional<Note> note(String noteId) {
    return notes.stream().filter(note -> note.id().equals(noteId)).findFirst();
  }

  public Stream<VirtualMachine> virtualMachines() {
    return nodes.stream().filter(VirtualMachine.class::isInstance).map(VirtualMachine.class::cast);
  }

  public List<Link> linksOf(String nodeId) {
    return links.stream().filter(link -> link.touches(nodeId)).toList();
  }

  public Optional<Link> linkAt(End end) {
    return links.stream().filter(link -> link.endsAt(end)).findFirst();
  }

  public List<Node> nodesIn(String regionId) {
    return nodes.stream()
        .filter(node -> node.region().filter(regionId::equals).isPresent())
        .toList();
  }

  /** The region a node of that id is placed in, when both exist. */
  public Optional<Region> regionOf(String nodeId) {
    return node(nodeId).flatMap(Node::region).flatMap(this::region);
  }

  /** The uppermost region that covers the point. */
  public Optional<Region> regionAt(Point point) {
    return regions.reversed().stream()
        .filter(region -> region.bounds().contains(point))
        .findFirst();
  }

  /** The emulated distance between two regions, in whatever order; empty when there is none. */
  public Optional<Wan> wan(String oneRegion, String otherRegion) {
    return wans.stream().filter(wan -> wan.joins(oneRegion, otherRegion)).findFirst();
  }

  /** Whether any region, node, link or note has this id. */
  public boolean hasId(String elementId) {
    return region(elementId).isPresent()
        || node(elementId).isPresent()
        || link(elementId).isPresent()
        || note(elementId).isPresent();
  }

  public Topology withId(String newId) {
    return new Topology(newId, name, regions, wans, nodes, links, notes);
  }

  public Topology withName(String newName) {
    return new Topology(id, newName, regions, wans, nodes, links, notes);
  }

  public Topology withRegions(List<Region> newRegions) {
    return new Topology(id, name, newRegions, wans, nodes, links, notes);
  }

  public Topology withWans(List<Wan> newWans) {
    return new Topology(id, name, regions, newWans, nodes, links, notes);
  }

  public Topology withNodes(List<Node> newNodes) {
    return new Topology(id, name, regions, wans, newNodes, links, notes);
  }

  public Topology withLinks(List<Link> newLinks) {
    return new Topology(id, name, regions, wans, nodes, newLinks, notes);
  }

  public Topology withNotes(List<Note> newNotes) {
    return new Topology(id, name, regions, wans, nodes, links, newNotes);
  }
}
