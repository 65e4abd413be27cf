// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import com.techsenger.jeditermfx.core.TextStyle;
import java.util.ArrayList;
import java.util.List;
import javafx.geometry.VPos;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.paint.Color;
import javafx.scene.text.FontSmoothingType;

/**
 * Paints screens on a canvas. Only rows that differ from the ones painted last are painted again,
 * so that a prompt costs one row and a flood of output costs at most the screen, however much text
 * went by between two frames.
 */
final class TerminalPainter {
  private record PaintedRow(
      TerminalScreen.Row row, TerminalScreen.Cursor cursor, boolean focused) {}

  private final Canvas canvas;
  private TerminalFont font;
  private TerminalColors colors;
  private List<PaintedRow> painted = List.of();

  TerminalPainter(Canvas canvas, TerminalFont font, TerminalColors colors) {
    this.canvas = canvas;
    this.font = font;
    this.colors = colors;
  }

  void setFont(TerminalFont newFont) {
    font = newFont;
    repaintAll();
  }

  void setColors(TerminalColors newColors) {
    colors = newColors;
    repaintAll();
  }

  /** Forgets what was painted, as after a change of size. */
  void repaintAll() {
    painted = List.of();
  }

  void paint(TerminalScreen screen, boolean focused) {
    GraphicsContext g = canvas.getGraphicsContext2D();
    g.setFontSmoothingType(FontSmoothingType.GRAY);
    g.setTextBaseline(VPos.BASELINE);
    if (painted.size() != screen.rows().size()) {
      g.setFill(colors.background());
      g.fillRect(0, 0, canvas.getWidth(), canvas.getHeight());
      painted = List.of();
    }
    List<PaintedRow> now = new ArrayList<>(screen.rows().size());
    for (int y = 0; y < screen.rows().size(); y++) {
      boolean hasCursor = screen.cursor().row() == y;
      PaintedRow row =
          new PaintedRow(
              screen.rows().get(y), hasCursor ? screen.cursor() : null, hasCursor && focused);
      if (y >= painted.size() || !row.equals(painted.get(y))) {
        paintRow(g, row, y, screen.columns());
      }
      now.add(row);
    }
    painted = now;
  }

  private void paintRow(GraphicsContext g, PaintedRow painted, int y, int columns) {
    TerminalScreen.Row row = painted.row();
    double top = y * font.cellHeight();
    g.setFill(colors.background());
    g.fillRect(0, top, canvas.getWidth(), font.cellHeight());
    for (TerminalScreen.Run run : row.runs()) {
      Color behind = colors.behind(run.style());
      if (!behind.equals(colors.background())) {
        fillCells(g, behind, run.column(), run.column() + run.cells(), top);
      }
    }
    if (row.selectedTo() > row.selectedFrom()) {
      fillCells(
          g, colors.selection(), row.selectedFrom(), Math.min(row.selectedTo(), columns), top);
    }
    for (TerminalScreen.Run run : row.runs()) {
      paintText(g, run, colors.text(run.style()), top);
    }
    if (painted.cursor() != null) {
      paintCursor(g, painted, top);
    }
  }

  /** Backgrounds end on whole pixels, so that no seams show between neighbours. */
  private void fillCells(GraphicsContext g, Color color, int from, int to, double top) {
    double left = Math.round(from * font.cellWidth());
    g.setFill(color);
    g.fillRect(left, top, Math.round(to * font.cellWidth()) - left, font.cellHeight());
  }

  private void paintText(GraphicsContext g, TerminalScreen.Run run, Color color, double top) {
    double left = run.column() * font.cellWidth();
    if (!run.text().isBlank()) {
      g.setFont(font.of(run.style()));
      g.setFill(color);
      g.fillText(run.text(), left, top + font.baseline());
    }
    if (run.style().hasOption(TextStyle.Option.UNDERLINED)) {
      g.setFill(color);
      g.fillRect(left, top + font.baseline() + 2, run.cells() * font.cellWidth(), 1);
    }
  }

  private void paintCursor(GraphicsContext g, PaintedRow painted, double top) {
    TerminalScreen.Cursor cursor = painted.cursor();
    double left = Math.round(cursor.column() * font.cellWidth());
    double width = Math.round((cursor.column() + 1) * font.cellWidth()) - left;
    g.setFill(colors.cursor());
    if (!painted.focused()) {
      g.setStroke(colors.cursor());
      g.setLineWidth(1);
      g.strokeRect(left + 0.5, top + 0.5, width - 1, font.cellHeight() - 1);
      return;
    }
    switch (cursor.shape()) {
      case UNDERLINE -> g.fillRect(left, top + font.cellHeight() - 2, width, 2);
      case BAR -> g.fillRect(left, top, 2, font.cellHeight());
      case BLOCK -> {
        g.fillRect(left, top, width, font.cellHeight());
        for (TerminalScreen.Run run : painted.row().runs()) {
          if (cursor.column() >= run.column() && cursor.column() < run.column() + run.cells()) {
            paintCharacterUnderCursor(g, run, cursor.column(), top);
          }
        }
      }
    }
  }

  private void paintCharacterUnderCursor(
      GraphicsContext g, TerminalScreen.Run run, int column, double top) {
    boolean plain = run.text().length() == run.cells();
    int index = column - run.column();
    String character = plain ? run.text().substring(index, index + 1) : run.text();
    int start = plain ? column : run.column();
    paintText(
        g, new TerminalScreen.Run(start, 1, character, run.style()), colors.background(), top);
  }
}
