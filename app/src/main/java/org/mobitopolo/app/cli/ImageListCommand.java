// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.image.Template;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code image list}. */
@Command(name = "list", description = "List the images, and those that can be built.")
final class ImageListCommand implements Callable<Integer> {

  private static final int SHORT_HASH = 12;

  @Mixin private OutputOptions output;

  private final Surroundings surroundings;

  ImageListCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    ImageCatalogue catalogue = ImageCommand.catalogue(surroundings);
    List<Template> unbuilt =
        catalogue.templates().stream()
            .filter(template -> catalogue.find(template.name()).isEmpty())
            .toList();
    if (output.json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("images", catalogue.images().stream().map(ImageListCommand::json).toList());
      report.put("templates", catalogue.templates().stream().map(ImageListCommand::json).toList());
      OutputOptions.printJson(surroundings.out(), report);
      return 0;
    }
    Table table = new Table("NAME", "HASH", "DISK", "STORED", "MEMORY", "DESCRIPTION");
    String before = "";
    for (Image image : catalogue.images()) {
      String name = image.name().equals(before) ? image.name() + " (older)" : image.name();
      table.row(
          name,
          image.sha256().substring(0, SHORT_HASH),
          Units.bytes(image.sizeBytes()),
          Units.bytes(image.compressed().toFile().length()),
          image.memoryMiB() + " MiB",
          image.description());
      before = image.name();
    }
    for (Template template : unbuilt) {
      table.row(
          template.name(),
          "not built",
          Units.bytes((long) template.sizeMiB() << 20),
          "",
          template.memoryMiB() + " MiB",
          template.description());
    }
    table.print(surroundings.out());
    return 0;
  }

  /** An image as scripts see it. */
  static Map<String, Object> json(Image image) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", image.name());
    entry.put("sha256", image.sha256());
    entry.put("sizeBytes", image.sizeBytes());
    entry.put("storedBytes", image.compressed().toFile().length());
    entry.put("memoryMiB", image.memoryMiB());
    entry.put("description", image.description());
    entry.put("bundled", image.bundled());
    return entry;
  }

  private static Map<String, Object> json(Template template) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", template.name());
    entry.put("memoryMiB", template.memoryMiB());
    entry.put("description", template.description());
    entry.put("packages", new ArrayList<>(template.packages()));
    return entry;
  }
}
