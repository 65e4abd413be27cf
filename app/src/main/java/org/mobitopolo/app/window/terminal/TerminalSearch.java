// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Finds a text in lines that are numbered as the emulator numbers them: history above the screen is
 * negative. Case does not matter; what is wrapped over two lines is not found. A pure function.
 */
final class TerminalSearch {
  /** A place: a line, and columns from one to another (exclusive). */
  record Place(int line, int from, int to) {}

  private TerminalSearch() {}

  /**
   * The next place above or below another one; past the last one it goes on at the other end.
   *
   * @param lines gives the text of a line
   * @param first number of the first line
   * @param last number of the last line
   * @param before what was found before; empty begins at the end for up, at the beginning for down
   */
  static Optional<Place> next(
      IntFunction<String> lines,
      int first,
      int last,
      String text,
      Optional<Place> before,
      boolean up) {
    String wanted = text.toLowerCase(Locale.ROOT);
    int count = last - first + 1;
    if (wanted.isEmpty() || count <= 0) {
      return Optional.empty();
    }
    int begin = before.map(Place::line).orElse(up ? last : first);
    for (int step = 0; step <= count; step++) {
      int line = first + Math.floorMod(begin - first + (up ? -step : step), count);
      String shown = lines.apply(line).toLowerCase(Locale.ROOT);
      int column;
      if (step == 0 && before.isPresent()) {
        column =
            up
                ? lastBefore(shown, wanted, before.get().from())
                : shown.indexOf(wanted, before.get().from() + 1);
      } else {
        column = up ? shown.lastIndexOf(wanted) : shown.indexOf(wanted);
      }
      if (column >= 0) {
        return Optional.of(new Place(line, column, column + wanted.length()));
      }
    }
    return Optional.empty();
  }

  private static int lastBefore(String shown, String wanted, int column) {
    return column == 0 ? -1 : shown.lastIndexOf(wanted, column - 1);
  }
}
