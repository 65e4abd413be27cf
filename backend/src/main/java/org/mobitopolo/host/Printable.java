// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

/** Makes text that came from a host fit to be shown. */
final class Printable {
  private Printable() {}

  /** One line: control characters and line ends become single spaces, and what is over the limit is cut off. */
  static String line(String text, int limit) {
    String line = text.replaceAll("[\\p{Cntrl}\\s\\p{Cf}]+", " ").strip();
    return line.length() <= limit ? line : line.substring(0, limit) + "…";
  }

  /** A sentence's end: adds a full stop if there is none. */
  static String sentence(String text) {
    return text.isEmpty() || ".!?…".indexOf(text.charAt(text.length() - 1)) >= 0 ? text : text + ".";
  }
}
