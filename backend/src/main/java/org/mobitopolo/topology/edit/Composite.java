// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.topology.Topology;

/**
 * Several edits that a user sees as one. If one of them does not fit, none is applied.
 *
 * @param title what they do together
 * @param edits in the order in which they are applied
 */
public record Composite(String title, List<Edit> edits) implements Edit {

  public Composite {
    edits = List.copyOf(edits);
  }

  @Override
  public Topology apply(Topology before) {
    Topology topology = before;
    for (Edit edit : edits) {
      topology = edit.apply(topology);
    }
    return topology;
  }

  @Override
  public Edit inverse(Topology before) {
    List<Edit> inverses = new ArrayList<>();
    Topology topology = before;
    for (Edit edit : edits) {
      inverses.add(edit.inverse(topology));
      topology = edit.apply(topology);
    }
    return new Composite(title, inverses.reversed());
  }

  @Override
  public String title(Topology before) {
    return title;
  }
}
