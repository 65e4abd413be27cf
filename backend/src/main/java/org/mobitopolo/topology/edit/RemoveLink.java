// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Topology;

/** Removes a link; its network interfaces stay. */
public record RemoveLink(String link) implements Edit {

  @Override
  public Topology apply(Topology before) {
    return before.withLinks(Elements.without(before.links(), Elements.link(before, link)));
  }

  @Override
  public Edit inverse(Topology before) {
    Link removed = Elements.link(before, link);
    return new AddLink(removed, before.links().indexOf(removed));
  }

  @Override
  public String title(Topology before) {
    return "Remove the link " + Elements.describe(before, Elements.link(before, link));
  }
}
