// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * Replaces a region by another version of it: name, host, bounds or color. With another host its
 * running VMs migrate.
 *
 * @param region the new version, with the id of the old one
 */
public record ChangeRegion(Region region) implements Edit {

  @Override
  public Topology apply(Topology before) {
    return before.withRegions(
        Elements.replaced(before.regions(), Elements.region(before, region.id()), region));
  }

  @Override
  public Edit inverse(Topology before) {
    return new ChangeRegion(Elements.region(before, region.id()));
  }

  @Override
  public String title(Topology before) {
    Region old = Elements.region(before, region.id());
    if (!old.name().equals(region.name())) {
      return "Rename the region " + old.name() + " to " + region.name();
    }
    if (!old.host().equals(region.host())) {
      return "Put the region " + old.name() + " on " + region.host().displayName();
    }
    return "Change the region " + old.name();
  }
}
