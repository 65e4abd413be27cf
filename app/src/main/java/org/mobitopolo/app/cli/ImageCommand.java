// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.concurrent.Callable;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.image.ImageStore;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code image}: what VMs are made of. */
@Command(
    name = "image",
    description = "Images of machines: list, show, build, import, delete them.",
    synopsisSubcommandLabel = "COMMAND")
final class ImageCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  /** The command with those below it. */
  static CommandLine create(Surroundings surroundings) {
    return new CommandLine(new ImageCommand())
        .addSubcommand(new ImageListCommand(surroundings))
        .addSubcommand(new ImageShowCommand(surroundings))
        .addSubcommand(new ImageBuildCommand(surroundings))
        .addSubcommand(new ImageImportCommand(surroundings))
        .addSubcommand(new ImageDeleteCommand(surroundings));
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Say what is to be done with images.");
  }

  /** The images that there are. */
  static ImageCatalogue catalogue(Surroundings surroundings) {
    return ImageCatalogue.read(
        surroundings.installation().nativeParts(surroundings.folders()).images());
  }

  /** The user's own images. */
  static ImageStore store(Surroundings surroundings) {
    return new ImageStore(surroundings.folders().images());
  }
}
