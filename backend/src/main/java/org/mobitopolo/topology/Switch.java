// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.List;
import java.util.Optional;

/** A learning Ethernet switch. */
public record Switch(
    String id, String name, Optional<String> region, Point position, List<Nic> nics)
    implements Node {

  public Switch {
    nics = List.copyOf(nics);
  }

  @Override
  public Switch withId(String newId) {
    return new Switch(newId, name, region, position, nics);
  }

  @Override
  public Switch withName(String newName) {
    return new Switch(id, newName, region, position, nics);
  }

  @Override
  public Switch withRegion(Optional<String> newRegion) {
    return new Switch(id, name, newRegion, position, nics);
  }

  @Override
  public Switch withPosition(Point newPosition) {
    return new Switch(id, name, region, newPosition, nics);
  }

  @Override
  public Switch withNics(List<Nic> newNics) {
    return new Switch(id, name, region, position, newNics);
  }
}
