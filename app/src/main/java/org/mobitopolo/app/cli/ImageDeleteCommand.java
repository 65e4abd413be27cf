// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code image delete}. */
@Command(
    name = "delete",
    description =
        "Delete images of your own from this computer. VMs that were made of them go on; further"
            + " ones can't be made, and hosts that don't have the image yet can't get it.")
final class ImageDeleteCommand implements Callable<Integer> {

  @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Names or hashes.")
  private List<String> names;

  @Mixin private OutputOptions output;

  private final Surroundings surroundings;

  ImageDeleteCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    ImageCatalogue catalogue = ImageCommand.catalogue(surroundings);
    List<Image> images = names.stream().map(catalogue::require).toList();
    for (Image image : images) {
      ImageCommand.store(surroundings).delete(image);
      if (!output.json()) {
        surroundings.out().println("Deleted " + image.name() + " (" + image.sha256() + ").");
      }
    }
    if (output.json()) {
      OutputOptions.printJson(
          surroundings.out(), Map.of("deleted", images.stream().map(Image::sha256).toList()));
    }
    return 0;
  }
}
