// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Topology;

/** Gives the lab another name; its id stays. */
public record RenameTopology(String name) implements Edit {

  @Override
  public Topology apply(Topology before) {
    return before.withName(name);
  }

  @Override
  public Edit inverse(Topology before) {
    return new RenameTopology(before.name());
  }

  @Override
  public String title(Topology before) {
    return "Rename the lab to " + name;
  }
}
