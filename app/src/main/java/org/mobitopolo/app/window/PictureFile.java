// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.IOException;
import java.nio.file.Path;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.image.Image;
import javax.imageio.ImageIO;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.status.Notices;

/** Writes a picture of the canvas as PNG, and says what came of it. Does I/O. */
final class PictureFile {
  private PictureFile() {}

  static void write(Image image, Path file, Notices notices) {
    try {
      ImageIO.write(SwingFXUtils.fromFXImage(image, null), "png", file.toFile());
      notices.show(Notice.success("Picture written", file.toString()));
    } catch (IOException e) {
      notices.show(
          Notice.error(
              "The picture was not written",
              file + ": " + e.getMessage() + ". Try another place."));
    }
  }
}
