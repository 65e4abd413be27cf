// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.image.WritableImage;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;
import org.mobitopolo.canvas.export.Drawing;
import org.mobitopolo.canvas.export.PdfFile;
import org.mobitopolo.canvas.export.SvgFile;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ExportTest extends CanvasTest {
  private static final Path GALLERY = Path.of("target", "gallery");

  private Drawing drawing() throws Exception {
    robot.interact(
        () -> {
          canvas.setDark(true);
          canvas.setDecorations(Examples.running());
          canvas.selection().set(Set.of("protocol"));
          canvas.zoomTo(0.2);
        });
    waitUntil(() -> canvas.zoomProperty().get() == 0.2, 10);
    return on(() -> canvas.drawing().orElseThrow());
  }

  @Test
  void anSvgFileHoldsAllTextsAndTheSizeOfTheTopology() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SvgFile.write(drawing(), "Files & <servers>", bytes);
    Files.createDirectories(GALLERY);
    Files.write(GALLERY.resolve("export.svg"), bytes.toByteArray());
    Document svg =
        DocumentBuilderFactory.newDefaultNSInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(bytes.toByteArray()));
    assertThat(svg.getDocumentElement().getAttribute("viewBox")).isEqualTo("0 0 1120 568");
    assertThat(svg.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo("Files & <servers>");
    NodeList elements = svg.getElementsByTagName("text");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < elements.getLength(); i++) {
      texts.add(elements.item(i).getTextContent());
      assertThat(Double.parseDouble(((Element) elements.item(i)).getAttribute("x")))
          .isBetween(0.0, 1120.0);
    }
    assertThat(texts)
        .contains("protocol", "Tokyo", "10.0.1.1/24", "120 kbit/s", "Florida", "41 %")
        .anyMatch(text -> text.startsWith("Drag protocol to Florida"));
  }

  @Test
  void aPdfLooksAsTheCanvasDoesAndItsTextCanBeFound() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PdfFile.write(drawing(), "Files", bytes);
    Files.createDirectories(GALLERY);
    Files.write(GALLERY.resolve("export.pdf"), bytes.toByteArray());
    WritableImage wanted = on(() -> canvas.picture(1).orElseThrow());
    try (PDDocument pdf = Loader.loadPDF(bytes.toByteArray())) {
      assertThat(pdf.getNumberOfPages()).isEqualTo(1);
      assertThat(new PDFTextStripper().getText(pdf)).contains("protocol", "Tokyo", "10.0.1.1/24");
      BufferedImage page = new PDFRenderer(pdf).renderImageWithDPI(0, 96);
      ImageIO.write(page, "png", GALLERY.resolve("export-pdf.png").toFile());
      BufferedImage canvasPicture = SwingFXUtils.fromFXImage(wanted, null);
      assertThat(page.getWidth()).isEqualTo(canvasPicture.getWidth());
      assertThat(page.getHeight()).isEqualTo(canvasPicture.getHeight());
      // edges of letters and lines are smoothed differently; anything missing would be far more
      assertThat(differing(page, canvasPicture)).isLessThan(0.02);
    }
  }

  /** The share of pixels that clearly differ. */
  private static double differing(BufferedImage one, BufferedImage other) {
    int count = 0;
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        int a = one.getRGB(x, y);
        int b = other.getRGB(x, y);
        int difference = 0;
        for (int shift = 0; shift < 24; shift += 8) {
          difference = Math.max(difference, Math.abs((a >> shift & 255) - (b >> shift & 255)));
        }
        if (difference > 48) {
          count++;
        }
      }
    }
    return (double) count / (one.getWidth() * one.getHeight());
  }

  @Test
  void takingAPictureLeavesTheCanvasAsItWas() throws Exception {
    drawing();
    assertThat(find("#node-protocol")).isNull();
    assertThat(on(() -> canvas.zoomProperty().get())).isEqualTo(0.2);
    assertThat(on(() -> canvas.selection().ids())).containsExactly("protocol");
    assertThat(on(() -> canvas.getPseudoClassStates().toString())).contains("dark");
  }
}
