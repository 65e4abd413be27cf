// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.image.Image;
import javax.imageio.ImageIO;

/** Writes pictures of windows to the module's {@code target/gallery} for people to look at. */
public final class Pictures {
  private static final Path GALLERY = Path.of("target", "gallery");

  private Pictures() {}

  /** Saves an image as {@code target/gallery/<name>.png} and returns the file. */
  public static Path save(String name, Image image) {
    Path file = GALLERY.resolve(name + ".png");
    try {
      Files.createDirectories(GALLERY);
      ImageIO.write(SwingFXUtils.fromFXImage(image, null), "png", file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The picture " + file.toAbsolutePath() + " could not be written", e);
    }
    return file;
  }
}
