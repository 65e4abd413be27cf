// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

/** Quoting for POSIX shells. */
final class Shell {
  private Shell() {}

  /** The text as one word of a shell command. */
  static String quote(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
