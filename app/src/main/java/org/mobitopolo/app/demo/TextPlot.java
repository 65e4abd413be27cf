// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

import java.util.List;
import java.util.Locale;

/**
 * The bandwidth over time in characters, for terminals: bars on a logarithmic scale, the migration
 * marked below them.
 */
public final class TextPlot {

  private static final int ROWS = 12;
  private static final int MARGIN = 12;
  private static final String EIGHTHS = " ▁▂▃▄▅▆▇█";

  private TextPlot() {}

  /**
   * Draws the result.
   *
   * @param columns width of the whole plot in characters, at least 40
   * @return lines, each ended by a line feed
   */
  public static String draw(DemoResult result, int columns) {
    int width = Math.max(40, columns) - MARGIN - 1;
    double end = result.bandwidth().end();
    List<Double> rates = result.bandwidth().slices(width, end);
    RateAxis axis = RateAxis.of(rates);
    StringBuilder text = new StringBuilder();
    for (int row = ROWS - 1; row >= 0; row--) {
      text.append(String.format(Locale.ROOT, "%" + (MARGIN - 1) + "s ", label(axis, row)))
          .append('│');
      for (double rate : rates) {
        int eighths = (int) Math.round((axis.place(rate) * ROWS - row) * 8);
        text.append(EIGHTHS.charAt(Math.clamp(eighths, 0, 8)));
      }
      text.append('\n');
    }
    text.repeat(' ', MARGIN).append('└').repeat('─', width).append('\n');
    appendMigration(text, result, width, end);
    appendTimes(text, width, end);
    return text.toString()
        .lines()
        .map(String::stripTrailing)
        .reduce("", (all, line) -> all + line + "\n");
  }

  /** The round rate that lies in this row, if one does. */
  private static String label(RateAxis axis, int row) {
    return axis.ticks().stream()
        .filter(tick -> (int) Math.floor(axis.place(tick) * ROWS) == row)
        .findFirst()
        .map(RateAxis::label)
        .orElse("");
  }

  private static void appendMigration(
      StringBuilder text, DemoResult result, int width, double end) {
    int from = Math.clamp(Math.round(result.migrationStart() / end * width), 0, width - 1);
    int to = Math.clamp(Math.round(result.migrationEnd() / end * width), from, width - 1);
    text.repeat(' ', MARGIN + 1);
    text.append(centred("Tokyo", from))
        .append('├')
        .repeat('─', Math.max(0, to - from - 1))
        .append(to > from ? "┤" : "");
    text.append(centred("Florida", Math.max(0, width - to - 1))).append('\n');
    String caption = "migration";
    int middle = (from + to) / 2 - caption.length() / 2;
    text.repeat(' ', MARGIN + 1 + Math.clamp(middle, 0, width - caption.length()))
        .append(caption)
        .append('\n');
  }

  private static String centred(String word, int width) {
    if (word.length() > width) {
      return " ".repeat(width);
    }
    int left = (width - word.length()) / 2;
    return " ".repeat(left) + word + " ".repeat(width - word.length() - left);
  }

  private static void appendTimes(StringBuilder text, int width, double end) {
    String last = String.format(Locale.ROOT, "%.0f s", end);
    text.repeat(' ', MARGIN + 1)
        .append("0")
        .repeat(' ', Math.max(1, width - 1 - last.length()))
        .append(last)
        .append('\n');
  }
}
