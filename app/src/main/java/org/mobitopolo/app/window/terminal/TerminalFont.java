// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import com.techsenger.jeditermfx.core.TextStyle;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javafx.scene.text.Font;
import javafx.scene.text.FontPosture;
import javafx.scene.text.FontWeight;
import javafx.scene.text.Text;

/**
 * A monospaced font in its four styles, and the size of its cell in pixels. The width is the font's
 * own, not rounded, so that a run of text painted at once lies exactly on its cells.
 */
public record TerminalFont(
    Font regular,
    Font bold,
    Font italic,
    Font boldItalic,
    double cellWidth,
    double cellHeight,
    double baseline) {

  public static final int USUAL_SIZE = 13;
  public static final int SMALLEST_SIZE = 7;
  public static final int LARGEST_SIZE = 40;

  private static final List<String> PREFERRED =
      List.of(
          "JetBrains Mono",
          "Cascadia Mono",
          "SF Mono",
          "Menlo",
          "Consolas",
          "DejaVu Sans Mono",
          "Liberation Mono",
          "Monospaced");

  /** Above what the font asks for: lines need air to be read. */
  private static final double LINE_SPACING = 1.12;

  static TerminalFont ofSize(int size) {
    Set<String> installed = new HashSet<>(Font.getFamilies());
    String family = PREFERRED.stream().filter(installed::contains).findFirst().orElse("Monospaced");
    Font regular = Font.font(family, size);
    Text probe = new Text("M".repeat(100));
    probe.setFont(regular);
    double width = probe.getLayoutBounds().getWidth() / 100;
    double natural = probe.getLayoutBounds().getHeight();
    double height = Math.ceil(natural * LINE_SPACING);
    double baseline = Math.round(probe.getBaselineOffset() + (height - natural) / 2);
    return new TerminalFont(
        regular,
        Font.font(family, FontWeight.BOLD, size),
        Font.font(family, FontPosture.ITALIC, size),
        Font.font(family, FontWeight.BOLD, FontPosture.ITALIC, size),
        width,
        height,
        baseline);
  }

  Font of(TextStyle style) {
    boolean isBold = style.hasOption(TextStyle.Option.BOLD);
    if (style.hasOption(TextStyle.Option.ITALIC)) {
      return isBold ? boldItalic : italic;
    }
    return isBold ? bold : regular;
  }
}
