// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.export;

import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javafx.scene.paint.Color;
import javafx.scene.shape.Path;
import javafx.scene.shape.Rectangle;
import javafx.scene.shape.Shape;
import javafx.scene.text.Font;
import javafx.scene.text.Text;
import javafx.scene.transform.Transform;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.apache.pdfbox.pdmodel.graphics.state.PDExtendedGraphicsState;
import org.apache.pdfbox.pdmodel.graphics.state.RenderingMode;
import org.apache.pdfbox.util.Matrix;
import org.mobitopolo.canvas.export.Drawing.Mark;
import org.mobitopolo.canvas.geometry.Box;

/**
 * Writes a drawing as a PDF of one page. Letters are drawn as the outlines that the canvas shows, so
 * the picture looks the same everywhere whatever fonts there are; invisible text of a standard font
 * lies over them, as far as that has the letters, so that it can be searched and copied.
 */
public final class PdfFile {
  /** Points of a page a scene pixel: three quarters, as for screens of 96 pixels an inch. */
  private static final float POINTS = 0.75f;

  /** The longest side of a page that readers must support, in points. */
  private static final float LONGEST = 14400;

  private final PDPageContentStream content;
  private final Map<Integer, PDExtendedGraphicsState> opacities = new HashMap<>();
  private final Map<Letters, Outline> letters = new HashMap<>();
  private final PDFont hidden = new PDType1Font(Standard14Fonts.FontName.HELVETICA);

  /** A text in a font. */
  private record Letters(String text, Font font) {}

  private PdfFile(PDPageContentStream content) {
    this.content = content;
  }

  /**
   * Writes.
   *
   * @param title what the picture shows
   * @throws IOException when the stream fails
   */
  public static void write(Drawing drawing, String title, OutputStream out) throws IOException {
    Box bounds = drawing.bounds();
    float scale =
        (float) Math.min(POINTS, LONGEST / Math.max(bounds.width(), bounds.height()));
    PDRectangle size =
        new PDRectangle((float) bounds.width() * scale, (float) bounds.height() * scale);
    try (PDDocument document = new PDDocument()) {
      document.getDocumentInformation().setTitle(title);
      document.getDocumentInformation().setCreator("Mobitopolo");
      PDPage page = new PDPage(size);
      document.addPage(page);
      try (PDPageContentStream content = new PDPageContentStream(document, page)) {
        // y grows upward on pages
        content.transform(
            new Matrix(
                scale,
                0,
                0,
                -scale,
                (float) -bounds.left() * scale,
                (float) bounds.bottom() * scale));
        PdfFile file = new PdfFile(content);
        Outline frame =
            Outline.rectangle(bounds.left(), bounds.top(), bounds.width(), bounds.height(), 0);
        file.area(frame, drawing.background());
        for (Mark mark : drawing.marks()) {
          file.mark(mark);
        }
      }
      document.save(out);
    }
  }

  private void mark(Mark mark) throws IOException {
    switch (mark) {
      case Mark.Area area -> area(area.outline(), area.color());
      case Mark.Line line -> line(line);
      case Mark.Words words -> words(words);
    }
  }

  private void area(Outline outline, Color color) throws IOException {
    if (!outline.steps().isEmpty()) {
      opacity(color);
      content.setNonStrokingColor(
          (float) color.getRed(), (float) color.getGreen(), (float) color.getBlue());
      trace(outline);
      content.fill();
    }
  }

  private void line(Mark.Line line) throws IOException {
    opacity(line.color());
    content.setStrokingColor(
        (float) line.color().getRed(),
        (float) line.color().getGreen(),
        (float) line.color().getBlue());
    content.setLineWidth((float) line.width());
    content.setLineCapStyle(line.round() ? 1 : 0);
    float[] dashes = new float[line.dashes().size()];
    for (int i = 0; i < dashes.length; i++) {
      dashes[i] = line.dashes().get(i).floatValue();
    }
    content.setLineDashPattern(dashes, 0);
    trace(line.outline());
    content.stroke();
  }

  private void words(Mark.Words words) throws IOException {
    Outline shape =
        letters.computeIfAbsent(new Letters(words.text(), words.font()), PdfFile::outline);
    content.saveGraphicsState();
    content.transform(
        new Matrix(
            (float) words.scale(),
            0,
            0,
            (float) words.scale(),
            (float) words.x(),
            (float) words.baseline()));
    area(shape, words.color());
    hiddenText(words);
    content.restoreGraphicsState();
  }

  private void hiddenText(Mark.Words words) throws IOException {
    float natural;
    try {
      natural = hidden.getStringWidth(words.text()) / 1000 * (float) words.font().getSize();
    } catch (IllegalArgumentException e) {
      return; // letters that the standard font lacks
    }
    content.beginText();
    content.setRenderingMode(RenderingMode.NEITHER);
    content.setFont(hidden, (float) words.font().getSize());
    if (words.width() > 0 && natural > 0) {
      content.setHorizontalScaling(
          (float) (words.width() / words.scale()) / natural * 100);
    }
    content.setTextMatrix(new Matrix(1, 0, 0, -1, 0, 0));
    content.showText(words.text());
    content.endText();
  }

  /** The outline of a text that begins at the origin. Nothing of it is in a scene. */
  private static Outline outline(Letters letters) {
    Text text = new Text(letters.text());
    text.setFont(letters.font());
    return Recorder.outline(
        (Path) Shape.union(text, new Rectangle()), Transform.translate(0, 0));
  }

  private void opacity(Color color) throws IOException {
    int percent = (int) Math.round(color.getOpacity() * 100);
    content.setGraphicsStateParameters(
        opacities.computeIfAbsent(
            percent,
            share -> {
              PDExtendedGraphicsState state = new PDExtendedGraphicsState();
              state.setNonStrokingAlphaConstant(share / 100f);
              state.setStrokingAlphaConstant(share / 100f);
              return state;
            }));
  }

  private void trace(Outline outline) throws IOException {
    List<Outline.Step> steps = outline.steps();
    for (Outline.Step step : steps) {
      switch (step) {
        case Outline.Step.Move(double x, double y) -> content.moveTo((float) x, (float) y);
        case Outline.Step.Line(double x, double y) -> content.lineTo((float) x, (float) y);
        case Outline.Step.Curve(double x1, double y1, double x2, double y2, double x, double y) ->
            content.curveTo(
                (float) x1, (float) y1, (float) x2, (float) y2, (float) x, (float) y);
        case Outline.Step.Close() -> content.closePath();
      }
    }
  }
}
