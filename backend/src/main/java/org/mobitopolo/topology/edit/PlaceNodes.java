// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/** Puts nodes into regions. A running VM whose region changes migrates. */
public record PlaceNodes(List<Placement> placements) implements Edit {

  /**
   * Where one node goes.
   *
   * @param node id
   * @param region id, or empty: out of all regions
   * @param position new centre, scene pixels
   */
  public record Placement(String node, Optional<String> region, Point position) {}

  public PlaceNodes {
    placements = List.copyOf(placements);
  }

  /** Puts one node into a region without moving it on the canvas. */
  public static PlaceNodes of(Node node, String region) {
    return new PlaceNodes(List.of(new Placement(node.id(), Optional.of(region), node.position())));
  }

  @Override
  public Topology apply(Topology before) {
    placements.forEach(
        placement -> {
          Elements.node(before, placement.node());
          placement.region().ifPresent(id -> Elements.region(before, id));
        });
    Map<String, Placement> byNode =
        placements.stream().collect(Collectors.toMap(Placement::node, Function.identity()));
    return before.withNodes(
        Elements.mapped(
            before.nodes(),
            node -> {
              Placement placement = byNode.get(node.id());
              return placement == null
                  ? node
                  : node.withRegion(placement.region()).withPosition(placement.position());
            }));
  }

  @Override
  public Edit inverse(Topology before) {
    return new PlaceNodes(
        placements.stream()
            .map(placement -> Elements.node(before, placement.node()))
            .map(node -> new Placement(node.id(), node.region(), node.position()))
            .toList());
  }

  @Override
  public String title(Topology before) {
    Set<String> nodes = placements.stream().map(Placement::node).collect(Collectors.toSet());
    Set<Optional<String>> regions =
        placements.stream().map(Placement::region).collect(Collectors.toSet());
    if (regions.size() != 1) {
      return "Move " + Titles.nodes(before, nodes) + " to other regions";
    }
    return regions
        .iterator()
        .next()
        .map(
            id ->
                "Move "
                    + Titles.nodes(before, nodes)
                    + " to "
                    + before.region(id).map(Region::name).orElse(id))
        .orElseGet(() -> "Move " + Titles.nodes(before, nodes) + " out of the region");
  }
}
