// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import javafx.scene.text.Text;

/** Shortens texts to a width. */
final class Ellipsis {
  private static final String DOTS = "\u2026";

  private Ellipsis() {}

  /**
   * Sets a text in full or, where it is too wide, its beginning and an ellipsis.
   *
   * @param width pixels, in the font the text has now
   */
  static void fit(Text text, String full, double width) {
    text.setText(full);
    if (text.getLayoutBounds().getWidth() <= width) {
      return;
    }
    int fits = 0;
    int tooLong = full.length();
    while (fits < tooLong - 1) {
      int middle = (fits + tooLong) / 2;
      text.setText(full.substring(0, middle).stripTrailing() + DOTS);
      if (text.getLayoutBounds().getWidth() <= width) {
        fits = middle;
      } else {
        tooLong = middle;
      }
    }
    text.setText(full.substring(0, fits).stripTrailing() + DOTS);
  }
}
