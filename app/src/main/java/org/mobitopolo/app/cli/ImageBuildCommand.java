// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.image.Template;
import org.mobitopolo.imagebuild.BuildImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code image build}. */
@Command(
    name = "build",
    description =
        "Build an image of packages of Debian or Ubuntu: this computer's apt fetches them, a VM of"
            + " this computer installs them. Needs no root.")
final class ImageBuildCommand extends ImageMaking {

  @Parameters(
      paramLabel = "NAME",
      description = "router, server, or a file with a template of your own.")
  private String name;

  ImageBuildCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    Template template = template(ImageCommand.catalogue(surroundings()));
    BuildImage work =
        new BuildImage(
            template,
            ImageCommand.store(surroundings()),
            session.hosts().parts(),
            surroundings().installation().guestPrograms(),
            surroundings().folders().cache().resolve("packages"));
    return make(session, "Build " + template.name(), work, work::image);
  }

  private Template template(ImageCatalogue catalogue) throws CliException {
    if (catalogue.template(name).isPresent()) {
      return catalogue.template(name).get();
    }
    if (Files.isRegularFile(Path.of(name))) {
      return Template.read(Path.of(name));
    }
    throw new CliException(
        "There is no template \""
            + name
            + "\", nor a file of that name. There are: "
            + catalogue.templates().stream().map(Template::name).collect(Collectors.joining(", "))
            + ".");
  }
}
