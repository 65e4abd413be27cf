// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobitopolo.topology.Bounds;
import tools.jackson.databind.JsonNode;

/**
 * A drawing of a GNS3 project, which is a picture in SVG: texts become notes, rectangles and ellipses
 * areas behind nodes, others are left out.
 */
final class Gns3Drawing {

  private static final Pattern TAG = Pattern.compile("<[^<>]*>");
  private static final Pattern FRAME = Pattern.compile("\\s*<svg\\b([^<>]*)>");
  private static final Pattern TEXT = Pattern.compile("<text\\b([^<>]*)>");
  private static final Pattern SHAPE =
      Pattern.compile(
          "\\s*<svg\\b[^<>]*>\\s*<(rect|ellipse)\\b([^<>]*)>\\s*(?:</\\1>\\s*)?</svg>\\s*");

  /** What is between a text's edge and its letters, in GNS3 and in a note. */
  private static final double MARGIN_THERE = 4;

  private static final double MARGIN_HERE = 12;

  private static final double FONT_SIZE = 10;
  private static final double LETTER_WIDTH = 7.5;
  private static final double LINE_HEIGHT = 17;
  private static final double FARTHEST = 1e7;

  private final Draft draft;
  private final String svg;
  private final String frame;
  private final double x;
  private final double y;
  private final double width;
  private final double height;
  private final boolean turned;

  private Gns3Drawing(Draft draft, JsonNode json) {
    this.draft = draft;
    svg = json.path("svg").asString("");
    Matcher matcher = FRAME.matcher(svg);
    frame = matcher.lookingAt() ? matcher.group(1) : "";
    x = Math.clamp(number(json, "x"), -FARTHEST, FARTHEST);
    y = Math.clamp(number(json, "y"), -FARTHEST, FARTHEST);
    width = length("width", 200);
    height = length("height", 60);
    turned = number(json, "rotation") % 360 != 0;
  }

  /** Takes all drawings over, those that lie below others first. */
  static void read(Draft draft, JsonNode drawings) {
    drawings.values().stream()
        .sorted(Comparator.comparingDouble(drawing -> number(drawing, "z")))
        .forEach(drawing -> new Gns3Drawing(draft, drawing).take());
  }

  private static double number(JsonNode json, String field) {
    JsonNode value = json.path(field);
    return value.isNumber() ? value.asDouble(0) : 0;
  }

  private double length(String name, double otherwise) {
    return Math.clamp(number(attribute(frame, name), otherwise), 20, 20_000);
  }

  private static double number(String text, double otherwise) {
    return text.matches("[0-9]{1,10}(\\.[0-9]{0,30})?") ? Double.parseDouble(text) : otherwise;
  }

  private static String attribute(String tag, String name) {
    Matcher matcher = Pattern.compile("(?<![\\w-])" + name + "=\"([^\"]{1,60})\"").matcher(tag);
    return matcher.find() ? matcher.group(1) : "";
  }

  private void take() {
    Matcher text = TEXT.matcher(svg);
    Matcher shape = SHAPE.matcher(svg);
    if (text.find()) {
      text(number(attribute(text.group(1), "font-size"), FONT_SIZE));
    } else if (shape.matches()) {
      shape(shape.group(1).equals("rect") ? "rectangle" : "ellipse", shape.group(2));
    } else {
      String kind = svg.contains("<line") ? "line" : "picture";
      leftOut(kind + where(), "only texts, rectangles and ellipses are taken over");
    }
  }

  private String where() {
    return " of "
        + Math.round(width)
        + " x "
        + Math.round(height)
        + " at "
        + Math.round(x)
        + ", "
        + Math.round(y);
  }

  private void leftOut(String what, String why) {
    draft.add(Finding.leftOut(draft.file(), what, why));
  }

  /** GNS3 keeps the size of the letters alone; a note has an edge around them, and one font. */
  private void text(double fontSize) {
    String text =
        TAG.matcher(svg)
            .replaceAll("")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&")
            .strip();
    if (text.isEmpty()) {
      leftOut("text" + where(), "it is empty");
      return;
    }
    List<String> lines = Arrays.asList(text.split("\n", -1));
    int longest = lines.stream().mapToInt(String::length).max().orElse(0);
    double scale = Math.min(1, FONT_SIZE / Math.max(1, fontSize));
    double wide = Math.max((width - 2 * MARGIN_THERE) * scale, longest * LETTER_WIDTH);
    double high = Math.max((height - 2 * MARGIN_THERE) * scale, lines.size() * LINE_HEIGHT);
    draft.note(
        text,
        new Bounds(
            x + MARGIN_THERE - MARGIN_HERE,
            y + MARGIN_THERE - MARGIN_HERE,
            Math.min(wide, 2000) + 2 * MARGIN_HERE,
            Math.min(high, 2000) + 2 * MARGIN_HERE));
    String subject = "text \"" + Draft.limit(text, 40) + "\"";
    draft.add(
        turned
            ? Finding.changed(draft.file(), subject, "note", "notes are not turned")
            : Finding.mapped(draft.file(), subject, "note"));
  }

  private void shape(String kind, String attributes) {
    if (turned) {
      leftOut(kind + where(), "areas are not turned");
      return;
    }
    draft.area(new Bounds(x, y, width, height), tint(attribute(attributes, "fill")));
    draft.add(
        Finding.changed(
            draft.file(),
            kind + where(),
            "area",
            kind.equals("ellipse")
                ? "areas are rectangles, in one of a few tints"
                : "areas have one of a few tints"));
  }

  /** The tint whose hue is nearest to a colour such as {@code #ffe1e2}; gray for those without one. */
  private static String tint(String color) {
    if (!color.matches("#[0-9A-Fa-f]{6}")) {
      return "gray";
    }
    int rgb = Integer.parseInt(color.substring(1), 16);
    double red = rgb >> 16;
    double green = rgb >> 8 & 0xff;
    double blue = rgb & 0xff;
    double most = Math.max(red, Math.max(green, blue));
    double range = most - Math.min(red, Math.min(green, blue));
    if (range < 8) {
      return "gray";
    }
    double sixth =
        most == red
            ? ((green - blue) / range + 6) % 6
            : most == green ? (blue - red) / range + 2 : (red - green) / range + 4;
    double hue = sixth * 60;
    if (hue < 20 || hue >= 340) {
      return "red";
    } else if (hue < 65) {
      return "orange";
    } else if (hue < 160) {
      return "green";
    } else if (hue < 195) {
      return "teal";
    } else if (hue < 255) {
      return "blue";
    }
    return "purple";
  }
}
