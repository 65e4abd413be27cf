// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Topology;

/**
 * Replaces a note by another version of it: text, bounds or color.
 *
 * @param note the new version, with the id of the old one
 */
public record ChangeNote(Note note) implements Edit {

  @Override
  public Topology apply(Topology before) {
    return before.withNotes(
        Elements.replaced(before.notes(), Elements.note(before, note.id()), note));
  }

  @Override
  public Edit inverse(Topology before) {
    return new ChangeNote(Elements.note(before, note.id()));
  }

  @Override
  public String title(Topology before) {
    return "Change a note";
  }
}
