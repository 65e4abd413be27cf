// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mobitopolo.task.LabException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The images of one folder: for each a description {@code <name>.json} and the image itself, {@code <name>.img.zst}.
 *
 * @param images by name
 */
public record ImageCatalogue(List<Image> images) {

  public ImageCatalogue {
    images = images.stream().sorted(Comparator.comparing(Image::name)).toList();
  }

  /**
   * Reads all descriptions of a folder.
   *
   * @throws LabException.FilesUnusable if the folder or one of them can't be read
   */
  public static ImageCatalogue read(Path folder) {
    List<Image> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
      for (Path file : files) {
        found.add(image(file));
      }
    } catch (IOException e) {
      throw unusable("The folder of guest images, " + folder + ", can't be read.", e);
    }
    return new ImageCatalogue(found);
  }

  private static Image image(Path file) throws IOException {
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw unusable("The description of a guest image, " + file + ", is damaged.", e);
    }
    String name = json.path("name").asString("");
    String sha256 = json.path("sha256").asString("");
    long size = json.path("sizeBytes").asLong(0);
    Path compressed = file.resolveSibling(name + ".img.zst");
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}") || !sha256.matches("[0-9a-f]{64}") || size <= 0 || !Files.isReadable(compressed)) {
      throw unusable("The description of a guest image, " + file + ", lacks name, sha256 or sizeBytes, or " + compressed + " is not there.", null);
    }
    return new Image(
        name, sha256, size, json.path("description").asString(""), json.path("defaults").path("memoryMiB").asInt(64), compressed);
  }

  /** The image of that name or hash. */
  public Optional<Image> find(String nameOrSha256) {
    return images.stream().filter(image -> image.name().equals(nameOrSha256) || image.sha256().equals(nameOrSha256)).findFirst();
  }

  /**
   * The image of that name or hash.
   *
   * @throws LabException.NotPossible if there is none, naming those that there are
   */
  public Image require(String nameOrSha256) {
    return find(nameOrSha256)
        .orElseThrow(
            () ->
                new LabException.NotPossible(
                    "There is no image \"" + nameOrSha256 + "\".",
                    "",
                    "Choose one of: " + images.stream().map(Image::name).collect(Collectors.joining(", ")) + "."));
  }

  private static LabException unusable(String problem, Exception cause) {
    return new LabException.FilesUnusable(problem, "No VM can be created.", "Install Mobitopolo again, or build it with mvn package.", cause);
  }
}
