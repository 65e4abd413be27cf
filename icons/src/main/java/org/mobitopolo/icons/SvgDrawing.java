// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.icons;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javafx.scene.paint.Color;
import javafx.scene.paint.CycleMethod;
import javafx.scene.paint.LinearGradient;
import javafx.scene.paint.Paint;
import javafx.scene.paint.Stop;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * A drawing read from one of our own SVG sources. It understands what the family uses: path,
 * circle, ellipse and rect (all become path data), presentation attributes inherited from the root,
 * and linear gradients. Anything else in a source is an error, so that a drawing never silently
 * loses a part.
 *
 * @param size width and height of the view box
 * @param shapes the shapes, bottom first
 */
record SvgDrawing(double size, List<Shape> shapes) {

  /**
   * One shape.
   *
   * @param path SVG path data
   * @param fill paint of the area, {@link #CURRENT} for the icon's colour, null for none
   * @param stroke paint of the outline, {@link #CURRENT} for the icon's colour, null for none
   * @param strokeWidth width of the outline in view box units
   * @param dashes dash pattern of the outline in view box units, empty for a solid one
   */
  record Shape(String path, Paint fill, Paint stroke, double strokeWidth, List<Double> dashes) {}

  /** Stands for {@code currentColor}. */
  static final Paint CURRENT = new Color(0, 0, 0, 0);

  /**
   * Reads a source of ours.
   *
   * @param resource path relative to this class
   */
  static SvgDrawing read(String resource) {
    try (InputStream in = SvgDrawing.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("There is no icon source " + resource);
      }
      XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
      factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
      return new Reader(resource, factory.createXMLStreamReader(in)).read();
    } catch (XMLStreamException e) {
      throw new IllegalArgumentException("The icon source " + resource + " is not well-formed", e);
    } catch (IOException e) {
      throw new UncheckedIOException("The icon source " + resource + " cannot be read", e);
    }
  }

  private static final class Reader {
    private final String resource;
    private final XMLStreamReader xml;
    private final Map<String, String> inherited = new HashMap<>();
    private final Map<String, Paint> gradients = new HashMap<>();
    private final List<Shape> shapes = new ArrayList<>();
    private double size;

    Reader(String resource, XMLStreamReader xml) {
      this.resource = resource;
      this.xml = xml;
    }

    SvgDrawing read() throws XMLStreamException {
      while (xml.hasNext()) {
        if (xml.next() == XMLStreamConstants.START_ELEMENT) {
          element();
        }
      }
      return new SvgDrawing(size, List.copyOf(shapes));
    }

    private void element() throws XMLStreamException {
      switch (xml.getLocalName()) {
        case "svg" -> root();
        case "defs" -> {}
        case "linearGradient" -> gradient();
        case "path" -> add(required("d"));
        case "circle" ->
            add(ellipse(number("cx", 0), number("cy", 0), number("r", 0), number("r", 0)));
        case "ellipse" ->
            add(ellipse(number("cx", 0), number("cy", 0), number("rx", 0), number("ry", 0)));
        case "rect" ->
            add(
                rectangle(
                    number("x", 0),
                    number("y", 0),
                    number("width", 0),
                    number("height", 0),
                    number("rx", 0)));
        default ->
            throw new IllegalArgumentException(
                "The icon source "
                    + resource
                    + " uses <"
                    + xml.getLocalName()
                    + ">, which icons do not support");
      }
    }

    private void root() {
      for (int i = 0; i < xml.getAttributeCount(); i++) {
        inherited.put(xml.getAttributeLocalName(i), xml.getAttributeValue(i));
      }
      size = Double.parseDouble(required("viewBox").split(" ")[2]);
    }

    private void gradient() throws XMLStreamException {
      String id = required("id");
      double x1 = number("x1", 0);
      double y1 = number("y1", 0);
      double x2 = number("x2", 1);
      double y2 = number("y2", 0);
      List<Stop> stops = new ArrayList<>();
      while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
        stops.add(new Stop(number("offset", 0), Color.web(required("stop-color"))));
        xml.nextTag();
      }
      gradients.put(
          "url(#" + id + ")",
          new LinearGradient(x1, y1, x2, y2, true, CycleMethod.NO_CYCLE, stops));
    }

    private void add(String path) {
      String dashes = attribute("stroke-dasharray");
      shapes.add(
          new Shape(
              path,
              paint("fill", "fill-opacity"),
              paint("stroke", "stroke-opacity"),
              number("stroke-width", 1),
              dashes == null
                  ? List.of()
                  : List.of(dashes.split(" ")).stream().map(Double::valueOf).toList()));
    }

    private Paint paint(String name, String opacityName) {
      String value = attribute(name);
      return switch (value) {
        case null -> null;
        case "none" -> null;
        case "currentColor" -> CURRENT;
        case String s when s.startsWith("url(") -> gradients.get(s);
        case String s -> Color.web(s, number(opacityName, 1));
      };
    }

    private String attribute(String name) {
      String own = xml.getAttributeValue(null, name);
      return own != null ? own : inherited.get(name);
    }

    private String required(String name) {
      String value = xml.getAttributeValue(null, name);
      if (value == null) {
        throw new IllegalArgumentException(
            "The icon source " + resource + " has a <" + xml.getLocalName() + "> without " + name);
      }
      return value;
    }

    /** A geometry attribute of the element itself, or an inherited presentation attribute. */
    private double number(String name, double otherwise) {
      String own = xml.getAttributeValue(null, name);
      if (own == null && name.startsWith("stroke")) {
        own = inherited.get(name);
      }
      return own == null ? otherwise : Double.parseDouble(own);
    }

    private static String ellipse(double cx, double cy, double rx, double ry) {
      return "M" + (cx - rx) + " " + cy + "a" + rx + " " + ry + " 0 1 1 " + 2 * rx + " 0a" + rx
          + " " + ry + " 0 1 1 " + -2 * rx + " 0z";
    }

    private static String rectangle(double x, double y, double w, double h, double r) {
      if (r == 0) {
        return "M" + x + " " + y + "h" + w + "v" + h + "h" + -w + "z";
      }
      String arc = "a" + r + " " + r + " 0 0 1 ";
      return "M"
          + (x + r)
          + " "
          + y
          + "h"
          + (w - 2 * r)
          + arc
          + r
          + " "
          + r
          + "v"
          + (h - 2 * r)
          + arc
          + -r
          + " "
          + r
          + "h"
          + (2 * r - w)
          + arc
          + -r
          + " "
          + -r
          + "v"
          + (2 * r - h)
          + arc
          + r
          + " "
          + -r
          + "z";
    }
  }
}
