// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import javafx.scene.text.Font;
import javafx.scene.text.Text;

/** Shortens what a text node shows to a width, and remembers the outcome, as measuring is slow. */
final class Ellipsis {
  private static final String DOTS = "\u2026";

  private final Text text;
  private String full;
  private double width;
  private Font font;

  Ellipsis(Text text) {
    this.text = text;
  }

  /**
   * Sets the text in full or, where it is too wide in the font it has now, its beginning and an
   * ellipsis.
   *
   * @param room pixels
   */
  void fit(String newText, double room) {
    if (newText.equals(full) && room == width && text.getFont().equals(font)) {
      return;
    }
    full = newText;
    width = room;
    font = text.getFont();
    if (!fits(full)) {
      shorten();
    }
  }

  private void shorten() {
    int shortEnough = 0;
    int tooLong = full.length();
    while (shortEnough < tooLong - 1) {
      int middle = (shortEnough + tooLong) / 2;
      if (fits(beginning(middle))) {
        shortEnough = middle;
      } else {
        tooLong = middle;
      }
    }
    text.setText(beginning(shortEnough));
  }

  private String beginning(int length) {
    return full.substring(0, length).stripTrailing() + DOTS;
  }

  private boolean fits(String candidate) {
    text.setText(candidate);
    return text.getLayoutBounds().getWidth() <= width;
  }
}
