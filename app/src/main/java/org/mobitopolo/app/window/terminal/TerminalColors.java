// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import com.techsenger.jeditermfx.core.TerminalColor;
import com.techsenger.jeditermfx.core.TextStyle;
import java.util.List;
import javafx.scene.paint.Color;

/**
 * The colours of a terminal in one theme.
 *
 * @param palette the 16 ANSI colours: eight usual ones, eight bright ones
 */
record TerminalColors(
    Color foreground, Color background, Color selection, Color cursor, List<Color> palette) {

  static final TerminalColors DARK =
      of(
          "#d0d7de", "#0d1117", "#264f78", "#58a6ff", //
          "#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf",
          "#b1bac4", //
          "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff");

  static final TerminalColors LIGHT =
      of(
          "#24292f", "#ffffff", "#b6d7ff", "#0969da", //
          "#24292f", "#cf222e", "#116329", "#9a6700", "#0969da", "#8250df", "#1b7c83",
          "#6e7781", //
          "#57606a", "#a40e26", "#1a7f37", "#7d4e00", "#218bff", "#a475f9", "#3192aa", "#8c959f");

  private static final int[] CUBE_LEVELS = {0, 95, 135, 175, 215, 255};

  TerminalColors {
    palette = List.copyOf(palette);
  }

  private static TerminalColors of(
      String foreground, String background, String selection, String cursor, String... palette) {
    return new TerminalColors(
        Color.web(foreground),
        Color.web(background),
        Color.web(selection),
        Color.web(cursor),
        List.of(palette).stream().map(Color::web).toList());
  }

  /** The colour of the text in this style. */
  Color text(TextStyle style) {
    if (style.hasOption(TextStyle.Option.HIDDEN)) {
      return behind(style);
    }
    Color color =
        style.hasOption(TextStyle.Option.INVERSE)
            ? resolve(style.getBackground(), background)
            : resolve(style.getForeground(), foreground);
    return style.hasOption(TextStyle.Option.DIM) ? color.interpolate(behind(style), 0.45) : color;
  }

  /** The colour behind the text in this style. */
  Color behind(TextStyle style) {
    return style.hasOption(TextStyle.Option.INVERSE)
        ? resolve(style.getForeground(), foreground)
        : resolve(style.getBackground(), background);
  }

  private Color resolve(TerminalColor color, Color otherwise) {
    if (color == null) {
      return otherwise;
    }
    if (color.isIndexed()) {
      return indexed(color.getColorIndex());
    }
    var rgb = color.toColor();
    return Color.rgb(rgb.getRed(), rgb.getGreen(), rgb.getBlue());
  }

  /** xterm's 256 colours: 16 of the palette, a cube of 6 x 6 x 6, 24 greys. */
  private Color indexed(int index) {
    if (index < palette.size()) {
      return palette.get(index);
    }
    if (index < 232) {
      int cell = index - 16;
      return Color.rgb(CUBE_LEVELS[cell / 36], CUBE_LEVELS[cell / 6 % 6], CUBE_LEVELS[cell % 6]);
    }
    int grey = 8 + 10 * (Math.min(index, 255) - 232);
    return Color.rgb(grey, grey, grey);
  }
}
