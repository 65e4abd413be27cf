// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeLink;
import org.mobitopolo.topology.edit.ChangeNote;
import org.mobitopolo.topology.edit.ChangeRegion;
import org.mobitopolo.topology.edit.Composite;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.MoveNodes;
import org.mobitopolo.topology.edit.PlaceNodes;

/**
 * Elements that move together by one distance. A region takes its nodes along, and they stay its
 * own; a node that moves without its region belongs to the region in which it comes to rest; bends
 * of links between moved nodes move too.
 */
final class Moves {
  private final Topology topology;
  private final Map<String, Node> free = new LinkedHashMap<>();
  private final Map<String, Node> carried = new LinkedHashMap<>();
  private final List<Region> regions;
  private final List<Note> notes;
  private final List<Link> bent;

  /** The elements with these ids. */
  Moves(Topology topology, Set<String> ids) {
    this.topology = topology;
    regions = topology.regions().stream().filter(region -> ids.contains(region.id())).toList();
    notes = topology.notes().stream().filter(note -> ids.contains(note.id())).toList();
    Set<String> moved = new HashSet<>();
    for (Node node : topology.nodes()) {
      if (node.region().filter(ids::contains).isPresent()) {
        carried.put(node.id(), node);
        moved.add(node.id());
      } else if (ids.contains(node.id())) {
        free.put(node.id(), node);
        moved.add(node.id());
      }
    }
    bent =
        topology.links().stream()
            .filter(link -> !link.waypoints().isEmpty())
            .filter(link -> moved.contains(link.a().node()) && moved.contains(link.b().node()))
            .toList();
  }

  boolean isEmpty() {
    return free.isEmpty() && carried.isEmpty() && regions.isEmpty() && notes.isEmpty();
  }

  boolean moves(String nodeId) {
    return free.containsKey(nodeId) || carried.containsKey(nodeId);
  }

  List<Region> regions() {
    return regions;
  }

  List<Note> notes() {
    return notes;
  }

  List<Link> bentLinks() {
    return bent;
  }

  /** New centres of all nodes that move. */
  Map<String, Point> positions(double dx, double dy) {
    Map<String, Point> positions = new HashMap<>();
    free.forEach((id, node) -> positions.put(id, node.position().plus(dx, dy)));
    carried.forEach((id, node) -> positions.put(id, node.position().plus(dx, dy)));
    return positions;
  }

  static List<Point> moved(List<Point> waypoints, double dx, double dy) {
    return waypoints.stream().map(point -> point.plus(dx, dy)).toList();
  }

  /**
   * The nodes that would change their region, by the region they would go to; empty: between the
   * regions.
   */
  Map<Optional<String>, Set<String>> arrivals(double dx, double dy) {
    Map<Optional<String>, Set<String>> arrivals = new LinkedHashMap<>();
    Topology after =
        topology.withRegions(
            topology.regions().stream()
                .map(
                    region ->
                        regions.contains(region)
                            ? region.withBounds(region.bounds().plus(dx, dy))
                            : region)
                .toList());
    free.forEach(
        (id, node) -> {
          Optional<String> region = after.regionAt(node.position().plus(dx, dy)).map(Region::id);
          if (!region.equals(node.region())) {
            arrivals.computeIfAbsent(region, _ -> new HashSet<>()).add(id);
          }
        });
    return arrivals;
  }

  /** The edit that moves everything; empty if that changes nothing. */
  Optional<Edit> edit(double dx, double dy) {
    Map<Optional<String>, Set<String>> arrivals = arrivals(dx, dy);
    List<PlaceNodes.Placement> placements = new ArrayList<>();
    arrivals.forEach(
        (region, ids) ->
            ids.forEach(
                id ->
                    placements.add(
                        new PlaceNodes.Placement(
                            id, region, free.get(id).position().plus(dx, dy)))));
    Map<String, Point> staying = positions(dx, dy);
    placements.forEach(placement -> staying.remove(placement.node()));
    List<Edit> edits = new ArrayList<>();
    if (dx != 0 || dy != 0) {
      if (!placements.isEmpty()) {
        edits.add(new PlaceNodes(placements));
      }
      regions.forEach(
          region -> edits.add(new ChangeRegion(region.withBounds(region.bounds().plus(dx, dy)))));
      if (!staying.isEmpty()) {
        edits.add(new MoveNodes(staying));
      }
      notes.forEach(note -> edits.add(new ChangeNote(note.withBounds(note.bounds().plus(dx, dy)))));
      bent.forEach(
          link -> edits.add(new ChangeLink(link.withWaypoints(moved(link.waypoints(), dx, dy)))));
    }
    return switch (edits.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(edits.getFirst());
      default -> Optional.of(new Composite(title(edits.getFirst()), edits));
    };
  }

  private String title(Edit first) {
    if (first instanceof ChangeRegion change) {
      return regions.size() == 1
          ? "Move the region " + change.region().name()
          : "Move " + regions.size() + " regions";
    }
    return first.title(topology);
  }
}
