// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import javafx.css.PseudoClass;
import javafx.geometry.VPos;
import javafx.scene.AccessibleRole;
import javafx.scene.layout.Region;
import javafx.scene.shape.Rectangle;
import javafx.scene.text.Text;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;

/**
 * A note: a tinted sheet with a text that wraps and is cut at its edges; or an area behind nodes,
 * which the text is the title of.
 */
public final class NoteView extends Region {
  private static final PseudoClass SELECTED = PseudoClass.getPseudoClass("selected");
  private static final PseudoClass AREA = PseudoClass.getPseudoClass("area");
  private static final double INSET = 12;
  private static final double TITLE = 30;

  private final Texts texts;
  private final Text text = new Text();
  private Note note;

  NoteView(Note note, Texts texts) {
    this.texts = texts;
    getStyleClass().add("note");
    setAccessibleRole(AccessibleRole.TEXT);
    setManaged(false);
    text.getStyleClass().add("note-text");
    text.setTextOrigin(VPos.TOP);
    text.setManaged(false);
    text.setMouseTransparent(true);
    getChildren().add(text);
    setNote(note);
  }

  public Note note() {
    return note;
  }

  /** The area now, which differs from the topology's while it is dragged. */
  public Box box() {
    return new Box(
        getLayoutX(), getLayoutY(), getLayoutX() + getWidth(), getLayoutY() + getHeight());
  }

  /** Whether it is grabbed at a point of the world: a sheet everywhere, an area at its title. */
  public boolean isHandle(Point point) {
    return note.kind() == Note.Kind.NOTE || point.y() - getLayoutY() <= TITLE;
  }

  void setBounds(Bounds bounds) {
    resizeRelocate(bounds.x(), bounds.y(), bounds.width(), bounds.height());
  }

  void setNote(Note newNote) {
    if (newNote.equals(note)) {
      return;
    }
    note = newNote;
    setId("note-" + note.id());
    Tints.apply(this, note.color());
    text.setText(note.text());
    pseudoClassStateChanged(AREA, note.kind() == Note.Kind.AREA);
    describe();
    requestLayout();
  }

  /** Tells what it is in the language used now. */
  void describe() {
    setAccessibleText(
        texts.get(note.kind() == Note.Kind.AREA ? "area.told" : "note.told", note.text()));
  }

  void setSelected(boolean selected) {
    pseudoClassStateChanged(SELECTED, selected);
  }

  @Override
  protected void layoutChildren() {
    text.setWrappingWidth(Math.max(0, getWidth() - 2 * INSET));
    text.setLayoutX(INSET);
    text.setLayoutY(note.kind() == Note.Kind.AREA ? INSET - 3 : INSET);
    text.setClip(new Rectangle(-INSET, -INSET, getWidth(), Math.max(0, getHeight() - INSET)));
  }
}
