// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

import java.util.List;
import java.util.Locale;

/**
 * The bandwidth over time as a picture that stands alone: SVG, readable on light and dark ground.
 */
public final class SvgPlot {

  private static final double WIDTH = 960;
  private static final double HEIGHT = 440;
  private static final double LEFT = 96;
  private static final double RIGHT = 28;
  private static final double TOP = 76;
  private static final double BOTTOM = 56;

  /** One point a half second reads as a line, not as noise. */
  private static final double SLICE_SECONDS = 0.5;

  private SvgPlot() {}

  /** Draws the result. */
  public static String draw(DemoResult result) {
    double end = Math.max(result.bandwidth().end(), SLICE_SECONDS);
    List<Double> rates = result.bandwidth().slices((int) Math.ceil(end / SLICE_SECONDS), end);
    RateAxis axis = RateAxis.of(rates);
    StringBuilder svg = new StringBuilder();
    append(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\""
            + " font-family=\"system-ui, sans-serif\" font-size=\"13\">%n",
        WIDTH,
        HEIGHT);
    svg.append(
        """
        <style>
          .ground { fill: #ffffff; } text { fill: #1f2328; } .faint { fill: #656d76; }
          .grid { stroke: #d8dee4; } .curve { stroke: #0969da; } .move { fill: #bf8700; fill-opacity: 0.14; }
          @media (prefers-color-scheme: dark) {
            .ground { fill: #0d1117; } text { fill: #e6edf3; } .faint { fill: #8d96a0; }
            .grid { stroke: #30363d; } .curve { stroke: #4493f8; } .move { fill: #d29922; }
          }
        </style>
        <rect class="ground" width="100%" height="100%"/>
        """);
    append(
        svg,
        "<text x=\"%.1f\" y=\"30\" font-size=\"17\" font-weight=\"600\">The protocol handler"
            + " follows its user</text>%n",
        LEFT);
    append(
        svg,
        "<text class=\"faint\" x=\"%.1f\" y=\"52\">One file copy. %.0f kbit/s with the protocol VM"
            + " in Tokyo, %.0f kbit/s in Florida: %.1f times as fast. The VM stood still for %.0f"
            + " ms.</text>%n",
        LEFT,
        result.tokyoKbps(),
        result.floridaKbps(),
        result.ratio(),
        result.migration().downtimeMs().orElse(0));
    appendAxes(svg, axis, end);
    appendMigration(svg, result, end);
    appendCurve(svg, rates, axis);
    return svg.append("</svg>\n").toString();
  }

  private static void append(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }

  private static double x(double seconds, double end) {
    return LEFT + seconds / end * (WIDTH - LEFT - RIGHT);
  }

  private static double y(double kbps, RateAxis axis) {
    return HEIGHT - BOTTOM - axis.place(kbps) * (HEIGHT - TOP - BOTTOM);
  }

  private static void appendAxes(StringBuilder svg, RateAxis axis, double end) {
    for (double tick : axis.ticks()) {
      append(
          svg,
          "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%3$.1f\" y2=\"%3$.1f\"/>%n",
          LEFT,
          WIDTH - RIGHT,
          y(tick, axis));
      append(
          svg,
          "<text class=\"faint\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
          LEFT - 10,
          y(tick, axis) + 4,
          RateAxis.label(tick));
    }
    double step = end > 60 ? 10 : 5;
    for (double seconds = 0; seconds <= end; seconds += step) {
      append(
          svg,
          "<text class=\"faint\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f s</text>%n",
          x(seconds, end),
          HEIGHT - BOTTOM + 22,
          seconds);
    }
  }

  private static void appendMigration(StringBuilder svg, DemoResult result, double end) {
    double from = x(result.migrationStart(), end);
    double to = x(result.migrationEnd(), end);
    append(
        svg,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"move\"/>%n",
        from,
        TOP,
        Math.max(2, to - from),
        HEIGHT - TOP - BOTTOM);
    String words = "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>%n";
    double base = HEIGHT - 12;
    append(svg, words, (LEFT + from) / 2, base, "in Tokyo");
    append(svg, words, (from + to) / 2, base, "migrates");
    append(svg, words, (to + WIDTH - RIGHT) / 2, base, "in Florida");
  }

  private static void appendCurve(StringBuilder svg, List<Double> rates, RateAxis axis) {
    svg.append(
        "<polyline fill=\"none\" class=\"curve\" stroke-width=\"2.2\""
            + " stroke-linejoin=\"round\" points=\"");
    for (int i = 0; i < rates.size(); i++) {
      append(svg, "%.1f,%.1f ", x(i + 0.5, rates.size()), y(rates.get(i), axis));
    }
    svg.append("\"/>\n");
  }
}
