// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;

/**
 * Sets or removes the emulated distance between two regions.
 *
 * @param wan between just these two regions; empty removes it
 */
public record ChangeWan(String oneRegion, String otherRegion, Optional<Wan> wan) implements Edit {

  public ChangeWan {
    if (oneRegion.equals(otherRegion)) {
      throw new IllegalArgumentException(
          "A distance needs two regions, but both are \"" + oneRegion + "\".");
    }
    if (wan.isPresent() && !wan.get().joins(oneRegion, otherRegion)) {
      throw new IllegalArgumentException(
          "The distance is not one between \"" + oneRegion + "\" and \"" + otherRegion + "\".");
    }
  }

  /** Sets the distance between the regions that it names. */
  public static ChangeWan to(Wan wan) {
    return new ChangeWan(wan.a(), wan.b(), Optional.of(wan));
  }

  @Override
  public Topology apply(Topology before) {
    Elements.region(before, oneRegion);
    Elements.region(before, otherRegion);
    List<Wan> others =
        before.wans().stream().filter(old -> !old.joins(oneRegion, otherRegion)).toList();
    return before.withWans(Stream.concat(others.stream(), wan.stream()).toList());
  }

  @Override
  public Edit inverse(Topology before) {
    return new ChangeWan(oneRegion, otherRegion, before.wan(oneRegion, otherRegion));
  }

  @Override
  public String title(Topology before) {
    return "Change the distance between "
        + name(before, oneRegion)
        + " and "
        + name(before, otherRegion);
  }

  private static String name(Topology topology, String region) {
    return topology.region(region).map(Region::name).orElse(region);
  }
}
