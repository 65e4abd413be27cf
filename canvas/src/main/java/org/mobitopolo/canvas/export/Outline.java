// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobitopolo.topology.Point;

/**
 * A path of straight lines and cubic curves.
 *
 * @param steps in order; a path begins with a move
 */
record Outline(List<Step> steps) {
  /** How far a curve's control points lie from its ends to make a quarter of a circle of radius 1. */
  private static final double QUARTER = 0.5522847498;

  /** One step of a pen. */
  sealed interface Step {
    /** Lifts the pen. */
    record Move(double x, double y) implements Step {}

    /** Draws straight. */
    record Line(double x, double y) implements Step {}

    /** Draws a cubic curve. */
    record Curve(double x1, double y1, double x2, double y2, double x, double y) implements Step {}

    /** Draws straight to where the pen was put down. */
    record Close() implements Step {}
  }

  Outline {
    steps = List.copyOf(steps);
  }

  /** A chain of straight lines. */
  static Outline chain(List<Point> points, boolean closed) {
    List<Step> steps = new ArrayList<>();
    for (Point point : points) {
      steps.add(
          steps.isEmpty()
              ? new Step.Move(point.x(), point.y())
              : new Step.Line(point.x(), point.y()));
    }
    if (closed) {
      steps.add(new Step.Close());
    }
    return new Outline(steps);
  }

  /** An upright rectangle with round corners of one radius, which may be 0. */
  static Outline rectangle(double x, double y, double width, double height, double radius) {
    double r = Math.min(radius, Math.min(width, height) / 2);
    if (r <= 0) {
      return chain(
          List.of(
              new Point(x, y),
              new Point(x + width, y),
              new Point(x + width, y + height),
              new Point(x, y + height)),
          true);
    }
    double c = r * (1 - QUARTER);
    double right = x + width;
    double bottom = y + height;
    return new Outline(
        List.of(
            new Step.Move(x + r, y),
            new Step.Line(right - r, y),
            new Step.Curve(right - c, y, right, y + c, right, y + r),
            new Step.Line(right, bottom - r),
            new Step.Curve(right, bottom - c, right - c, bottom, right - r, bottom),
            new Step.Line(x + r, bottom),
            new Step.Curve(x + c, bottom, x, bottom - c, x, bottom - r),
            new Step.Line(x, y + r),
            new Step.Curve(x, y + c, x + c, y, x + r, y),
            new Step.Close()));
  }

  /** SVG path data, with two decimals. */
  String toSvg() {
    StringBuilder data = new StringBuilder();
    for (Step step : steps) {
      switch (step) {
        case Step.Move(double x, double y) -> append(data.append('M'), x, y);
        case Step.Line(double x, double y) -> append(data.append('L'), x, y);
        case Step.Curve(double x1, double y1, double x2, double y2, double x, double y) ->
            append(data.append('C'), x1, y1, x2, y2, x, y);
        case Step.Close() -> data.append('Z');
      }
    }
    return data.toString();
  }

  private static void append(StringBuilder data, double... numbers) {
    for (int i = 0; i < numbers.length; i++) {
      data.append(i == 0 ? "" : " ").append(number(numbers[i]));
    }
  }

  /** A number as it is written in SVG, with at most two decimals. */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.replaceFirst("\\.?0+$", "");
  }
}
