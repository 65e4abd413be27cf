// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.List;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeNote;

/** Properties of a note. */
final class NoteForm extends Form {
  private static final int ROWS = 8;

  NoteForm(LabDocument document, Texts texts) {
    super(document, texts);
    title(text("form.note"), () -> "");
    lines(
        text("form.note.text"),
        ROWS,
        topology -> note(topology).text(),
        (text, topology) -> new ChangeNote(note(topology).withText(text)));
    choice(
        text("form.vm.drawn-as"),
        () -> List.of(Note.Kind.values()),
        texts()::name,
        () -> note(topology()).kind(),
        kind -> document().edit(new ChangeNote(note(topology()).withKind(kind))));
    choice(
        text("word.colour"),
        () -> Colors.NAMES,
        color -> text("colour." + color),
        () -> note(topology()).color(),
        color -> document().edit(new ChangeNote(note(topology()).withColor(color))));
  }

  private Note note(Topology topology) {
    return topology.note(id()).orElseThrow();
  }
}
