// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.export;

import java.io.OutputStream;
import java.util.Locale;
import java.util.stream.Collectors;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.mobitopolo.canvas.export.Drawing.Mark;

/**
 * Writes a drawing as SVG. Texts stay texts, which can be searched and changed; as the reader's
 * machine may lack the font, each names its width, to which any font is then fitted.
 */
public final class SvgFile {
  private static final String NAMESPACE = "http://www.w3.org/2000/svg";
  private static final String OTHER_FONTS = "DejaVu Sans, Verdana, Segoe UI, Helvetica, sans-serif";

  private final XMLStreamWriter xml;

  private SvgFile(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /**
   * Writes.
   *
   * @param title what the picture shows
   * @throws XMLStreamException when the stream fails
   */
  public static void write(Drawing drawing, String title, OutputStream out)
      throws XMLStreamException {
    XMLStreamWriter xml =
        XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, "UTF-8");
    new SvgFile(xml).write(drawing, title);
    xml.close();
  }

  private void write(Drawing drawing, String title) throws XMLStreamException {
    String width = Outline.number(drawing.bounds().width());
    String height = Outline.number(drawing.bounds().height());
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeStartElement("svg");
    xml.writeDefaultNamespace(NAMESPACE);
    xml.writeAttribute("width", width);
    xml.writeAttribute("height", height);
    xml.writeAttribute(
        "viewBox",
        Outline.number(drawing.bounds().left())
            + " "
            + Outline.number(drawing.bounds().top())
            + " "
            + width
            + " "
            + height);
    xml.writeStartElement("title");
    xml.writeCharacters(title);
    xml.writeEndElement();
    Outline frame =
        Outline.rectangle(
            drawing.bounds().left(),
            drawing.bounds().top(),
            drawing.bounds().width(),
            drawing.bounds().height(),
            0);
    mark(new Mark.Area(frame, drawing.background()));
    for (Mark mark : drawing.marks()) {
      xml.writeCharacters("\n");
      mark(mark);
    }
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void mark(Mark mark) throws XMLStreamException {
    switch (mark) {
      case Mark.Area area -> {
        xml.writeEmptyElement("path");
        xml.writeAttribute("d", area.outline().toSvg());
        paint("fill", area.color());
      }
      case Mark.Line line -> line(line);
      case Mark.Words words -> words(words);
    }
  }

  private void line(Mark.Line line) throws XMLStreamException {
    xml.writeEmptyElement("path");
    xml.writeAttribute("d", line.outline().toSvg());
    xml.writeAttribute("fill", "none");
    paint("stroke", line.color());
    xml.writeAttribute("stroke-width", Outline.number(line.width()));
    if (!line.dashes().isEmpty()) {
      xml.writeAttribute(
          "stroke-dasharray",
          line.dashes().stream().map(Outline::number).collect(Collectors.joining(" ")));
    }
    if (line.round()) {
      xml.writeAttribute("stroke-linecap", "round");
    }
  }

  private void words(Mark.Words words) throws XMLStreamException {
    Font font = words.font();
    xml.writeStartElement("text");
    xml.writeAttribute("x", Outline.number(words.x()));
    xml.writeAttribute("y", Outline.number(words.baseline()));
    xml.writeAttribute(
        "font-family",
        (font.getFamily().equals("System") ? "" : font.getFamily() + ", ") + OTHER_FONTS);
    xml.writeAttribute("font-size", Outline.number(font.getSize() * words.scale()));
    if (font.getStyle().toLowerCase(Locale.ROOT).contains("bold")) {
      xml.writeAttribute("font-weight", "bold");
    }
    if (words.width() > 0) {
      xml.writeAttribute("textLength", Outline.number(words.width()));
      xml.writeAttribute("lengthAdjust", "spacingAndGlyphs");
    }
    xml.writeAttribute("xml:space", "preserve");
    paint("fill", words.color());
    xml.writeCharacters(words.text());
    xml.writeEndElement();
  }

  private void paint(String attribute, Color color) throws XMLStreamException {
    xml.writeAttribute(
        attribute,
        String.format(
            Locale.ROOT,
            "#%02x%02x%02x",
            Math.round(color.getRed() * 255),
            Math.round(color.getGreen() * 255),
            Math.round(color.getBlue() * 255)));
    if (color.getOpacity() < 1) {
      xml.writeAttribute(attribute + "-opacity", Outline.number(color.getOpacity()));
    }
  }
}
