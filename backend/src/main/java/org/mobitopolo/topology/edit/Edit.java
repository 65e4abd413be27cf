// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Topology;

/**
 * A change of a topology. Applying the inverse to the result gives the topology from before, equal
 * in every detail.
 *
 * <p>Edits name elements by their ids. All three methods throw {@link IllegalArgumentException},
 * whose message is a sentence for people, when the edit does not fit the topology (an element is
 * missing, or there already).
 */
public sealed interface Edit
    permits AddLink,
        AddNode,
        AddNote,
        AddRegion,
        ChangeLink,
        ChangeNode,
        ChangeNote,
        ChangeRegion,
        ChangeWan,
        Composite,
        MoveNodes,
        PlaceNodes,
        RemoveLink,
        RemoveNode,
        RemoveNote,
        RemoveRegion,
        RenameNode,
        RenameTopology {

  Topology apply(Topology before);

  /**
   * The edit that takes this one back.
   *
   * @param before the topology this edit is (or was) applied to
   */
  Edit inverse(Topology before);

  /**
   * What the edit does, for menus: "Move protocol to Florida".
   *
   * @param before the topology this edit is (or was) applied to
   */
  String title(Topology before);
}
