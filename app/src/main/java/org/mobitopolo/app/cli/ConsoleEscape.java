// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.ByteArrayOutputStream;

/**
 * Finds the keys that leave a console in what the user types: {@code ^]} anywhere, {@code ~.} at
 * the beginning of a line. {@code ~~} at the beginning of a line is one {@code ~}.
 */
final class ConsoleEscape {

  private static final int GROUP_SEPARATOR = 0x1d;

  private enum State {
    LINE_START,
    TILDE,
    INSIDE
  }

  private State state = State.LINE_START;
  private boolean left;

  /** Whether the user has typed an escape; nothing after it was passed on. */
  boolean left() {
    return left;
  }

  /**
   * What of the typed bytes is for the guest. A {@code ~} that may begin an escape is held back
   * until the next byte.
   */
  byte[] filter(byte[] typed) {
    ByteArrayOutputStream passed = new ByteArrayOutputStream(typed.length + 1);
    for (byte key : typed) {
      if (key == GROUP_SEPARATOR) {
        left = true;
        break;
      }
      if (state == State.LINE_START && key == '~') {
        state = State.TILDE;
        continue;
      }
      if (state == State.TILDE) {
        if (key == '.') {
          left = true;
          break;
        }
        passed.write('~');
        state = State.INSIDE;
        if (key == '~') {
          continue;
        }
      }
      passed.write(key);
      state = key == '\r' || key == '\n' ? State.LINE_START : State.INSIDE;
    }
    return passed.toByteArray();
  }
}
