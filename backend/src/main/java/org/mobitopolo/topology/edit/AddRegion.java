// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * Adds an empty region.
 *
 * @param index its place in the order of drawing; beyond the end means last
 */
public record AddRegion(Region region, int index) implements Edit {

  /** Adds the region above all others. */
  public AddRegion(Region region) {
    this(region, Elements.LAST);
  }

  @Override
  public Topology apply(Topology before) {
    Elements.requireNew(before, region.id());
    return before.withRegions(Elements.inserted(before.regions(), index, region));
  }

  @Override
  public Edit inverse(Topology before) {
    return new RemoveRegion(region.id());
  }

  @Override
  public String title(Topology before) {
    return "Add the region " + region.name();
  }
}
