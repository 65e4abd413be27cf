// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.List;
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
        "Drawn as",
        () -> List.of(Note.Kind.values()),
        NoteForm::name,
        () -> note(topology()).kind(),
        kind -> document().edit(new ChangeNote(note(topology()).withKind(kind))));
    choice(
        "Colour",
        () -> Colors.NAMES,
        Colors::label,
        () -> note(topology()).color(),
        color -> document().edit(new ChangeNote(note(topology()).withColor(color))));
  }

  private static String name(Note.Kind kind) {
    return switch (kind) {
      case NOTE -> "a note";
      case AREA -> "an area behind nodes";
    };
  }

  private Note note(Topology topology) {
    return topology.note(id()).orElseThrow();
  }
}
