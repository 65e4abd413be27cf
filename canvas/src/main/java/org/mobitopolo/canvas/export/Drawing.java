// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.export;

import java.util.List;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import org.mobitopolo.canvas.geometry.Box;

/**
 * A picture as a list of marks, bottom first.
 *
 * @param bounds what of the world it shows
 * @param background fills it
 */
public record Drawing(Box bounds, Color background, List<Mark> marks) {

  public Drawing {
    marks = List.copyOf(marks);
  }

  /** Something drawn. */
  sealed interface Mark {

    /** A filled area. */
    record Area(Outline outline, Color color) implements Mark {}

    /**
     * A line.
     *
     * @param dashes lengths of dashes and gaps, empty for a line without gaps
     * @param round whether its ends are round
     */
    record Line(Outline outline, Color color, double width, List<Double> dashes, boolean round)
        implements Mark {}

    /**
     * A line of text.
     *
     * @param x its left end
     * @param baseline where its letters stand
     * @param scale how much larger than the font says
     */
    record Words(
        String text, Font font, Color color, double x, double baseline, double width, double scale)
        implements Mark {}
  }
}
