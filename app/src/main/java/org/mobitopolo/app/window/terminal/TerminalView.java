// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import javafx.beans.property.ReadOnlyStringProperty;
import javafx.scene.Node;

/**
 * A terminal in the window. Everything but {@link #feed} belongs to the FX thread. The rest of the
 * program knows terminals by this interface alone, so that the emulator behind it can be replaced.
 */
public interface TerminalView {
  /** The node to put into the window. */
  Node node();

  /**
   * Shows bytes of the far end, in the order of the calls; any thread, returns at once.
   *
   * @param consumed runs once the bytes have passed the emulator, on its thread: the moment to
   *     grant the sender more
   */
  void feed(byte[] bytes, Runnable consumed);

  /** Where typed bytes and sizes go from now on; the current size is told to it at once. */
  void connect(TerminalOutput output);

  /** Drops typed bytes from now on. What is on the screen stays. */
  void disconnect();

  /** Clears screen, history and modes, as a new terminal has them. */
  void reset();

  void requestFocus();

  /** Copies the selection to the clipboard; nothing happens without one. */
  void copy();

  /** Types the clipboard's text. */
  void paste();

  /**
   * Selects the next place with this text in what was written, scrolled out of sight or not, above
   * or below the last one found, and shows it.
   *
   * @return whether there is one
   */
  boolean find(String text, boolean up);

  /** Changes the size of the font by so many points, or back to the usual one with 0. */
  void zoom(int points);

  /**
   * The text of the visible rows, without trailing blanks; for search, tests and screen readers.
   */
  String screenText();

  /** The title that the program in the terminal gave its window; empty without one. */
  ReadOnlyStringProperty title();

  /** Ends the emulator; the view is of no use afterwards. */
  void dispose();
}
