// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Topology;

/**
 * Adds a link between two network interfaces that have none.
 *
 * @param index its place in the order of drawing; beyond the end means last
 */
public record AddLink(Link link, int index) implements Edit {

  /** Adds the link above all others. */
  public AddLink(Link link) {
    this(link, Elements.LAST);
  }

  @Override
  public Topology apply(Topology before) {
    Elements.requireNew(before, link.id());
    Elements.requireFree(before, link.a(), link.id());
    Elements.requireFree(before, link.b(), link.id());
    return before.withLinks(Elements.inserted(before.links(), index, link));
  }

  @Override
  public Edit inverse(Topology before) {
    return new RemoveLink(link.id());
  }

  @Override
  public String title(Topology before) {
    return "Link " + Elements.describe(before, link);
  }
}
