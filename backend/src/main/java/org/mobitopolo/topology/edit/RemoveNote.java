// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Topology;

/** Removes a note. */
public record RemoveNote(String note) implements Edit {

  @Override
  public Topology apply(Topology before) {
    return before.withNotes(Elements.without(before.notes(), Elements.note(before, note)));
  }

  @Override
  public Edit inverse(Topology before) {
    Note removed = Elements.note(before, note);
    return new AddNote(removed, before.notes().indexOf(removed));
  }

  @Override
  public String title(Topology before) {
    return "Remove a note";
  }
}
