// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Topology;

/**
 * Replaces a link by another version of it: ends, impairments or waypoints.
 *
 * @param link the new version, with the id of the old one
 */
public record ChangeLink(Link link) implements Edit {

  @Override
  public Topology apply(Topology before) {
    Elements.requireFree(before, link.a(), link.id());
    Elements.requireFree(before, link.b(), link.id());
    return before.withLinks(
        Elements.replaced(before.links(), Elements.link(before, link.id()), link));
  }

  @Override
  public Edit inverse(Topology before) {
    return new ChangeLink(Elements.link(before, link.id()));
  }

  @Override
  public String title(Topology before) {
    return "Change the link " + Elements.describe(before, Elements.link(before, link.id()));
  }
}
