// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.image.Image;
import javax.imageio.ImageIO;
import javax.xml.stream.XMLStreamException;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.status.Notices;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.TopologyCanvas;
import org.mobitopolo.canvas.export.Drawing;
import org.mobitopolo.canvas.export.PdfFile;
import org.mobitopolo.canvas.export.SvgFile;

/** Writes pictures of the canvas to files, and says what came of it. */
final class PictureFile {
  private static final double PNG_SCALE = 2;

  /** The formats, by the ends of files' names. */
  enum Format {
    SVG("file.format-svg"),
    PDF("file.format-pdf"),
    PNG("file.format-png");

    private final String key;

    Format(String key) {
      this.key = key;
    }

    String label(Texts texts) {
      return texts.get(key);
    }

    String suffix() {
      return "." + name().toLowerCase(Locale.ROOT);
    }

    static Optional<Format> of(Path file) {
      String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
      return Arrays.stream(values()).filter(format -> name.endsWith(format.suffix())).findFirst();
    }

    static List<Format> all() {
      return List.of(values());
    }
  }

  /** Writes to a stream. */
  @FunctionalInterface
  private interface Content {
    void write(OutputStream out) throws IOException, XMLStreamException;
  }

  private PictureFile() {}

  /**
   * Takes a picture and writes it in the format that the file's name says. FX thread; does the
   * writing on another one.
   */
  static void write(TopologyCanvas canvas, Path file, Executor io, Notices notices, Texts texts) {
    Optional<Format> format = Format.of(file);
    if (format.isEmpty()) {
      notices.show(
          Notice.error(
              texts.get("file.picture-not-written"), texts.get("file.picture-which-format")));
      return;
    }
    String title = canvas.topology().name();
    Optional<Content> content =
        switch (format.get()) {
          case PNG -> canvas.picture(PNG_SCALE).map(PictureFile::png);
          case SVG -> canvas.drawing().map(drawing -> svg(drawing, title));
          case PDF -> canvas.drawing().map(drawing -> pdf(drawing, title));
        };
    content.ifPresent(picture -> io.execute(() -> write(picture, file, notices, texts)));
  }

  private static Content png(Image image) {
    return out -> ImageIO.write(SwingFXUtils.fromFXImage(image, null), "png", out);
  }

  private static Content svg(Drawing drawing, String title) {
    return out -> SvgFile.write(drawing, title, out);
  }

  private static Content pdf(Drawing drawing, String title) {
    return out -> PdfFile.write(drawing, title, out);
  }

  private static void write(Content content, Path file, Notices notices, Texts texts) {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      content.write(out);
    } catch (IOException | XMLStreamException e) {
      notices.show(
          Notice.error(
              texts.get("file.picture-not-written"),
              texts.get("file.picture-not-written.text", file, e.getMessage())));
      return;
    }
    notices.show(Notice.success(texts.get("file.picture-written"), file.toString()));
  }
}
