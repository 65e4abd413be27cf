// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/**
 * A text on the canvas.
 *
 * @param color name of a tint, see {@link Region#color}
 */
public record Note(String id, String text, Bounds bounds, String color) {

  public static final String DEFAULT_COLOR = "gray";

  public Note withText(String newText) {
    return new Note(id, newText, bounds, color);
  }

  public Note withBounds(Bounds newBounds) {
    return new Note(id, text, newBounds, color);
  }

  public Note withColor(String newColor) {
    return new Note(id, text, bounds, newColor);
  }
}
