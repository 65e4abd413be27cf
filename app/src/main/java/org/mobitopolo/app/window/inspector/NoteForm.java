// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeNote;

/** Properties of a note. */
final class NoteForm extends Form {
  private static final int ROWS = 8;

  NoteForm(LabDocument document) {
    super(document);
    title("Note", () -> "");
    lines(
        "Text",
        ROWS,
        topology -> note(topology).text(),
        (text, topology) -> new ChangeNote(note(topology).withText(text)));
    choice(
        "Colour",
        () -> Colors.NAMES,
        Colors::label,
        () -> note(topology()).color(),
        color -> document().edit(new ChangeNote(note(topology()).withColor(color))));
  }

  private Note note(Topology topology) {
    return topology.note(id()).orElseThrow();
  }
}
