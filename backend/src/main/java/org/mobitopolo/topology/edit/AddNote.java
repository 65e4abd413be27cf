// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Topology;

/**
 * Adds a note.
 *
 * @param index its place in the order of drawing; beyond the end means last
 */
public record AddNote(Note note, int index) implements Edit {

  /** Adds the note above all others. */
  public AddNote(Note note) {
    this(note, Elements.LAST);
  }

  @Override
  public Topology apply(Topology before) {
    Elements.requireNew(before, note.id());
    return before.withNotes(Elements.inserted(before.notes(), index, note));
  }

  @Override
  public Edit inverse(Topology before) {
    return new RemoveNote(note.id());
  }

  @Override
  public String title(Topology before) {
    return "Add a note";
  }
}
