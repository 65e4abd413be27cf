// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/**
 * A text on the canvas.
 *
 * @param color name of a tint, see {@link Region#color}
 * @param kind how it is drawn
 */
public record Note(String id, String text, Bounds bounds, String color, Kind kind) {

  public static final String DEFAULT_COLOR = "gray";

  /** What a text is there for. */
  public enum Kind {
    /** A sheet to be read. */
    NOTE,
    /** A tinted area behind nodes, of which the text is the title. */
    AREA
  }

  /** A sheet to be read. */
  public Note(String id, String text, Bounds bounds, String color) {
    this(id, text, bounds, color, Kind.NOTE);
  }

  public Note withId(String newId) {
    return new Note(newId, text, bounds, color, kind);
  }

  public Note withText(String newText) {
    return new Note(id, newText, bounds, color, kind);
  }

  public Note withBounds(Bounds newBounds) {
    return new Note(id, text, newBounds, color, kind);
  }

  public Note withColor(String newColor) {
    return new Note(id, text, bounds, newColor, kind);
  }

  public Note withKind(Kind newKind) {
    return new Note(id, text, bounds, color, newKind);
  }
}
