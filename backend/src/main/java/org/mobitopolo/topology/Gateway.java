// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.List;
import java.util.Optional;

/**
 * A way out of the lab: frames that reach it go to the host's network by user-mode address
 * translation.
 */
public record Gateway(
    String id, String name, Optional<String> region, Point position, List<Nic> nics)
    implements Node {

  public Gateway {
    nics = List.copyOf(nics);
  }

  @Override
  public Gateway withId(String newId) {
    return new Gateway(newId, name, region, position, nics);
  }

  @Override
  public Gateway withName(String newName) {
    return new Gateway(id, newName, region, position, nics);
  }

  @Override
  public Gateway withRegion(Optional<String> newRegion) {
    return new Gateway(id, name, newRegion, position, nics);
  }

  @Override
  public Gateway withPosition(Point newPosition) {
    return new Gateway(id, name, region, newPosition, nics);
  }

  @Override
  public Gateway withNics(List<Nic> newNics) {
    return new Gateway(id, name, region, position, newNics);
  }
}
