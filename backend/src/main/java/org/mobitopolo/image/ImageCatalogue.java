// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mobitopolo.task.LabException;

/**
 * The images of some folders: for each a description {@code <base>.json} and the image itself, {@code <base>.img.zst}. Of several images of one
 * name the newest is meant by it; the others are found by their hash, since VMs may have been made of them.
 *
 * @param images by name, the newest of a name first
 * @param templates what can be built, by name, whether it was or not
 */
public record ImageCatalogue(List<Image> images, List<Template> templates) {

  public ImageCatalogue {
    images = images.stream().sorted(Comparator.comparing(Image::name).thenComparing(Comparator.comparing(Image::created).reversed())).toList();
    templates = templates.stream().sorted(Comparator.comparing(Template::name)).toList();
  }

  /**
   * Reads all descriptions.
   *
   * @param folders those that don't exist are empty
   * @throws LabException.FilesUnusable if a folder or a description can't be read
   */
  public static ImageCatalogue read(Collection<Path> folders) {
    List<Image> found = new ArrayList<>();
    for (Path folder : folders) {
      if (Files.exists(folder)) {
        found.addAll(images(folder));
      }
    }
    return new ImageCatalogue(found, Template.all());
  }

  private static List<Image> images(Path folder) {
    List<Image> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
      for (Path file : files) {
        found.add(ImageDescription.read(file));
      }
    } catch (IOException e) {
      throw new LabException.FilesUnusable(
          "The folder of guest images, " + folder + ", can't be read.", "No VM can be created.", "Check its permissions.", e);
    }
    return found;
  }

  /** The image of that name or hash. */
  public Optional<Image> find(String nameOrSha256) {
    return images.stream().filter(image -> image.name().equals(nameOrSha256) || image.sha256().equals(nameOrSha256)).findFirst();
  }

  /** Those that their names mean: of each name the newest. */
  public List<Image> newest() {
    return images.stream().filter(image -> find(image.name()).equals(Optional.of(image))).toList();
  }

  /** What can be built under that name. */
  public Optional<Template> template(String name) {
    return templates.stream().filter(template -> template.name().equals(name)).findFirst();
  }

  /**
   * The image of that name or hash.
   *
   * @throws LabException.NotPossible if there is none, with what to do about it
   */
  public Image require(String nameOrSha256) {
    return find(nameOrSha256)
        .orElseThrow(() -> new LabException.NotPossible("There is no image \"" + nameOrSha256 + "\" on this computer.", "", advice(nameOrSha256)));
  }

  private String advice(String missing) {
    if (template(missing).isPresent()) {
      return "Build it with \"mobitopolo image build " + missing + "\".";
    }
    String names = images.stream().map(Image::name).distinct().collect(Collectors.joining(", "));
    return "Import it with \"mobitopolo image import FILE --name NAME\", or choose one of: " + names + ".";
  }
}
