// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/** Removes a region and its emulated distances. Its nodes stay on the canvas, in no region. */
public record RemoveRegion(String region) implements Edit {

  @Override
  public Topology apply(Topology before) {
    Region removed = Elements.region(before, region);
    return before
        .withRegions(Elements.without(before.regions(), removed))
        .withWans(before.wans().stream().filter(wan -> !wan.touches(region)).toList())
        .withNodes(Elements.mapped(before.nodes(), this::withoutRegion));
  }

  private Node withoutRegion(Node node) {
    return node.region().filter(region::equals).isPresent()
        ? node.withRegion(Optional.empty())
        : node;
  }

  @Override
  public Edit inverse(Topology before) {
    Region removed = Elements.region(before, region);
    List<Edit> edits = new ArrayList<>();
    edits.add(new AddRegion(removed, before.regions().indexOf(removed)));
    before.wans().stream()
        .filter(wan -> wan.touches(region))
        .map(ChangeWan::to)
        .forEach(edits::add);
    List<Node> nodes = before.nodesIn(region);
    if (!nodes.isEmpty()) {
      edits.add(
          new PlaceNodes(
              nodes.stream()
                  .map(node -> new PlaceNodes.Placement(node.id(), node.region(), node.position()))
                  .toList()));
    }
    return new Composite("Restore the region " + removed.name(), edits);
  }

  @Override
  public String title(Topology before) {
    return "Remove the region " + Elements.region(before, region).name();
  }
}
