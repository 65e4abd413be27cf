// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

/**
 * The far end of a terminal: takes what the user types and the size of the screen. All methods
 * return at once, on any thread.
 */
public interface TerminalOutput {
  /** Sends bytes, in the order of the calls. */
  void write(byte[] bytes);

  /** Sends what the terminal itself says to the program, such as where its cursor is. */
  default void answer(byte[] bytes) {
    write(bytes);
  }

  /** Tells the far end how many character cells there are. */
  void resize(int rows, int columns);
}
