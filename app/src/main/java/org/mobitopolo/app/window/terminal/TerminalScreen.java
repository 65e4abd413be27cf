// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import com.techsenger.jeditermfx.core.TextStyle;
import java.util.List;

/**
 * What a terminal shows at one moment; immutable.
 *
 * @param columns width in cells
 * @param rows from top to bottom
 * @param cursor where the cursor is, with row -1 when it is hidden or scrolled out of sight
 * @param history number of lines above the screen that one can scroll back to
 * @param scrolledBack how many lines the view lies above the bottom
 */
record TerminalScreen(int columns, List<Row> rows, Cursor cursor, int history, int scrolledBack) {

  /**
   * Cells of equal style, from {@code column} on; {@code cells} is how many cells the text takes.
   */
  record Run(int column, int cells, String text, TextStyle style) {}

  /** One line; {@code selectedFrom} to {@code selectedTo} (exclusive) are selected. */
  record Row(List<Run> runs, int selectedFrom, int selectedTo) {}

  /** Shape of the cursor. */
  enum Shape {
    BLOCK,
    UNDERLINE,
    BAR
  }

  record Cursor(int row, int column, Shape shape) {}

  /** The text of the rows without trailing blanks, joined with line feeds. */
  String text() {
    StringBuilder all = new StringBuilder();
    for (Row row : rows) {
      StringBuilder line = new StringBuilder();
      int column = 0;
      for (Run run : row.runs()) {
        line.append(" ".repeat(Math.max(0, run.column() - column))).append(run.text());
        column = run.column() + run.cells();
      }
      all.append(line.toString().stripTrailing()).append('\n');
    }
    return all.toString().stripTrailing();
  }
}
